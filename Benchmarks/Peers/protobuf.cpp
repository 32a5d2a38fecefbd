// protobuf: one message object that is used again, as its documentation advises.
#include "message.h"
#include "net_state.pb.h"

namespace {

proto::NetState encoded, decoded;
uint8_t buffer[1 << 16];
peers::Message message;

void encodeQueue(proto::Queue *to, const net_queue &from) {
  to->set_descriptors(from.descriptors);
  to->set_available(from.available);
  to->set_used(from.used);
  to->set_size(from.size);
  to->set_size_max(from.size_max);
  to->set_in_use(from.in_use);
  to->set_last_available(from.last_available);
  to->set_shadow_available(from.shadow_available);
  to->set_used_index(from.used_index);
  to->set_signalled_used(from.signalled_used);
  to->set_vector(from.vector);
  to->set_enabled(from.enabled);
  to->set_is_signalled_used_valid(from.is_signalled_used_valid);
  to->set_notifies(from.notifies);
  to->set_available_wraps(from.available_wraps);
  to->set_used_wraps(from.used_wraps);
  to->set_is_reset(from.is_reset);
}

void encodeState(proto::NetState *to, const net_state &from) {
  to->set_host_features(from.host_features);
  to->set_guest_features(from.guest_features);
  to->set_guest_offloads(from.guest_offloads);
  to->set_config_generation(from.config_generation);
  to->set_speed(from.speed);
  to->set_link_status(from.link_status);
  to->set_queue_pairs_max(from.queue_pairs_max);
  to->set_queue_pairs(from.queue_pairs);
  to->set_mtu(from.mtu);
  to->set_config_vector(from.config_vector);
  to->set_queue_selected(from.queue_selected);
  to->set_device_status(from.device_status);
  to->set_interrupt_status(from.interrupt_status);
  to->set_duplex(from.duplex);
  to->set_announcements(from.announcements);
  to->set_promiscuous(from.promiscuous);
  to->set_all_multicast(from.all_multicast);
  to->set_all_unicast(from.all_unicast);
  to->set_no_multicast(from.no_multicast);
  to->set_no_unicast(from.no_unicast);
  to->set_no_broadcast(from.no_broadcast);
  to->set_multicast_overflow(from.multicast_overflow);
  to->set_unicast_overflow(from.unicast_overflow);
  to->set_rss_enabled(from.rss_enabled);
  to->set_rss_redirects(from.rss_redirects);
  to->set_mac_first_multicast(from.mac_first_multicast);
  to->set_rss_hash_types(from.rss_hash_types);
  to->set_rss_default_queue(from.rss_default_queue);
  to->set_rss_indirection_count(from.rss_indirection_count);
  to->set_mac(peers::macToNumber(from.mac));
  for (uint32_t i = 0; i < from.mac_count; i++) to->add_macs(peers::macToNumber(from.macs[i]));
  to->mutable_vlans()->Add(from.vlans, from.vlans + NET_VLAN_WORDS);
  to->mutable_rss_indirections()->Add(from.rss_indirections, from.rss_indirections + NET_INDIRECTIONS);
  to->set_rss_key(from.rss_key, NET_KEY);
  to->mutable_queues()->Reserve(NET_QUEUES);
  for (int i = 0; i < NET_QUEUES; i++) encodeQueue(to->add_queues(), from.queues[i]);
}

void decodeQueue(net_queue &to, const proto::Queue &from) {
  to.descriptors = from.descriptors();
  to.available = from.available();
  to.used = from.used();
  to.size = from.size();
  to.size_max = from.size_max();
  to.in_use = from.in_use();
  to.last_available = static_cast<uint16_t>(from.last_available());
  to.shadow_available = static_cast<uint16_t>(from.shadow_available());
  to.used_index = static_cast<uint16_t>(from.used_index());
  to.signalled_used = static_cast<uint16_t>(from.signalled_used());
  to.vector = static_cast<uint16_t>(from.vector());
  to.enabled = from.enabled();
  to.is_signalled_used_valid = from.is_signalled_used_valid();
  to.notifies = from.notifies();
  to.available_wraps = from.available_wraps();
  to.used_wraps = from.used_wraps();
  to.is_reset = from.is_reset();
}

bool decodeState(net_state &to, const proto::NetState &from) {
  to.host_features = from.host_features();
  to.guest_features = from.guest_features();
  to.guest_offloads = from.guest_offloads();
  to.config_generation = from.config_generation();
  to.speed = from.speed();
  to.link_status = static_cast<uint16_t>(from.link_status());
  to.queue_pairs_max = static_cast<uint16_t>(from.queue_pairs_max());
  to.queue_pairs = static_cast<uint16_t>(from.queue_pairs());
  to.mtu = static_cast<uint16_t>(from.mtu());
  to.config_vector = static_cast<uint16_t>(from.config_vector());
  to.queue_selected = static_cast<uint16_t>(from.queue_selected());
  to.device_status = static_cast<uint8_t>(from.device_status());
  to.interrupt_status = static_cast<uint8_t>(from.interrupt_status());
  to.duplex = static_cast<uint8_t>(from.duplex());
  to.announcements = static_cast<uint8_t>(from.announcements());
  to.promiscuous = from.promiscuous();
  to.all_multicast = from.all_multicast();
  to.all_unicast = from.all_unicast();
  to.no_multicast = from.no_multicast();
  to.no_unicast = from.no_unicast();
  to.no_broadcast = from.no_broadcast();
  to.multicast_overflow = from.multicast_overflow();
  to.unicast_overflow = from.unicast_overflow();
  to.rss_enabled = from.rss_enabled();
  to.rss_redirects = from.rss_redirects();
  to.mac_first_multicast = from.mac_first_multicast();
  to.rss_hash_types = from.rss_hash_types();
  to.rss_default_queue = static_cast<uint16_t>(from.rss_default_queue());
  to.rss_indirection_count = static_cast<uint16_t>(from.rss_indirection_count());
  peers::numberToMac(from.mac(), to.mac);
  if (from.macs_size() > NET_MACS || from.vlans_size() != NET_VLAN_WORDS ||
      from.rss_indirections_size() != NET_INDIRECTIONS || from.rss_key().size() != NET_KEY ||
      from.queues_size() != NET_QUEUES)
    return false;
  to.mac_count = static_cast<uint32_t>(from.macs_size());
  for (int i = 0; i < from.macs_size(); i++) peers::numberToMac(from.macs(i), to.macs[i]);
  std::memcpy(to.vlans, from.vlans().data(), sizeof to.vlans);
  for (int i = 0; i < NET_INDIRECTIONS; i++) to.rss_indirections[i] = static_cast<uint16_t>(from.rss_indirections(i));
  std::memcpy(to.rss_key, from.rss_key().data(), NET_KEY);
  for (int i = 0; i < NET_QUEUES; i++) decodeQueue(to.queues[i], from.queues(i));
  return true;
}

size_t encode(const net_state *state, int hasDigest) {
  encoded.Clear();
  encodeState(&encoded, *state);
  const size_t count = encoded.ByteSizeLong();
  if (count > sizeof buffer) return 0;
  encoded.SerializeWithCachedSizesToArray(buffer);
  return message.set(buffer, count, hasDigest);
}

int decode(net_state *state, int hasDigest) {
  if (!message.isWhole(hasDigest)) return 0;
  return decoded.ParseFromArray(message.octets, static_cast<int>(message.count)) && decodeState(*state, decoded);
}

}  // namespace

extern const peer_codec protobufCodec = {"protobuf", encode, decode};
