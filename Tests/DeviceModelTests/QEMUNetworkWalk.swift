import Foundation

/// A section of a QEMU stream as `Corpus/qemu` keeps it: lines of hexadecimal digits, `COUNT x DIGITS` for repetitions.
enum RecordedSection {
  static func octets(_ name: String) throws -> [UInt8] {
    let file = ShippedModels.root.appending(path: "Corpus/qemu/\(name).section.txt")
    var octets: [UInt8] = []
    for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
      let parts = line.split(separator: " ")
      let digits = Array(parts[parts.count - 1].utf8)
      let part = stride(from: 0, to: digits.count, by: 2).compactMap {
        UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
      }
      for _ in 0..<(parts.count == 3 ? Int(parts[0]) ?? 0 : 1) { octets += part }
    }
    return octets
  }
}

/// Walks a virtio network device on a conventional PCI bus in the order in which QEMU writes it, with the widths of the
/// crosswalk.
struct QEMUNetworkWalk {
  enum Fault: Error { case unknownItem(String), truncated(String), unknownSubsection(String, at: Int) }

  let octets: [UInt8]
  private(set) var position = 0
  /// Items that came up.
  private(set) var met: Set<String> = []
  private let widths: [String: Int]
  private let vectorCount: Int
  /// How many queues of every device the stream has room for.
  private let queueCountMax = 1024

  init(_ octets: [UInt8], _ crosswalk: Crosswalk, vectorCount: Int) {
    self.octets = octets
    self.vectorCount = vectorCount
    let known = crosswalk.rows.compactMap { row in row.octetCount.map { (row.item, $0) } }
    widths = Dictionary(known) { first, _ in first }
  }

  /// Steps over one occurrence of an item, and gives its value where 8 octets hold it.
  @discardableResult
  private mutating func take(_ item: String) throws -> Int {
    guard let width = widths[item] else { throw Fault.unknownItem(item) }
    guard octets.count - position >= width else { throw Fault.truncated(item) }
    met.insert(item)
    let value = octets[position..<position + width].suffix(7).reduce(0) { $0 << 8 | Int($1) }
    position += width
    return value
  }

  private mutating func take(_ items: [String]) throws {
    for item in items { try take(item) }
  }

  mutating func device() throws {
    try function()
    try registers()
    try network()
    while position < octets.count { try subsection() }
  }

  private mutating func function() throws {
    try take("pci/version")
    let start = position
    try take([
      "pci/config 0x00 vendor", "pci/config 0x02 device", "pci/config 0x04 command", "pci/config 0x06 status",
      "pci/config 0x08 revision", "pci/config 0x09 class", "pci/config 0x0c cache line", "pci/config 0x0d latency",
      "pci/config 0x0e header type", "pci/config 0x0f self test", "pci/config 0x10 base addresses",
      "pci/config 0x28 CardBus", "pci/config 0x2c subsystem vendor", "pci/config 0x2e subsystem", "pci/config 0x30 ROM",
      "pci/config 0x34 first capability", "pci/config 0x35 reserved", "pci/config 0x3c interrupt line",
      "pci/config 0x3d interrupt pin", "pci/config 0x3e grant and latency", "pci/config 0x40 capabilities",
    ])
    guard position - start == 256 else { throw Fault.truncated("pci/config") }
    try take("pci/interrupt pins")
    for _ in 0..<vectorCount { try take(["msix/address", "msix/data", "msix/control"]) }
    for _ in 0..<(vectorCount + 7) / 8 { try take("msix/pending, one octet for eight") }
    try take("config_vector")
  }

  private mutating func registers() throws {
    try take(["status", "isr", "queue_sel", "guest_features, low half"])
    let end = try take("config_len") + position
    for item in [
      "config mac", "config status", "config max_virtqueue_pairs", "config mtu", "config speed", "config duplex",
      "config rss_max_key_size", "config rss_max_indirection_table_length", "config supported_hash_types",
    ] where position < end {
      try take(item)
    }
    let queueCount = try take("number of queues")
    for _ in 0..<queueCount { try take(["queue num", "queue desc", "queue last_avail_idx", "queue vector"]) }
  }

  /// With one pair of queues, and offloads that the driver can switch.
  private mutating func network() throws {
    try take(["mac", "tx_waiting, first pair", "mergeable_rx_bufs", "net status", "promisc", "allmulti"])
    let addressCount = try take("mac_table.in_use")
    for _ in 0..<addressCount { try take("mac_table.macs, one address") }
    try take([
      "vlans", "has_vnet_hdr", "mac_table.multi_overflow", "mac_table.uni_overflow", "alluni", "nomulti", "nouni",
      "nobcast", "has_ufo", "curr_guest_offloads",
    ])
  }

  /// One octet 5, the name with its length, a version of four octets.
  private mutating func subsectionHead() throws -> String {
    guard octets.count - position > 2, octets[position] == 5 else { throw Fault.unknownSubsection("", at: position) }
    let length = Int(octets[position + 1])
    guard octets.count - position >= 6 + length else { throw Fault.truncated("subsection") }
    let name = String(decoding: octets[position + 2..<position + 2 + length], as: UTF8.self)
    position += 6 + length
    return name
  }

  private mutating func subsection() throws {
    let name = try subsectionHead()
    switch name {
    case "virtio-net-device/rss":
      try take(["enabled", "redirect", "populate_hash", "hash_types"].map { "\(name) \($0)" })
      let entryCount = try take("\(name) indirections_len")
      try take(["\(name) default_queue", "\(name) key"])
      for _ in 0..<entryCount { try take("\(name) table, one entry") }
    case "virtio/64bit_features", "virtio/started": try take(name)
    case "virtio/virtqueues":
      for _ in 0..<queueCountMax { try take(["\(name) avail", "\(name) used"]) }
    case "virtio/ringsize":
      for _ in 0..<queueCountMax { try take("\(name) num_default") }
    case "virtio/packed_virtqueues":
      let items = ["last_avail_idx", "last_avail_wrap_counter", "used_idx", "used_wrap_counter", "inuse"]
      for _ in 0..<queueCountMax { try take(items.map { "\(name) \($0)" }) }
    case "virtio/extra_state":
      let inner = try subsectionHead()
      guard inner == "virtio_pci/modern_state" else { throw Fault.unknownSubsection(inner, at: position) }
      try take(["dfselect", "gfselect", "guest_features"].map { "\(name) \($0)" })
      let items = ["num", "unused", "enabled", "desc", "avail", "used"].map { "\(name) queue \($0)" }
      for _ in 0..<queueCountMax { try take(items) }
    default: throw Fault.unknownSubsection(name, at: position)
    }
  }
}
