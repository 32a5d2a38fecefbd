import CPeers
import MigrationStream

/// The layout of `net_state`: fields in the order of its members, so that its octets up to the table of addresses are the
/// block; the addresses in use are the variable part.
enum NetLayout {
  static func build() throws(StreamError) -> LayoutBuilder {
    var builder = LayoutBuilder()
    try builder.begin(name: octets("net"))
    for name: StaticString in ["host_features", "guest_features", "guest_offloads"] {
      try builder.field(FieldAttributes(.flags, width: 8), name: octets(name))
    }
    try builder.field(FieldAttributes(.unsigned, width: 4), name: octets("config_generation"))
    try builder.field(FieldAttributes(.unsigned, width: 4), name: octets("speed"), unit: octets("Mbit/s"))
    try builder.field(FieldAttributes(.mac, width: 6), name: octets("mac"))
    for name: StaticString in [
      "link_status", "queue_pairs_max", "queue_pairs", "mtu", "config_vector", "queue_selected",
    ] {
      try builder.field(FieldAttributes(.unsigned, width: 2), name: octets(name))
    }
    for name: StaticString in ["device_status", "interrupt_status", "duplex", "announcements"] {
      try builder.field(FieldAttributes(.unsigned, width: 1), name: octets(name))
    }
    for name: StaticString in [
      "promiscuous", "all_multicast", "all_unicast", "no_multicast", "no_unicast", "no_broadcast",
      "multicast_overflow", "unicast_overflow", "rss_enabled", "rss_redirects",
    ] {
      try builder.field(FieldAttributes(.bool, width: 1), name: octets(name))
    }
    try builder.field(FieldAttributes(.unsigned, width: 4), name: octets("mac_first_multicast"))
    try builder.field(
      FieldAttributes(.mac, width: 6, shape: .countedArray, count: UInt32(NET_MACS)), name: octets("macs"))
    try builder.field(FieldAttributes(.flags, width: 4), name: octets("rss_hash_types"))
    try builder.field(FieldAttributes(.unsigned, width: 2), name: octets("rss_default_queue"))
    try builder.field(FieldAttributes(.unsigned, width: 2), name: octets("rss_indirection_count"))
    try builder.field(FieldAttributes(.bitmap, width: UInt32(8 * NET_VLAN_WORDS)), name: octets("vlans"))
    try builder.field(
      FieldAttributes(.unsigned, width: 2, shape: .fixedArray, count: UInt32(NET_INDIRECTIONS)),
      name: octets("rss_indirections"))
    try builder.field(FieldAttributes(.bytes, width: UInt32(NET_KEY)), name: octets("rss_key"))
    try queues(&builder)
    try builder.finish()
    return builder
  }

  private static func queues(_ builder: inout LayoutBuilder) throws(StreamError) {
    try builder.beginGroup(
      FieldAttributes(.structure, shape: .fixedArray, count: UInt32(NET_QUEUES)), name: octets("queues"))
    for name: StaticString in ["descriptors", "available", "used"] {
      try builder.field(FieldAttributes(.guestAddress, width: 8), name: octets(name))
    }
    for name: StaticString in ["size", "size_max", "in_use"] {
      try builder.field(FieldAttributes(.count, width: 4), name: octets(name))
    }
    for name: StaticString in [
      "last_available", "shadow_available", "used_index", "signalled_used", "vector",
    ] {
      try builder.field(FieldAttributes(.unsigned, width: 2), name: octets(name))
    }
    for name: StaticString in [
      "enabled", "is_signalled_used_valid", "notifies", "available_wraps", "used_wraps", "is_reset",
    ] {
      try builder.field(FieldAttributes(.bool, width: 1), name: octets(name))
    }
    try builder.field(FieldAttributes(.padding, width: 4), name: octets("reserved"))
    try builder.endGroup()
  }

  @_lifetime(immortal)
  private static func octets(_ text: StaticString) -> RawSpan { text.octets }
}
