// FlatBuffers: the builder is used again; a message goes through the Verifier before any of it is read.
// Compiled twice, for either schema.
#include "message.h"
#include <flatbuffers/flatbuffers.h>
#if QUEUES_ARE_TABLES
#include "net_state_tables_generated.h"
namespace schema = flat_tables;
#define CODEC flatbuffersTablesCodec
#define NAME "FlatBuffers"
#else
#include "net_state_structs_generated.h"
namespace schema = flat_structs;
#define CODEC flatbuffersStructsCodec
#define NAME "FlatBuffers, queues as structs"
#endif

namespace {

flatbuffers::FlatBufferBuilder builder(1 << 16);
peers::Message message;

#if QUEUES_ARE_TABLES
auto encodeQueues(const net_state &state) {
  flatbuffers::Offset<schema::Queue> queues[NET_QUEUES];
  for (int i = 0; i < NET_QUEUES; i++) {
    const net_queue &from = state.queues[i];
    queues[i] = schema::CreateQueue(
        builder, from.descriptors, from.available, from.used, from.size, from.size_max, from.in_use,
        from.last_available, from.shadow_available, from.used_index, from.signalled_used, from.vector, from.enabled,
        from.is_signalled_used_valid, from.notifies, from.available_wraps, from.used_wraps, from.is_reset);
  }
  return builder.CreateVector(queues, NET_QUEUES);
}
#else
auto encodeQueues(const net_state &state) {
  schema::Queue queues[NET_QUEUES];
  for (int i = 0; i < NET_QUEUES; i++) {
    const net_queue &from = state.queues[i];
    queues[i] = schema::Queue(
        from.descriptors, from.available, from.used, from.size, from.size_max, from.in_use, from.last_available,
        from.shadow_available, from.used_index, from.signalled_used, from.vector, from.enabled,
        from.is_signalled_used_valid, from.notifies, from.available_wraps, from.used_wraps, from.is_reset);
  }
  return builder.CreateVectorOfStructs(queues, NET_QUEUES);
}
#endif

schema::Mac encodeMac(const uint8_t *mac) { return schema::Mac(flatbuffers::span<const uint8_t, 6>(mac, 6)); }

void encodeState(const net_state &from) {
  schema::Mac addresses[NET_MACS];
  for (uint32_t i = 0; i < from.mac_count; i++) addresses[i] = encodeMac(from.macs[i]);
  const auto macs = builder.CreateVectorOfStructs(addresses, from.mac_count);
  const auto vlans = builder.CreateVector(from.vlans, NET_VLAN_WORDS);
  const auto indirections = builder.CreateVector(from.rss_indirections, NET_INDIRECTIONS);
  const auto key = builder.CreateVector(from.rss_key, NET_KEY);
  const auto queues = encodeQueues(from);
  const auto mac = encodeMac(from.mac);
  schema::NetStateBuilder to(builder);
  to.add_host_features(from.host_features);
  to.add_guest_features(from.guest_features);
  to.add_guest_offloads(from.guest_offloads);
  to.add_config_generation(from.config_generation);
  to.add_speed(from.speed);
  to.add_link_status(from.link_status);
  to.add_queue_pairs_max(from.queue_pairs_max);
  to.add_queue_pairs(from.queue_pairs);
  to.add_mtu(from.mtu);
  to.add_config_vector(from.config_vector);
  to.add_queue_selected(from.queue_selected);
  to.add_device_status(from.device_status);
  to.add_interrupt_status(from.interrupt_status);
  to.add_duplex(from.duplex);
  to.add_announcements(from.announcements);
  to.add_promiscuous(from.promiscuous);
  to.add_all_multicast(from.all_multicast);
  to.add_all_unicast(from.all_unicast);
  to.add_no_multicast(from.no_multicast);
  to.add_no_unicast(from.no_unicast);
  to.add_no_broadcast(from.no_broadcast);
  to.add_multicast_overflow(from.multicast_overflow);
  to.add_unicast_overflow(from.unicast_overflow);
  to.add_rss_enabled(from.rss_enabled);
  to.add_rss_redirects(from.rss_redirects);
  to.add_mac_first_multicast(from.mac_first_multicast);
  to.add_rss_hash_types(from.rss_hash_types);
  to.add_rss_default_queue(from.rss_default_queue);
  to.add_rss_indirection_count(from.rss_indirection_count);
  to.add_mac(&mac);
  to.add_macs(macs);
  to.add_vlans(vlans);
  to.add_rss_indirections(indirections);
  to.add_rss_key(key);
  to.add_queues(queues);
  builder.Finish(to.Finish());
}

void decodeQueue(net_queue &to, const schema::Queue *from) {
  to.descriptors = from->descriptors();
  to.available = from->available();
  to.used = from->used();
  to.size = from->size();
  to.size_max = from->size_max();
  to.in_use = from->in_use();
  to.last_available = from->last_available();
  to.shadow_available = from->shadow_available();
  to.used_index = from->used_index();
  to.signalled_used = from->signalled_used();
  to.vector = from->vector();
  to.enabled = from->enabled();
  to.is_signalled_used_valid = from->is_signalled_used_valid();
  to.notifies = from->notifies();
  to.available_wraps = from->available_wraps();
  to.used_wraps = from->used_wraps();
  to.is_reset = from->is_reset();
}

bool decodeState(net_state &to, const schema::NetState *from) {
  to.host_features = from->host_features();
  to.guest_features = from->guest_features();
  to.guest_offloads = from->guest_offloads();
  to.config_generation = from->config_generation();
  to.speed = from->speed();
  to.link_status = from->link_status();
  to.queue_pairs_max = from->queue_pairs_max();
  to.queue_pairs = from->queue_pairs();
  to.mtu = from->mtu();
  to.config_vector = from->config_vector();
  to.queue_selected = from->queue_selected();
  to.device_status = from->device_status();
  to.interrupt_status = from->interrupt_status();
  to.duplex = from->duplex();
  to.announcements = from->announcements();
  to.promiscuous = from->promiscuous();
  to.all_multicast = from->all_multicast();
  to.all_unicast = from->all_unicast();
  to.no_multicast = from->no_multicast();
  to.no_unicast = from->no_unicast();
  to.no_broadcast = from->no_broadcast();
  to.multicast_overflow = from->multicast_overflow();
  to.unicast_overflow = from->unicast_overflow();
  to.rss_enabled = from->rss_enabled();
  to.rss_redirects = from->rss_redirects();
  to.mac_first_multicast = from->mac_first_multicast();
  to.rss_hash_types = from->rss_hash_types();
  to.rss_default_queue = from->rss_default_queue();
  to.rss_indirection_count = from->rss_indirection_count();
  const auto *mac = from->mac();
  const auto *macs = from->macs();
  const auto *vlans = from->vlans();
  const auto *indirections = from->rss_indirections();
  const auto *key = from->rss_key();
  const auto *queues = from->queues();
  if (!mac || !macs || !vlans || !indirections || !key || !queues || macs->size() > NET_MACS ||
      vlans->size() != NET_VLAN_WORDS || indirections->size() != NET_INDIRECTIONS || key->size() != NET_KEY ||
      queues->size() != NET_QUEUES)
    return false;
  std::memcpy(to.mac, mac->octets()->data(), 6);
  to.mac_count = macs->size();
  for (uint32_t i = 0; i < macs->size(); i++) std::memcpy(to.macs[i], macs->Get(i)->octets()->data(), 6);
  for (uint32_t i = 0; i < NET_VLAN_WORDS; i++) to.vlans[i] = vlans->Get(i);
  for (uint32_t i = 0; i < NET_INDIRECTIONS; i++) to.rss_indirections[i] = indirections->Get(i);
  std::memcpy(to.rss_key, key->data(), NET_KEY);
  for (uint32_t i = 0; i < NET_QUEUES; i++) decodeQueue(to.queues[i], queues->Get(i));
  return true;
}

size_t encode(const net_state *state, int hasDigest) {
  builder.Clear();
  encodeState(*state);
  return message.set(builder.GetBufferPointer(), builder.GetSize(), hasDigest);
}

int decode(net_state *state, int hasDigest) {
  if (!message.isWhole(hasDigest)) return 0;
  const auto *octets = static_cast<const uint8_t *>(message.octets);
  flatbuffers::Verifier verifier(octets, message.count);
  if (!schema::VerifyNetStateBuffer(verifier)) return 0;
  return decodeState(*state, schema::GetNetState(octets));
}

}  // namespace

extern const peer_codec CODEC = {NAME, encode, decode};
