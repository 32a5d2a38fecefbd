// Cap'n Proto: built in a scratch segment that is used again, read from that segment with the default limits.
#include "message.h"
#include "net_state.capnp.h"
#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>
#include <optional>

namespace {

constexpr size_t scratchWords = 4096;
capnp::word scratch[scratchWords];
std::optional<capnp::MallocMessageBuilder> builder;
peers::Message message;

void encodeQueue(Queue::Builder to, const net_queue &from) {
  to.setDescriptors(from.descriptors);
  to.setAvailable(from.available);
  to.setUsed(from.used);
  to.setSize(from.size);
  to.setSizeMax(from.size_max);
  to.setInUse(from.in_use);
  to.setLastAvailable(from.last_available);
  to.setShadowAvailable(from.shadow_available);
  to.setUsedIndex(from.used_index);
  to.setSignalledUsed(from.signalled_used);
  to.setVector(from.vector);
  to.setEnabled(from.enabled);
  to.setIsSignalledUsedValid(from.is_signalled_used_valid);
  to.setNotifies(from.notifies);
  to.setAvailableWraps(from.available_wraps);
  to.setUsedWraps(from.used_wraps);
  to.setIsReset(from.is_reset);
}

void encodeState(NetState::Builder to, const net_state &from) {
  to.setHostFeatures(from.host_features);
  to.setGuestFeatures(from.guest_features);
  to.setGuestOffloads(from.guest_offloads);
  to.setConfigGeneration(from.config_generation);
  to.setSpeed(from.speed);
  to.setLinkStatus(from.link_status);
  to.setQueuePairsMax(from.queue_pairs_max);
  to.setQueuePairs(from.queue_pairs);
  to.setMtu(from.mtu);
  to.setConfigVector(from.config_vector);
  to.setQueueSelected(from.queue_selected);
  to.setDeviceStatus(from.device_status);
  to.setInterruptStatus(from.interrupt_status);
  to.setDuplex(from.duplex);
  to.setAnnouncements(from.announcements);
  to.setPromiscuous(from.promiscuous);
  to.setAllMulticast(from.all_multicast);
  to.setAllUnicast(from.all_unicast);
  to.setNoMulticast(from.no_multicast);
  to.setNoUnicast(from.no_unicast);
  to.setNoBroadcast(from.no_broadcast);
  to.setMulticastOverflow(from.multicast_overflow);
  to.setUnicastOverflow(from.unicast_overflow);
  to.setRssEnabled(from.rss_enabled);
  to.setRssRedirects(from.rss_redirects);
  to.setMacFirstMulticast(from.mac_first_multicast);
  to.setRssHashTypes(from.rss_hash_types);
  to.setRssDefaultQueue(from.rss_default_queue);
  to.setRssIndirectionCount(from.rss_indirection_count);
  to.setMac(peers::macToNumber(from.mac));
  auto macs = to.initMacs(from.mac_count);
  for (uint32_t i = 0; i < from.mac_count; i++) macs.set(i, peers::macToNumber(from.macs[i]));
  to.setVlans(kj::arrayPtr(from.vlans, NET_VLAN_WORDS));
  to.setRssIndirections(kj::arrayPtr(from.rss_indirections, NET_INDIRECTIONS));
  to.setRssKey(kj::arrayPtr(from.rss_key, NET_KEY));
  auto queues = to.initQueues(NET_QUEUES);
  for (uint32_t i = 0; i < NET_QUEUES; i++) encodeQueue(queues[i], from.queues[i]);
}

void decodeQueue(net_queue &to, Queue::Reader from) {
  to.descriptors = from.getDescriptors();
  to.available = from.getAvailable();
  to.used = from.getUsed();
  to.size = from.getSize();
  to.size_max = from.getSizeMax();
  to.in_use = from.getInUse();
  to.last_available = from.getLastAvailable();
  to.shadow_available = from.getShadowAvailable();
  to.used_index = from.getUsedIndex();
  to.signalled_used = from.getSignalledUsed();
  to.vector = from.getVector();
  to.enabled = from.getEnabled();
  to.is_signalled_used_valid = from.getIsSignalledUsedValid();
  to.notifies = from.getNotifies();
  to.available_wraps = from.getAvailableWraps();
  to.used_wraps = from.getUsedWraps();
  to.is_reset = from.getIsReset();
}

bool decodeState(net_state &to, NetState::Reader from) {
  to.host_features = from.getHostFeatures();
  to.guest_features = from.getGuestFeatures();
  to.guest_offloads = from.getGuestOffloads();
  to.config_generation = from.getConfigGeneration();
  to.speed = from.getSpeed();
  to.link_status = from.getLinkStatus();
  to.queue_pairs_max = from.getQueuePairsMax();
  to.queue_pairs = from.getQueuePairs();
  to.mtu = from.getMtu();
  to.config_vector = from.getConfigVector();
  to.queue_selected = from.getQueueSelected();
  to.device_status = from.getDeviceStatus();
  to.interrupt_status = from.getInterruptStatus();
  to.duplex = from.getDuplex();
  to.announcements = from.getAnnouncements();
  to.promiscuous = from.getPromiscuous();
  to.all_multicast = from.getAllMulticast();
  to.all_unicast = from.getAllUnicast();
  to.no_multicast = from.getNoMulticast();
  to.no_unicast = from.getNoUnicast();
  to.no_broadcast = from.getNoBroadcast();
  to.multicast_overflow = from.getMulticastOverflow();
  to.unicast_overflow = from.getUnicastOverflow();
  to.rss_enabled = from.getRssEnabled();
  to.rss_redirects = from.getRssRedirects();
  to.mac_first_multicast = from.getMacFirstMulticast();
  to.rss_hash_types = from.getRssHashTypes();
  to.rss_default_queue = from.getRssDefaultQueue();
  to.rss_indirection_count = from.getRssIndirectionCount();
  peers::numberToMac(from.getMac(), to.mac);
  auto macs = from.getMacs();
  auto vlans = from.getVlans();
  auto indirections = from.getRssIndirections();
  auto key = from.getRssKey();
  auto queues = from.getQueues();
  if (macs.size() > NET_MACS || vlans.size() != NET_VLAN_WORDS || indirections.size() != NET_INDIRECTIONS ||
      key.size() != NET_KEY || queues.size() != NET_QUEUES)
    return false;
  to.mac_count = macs.size();
  for (uint32_t i = 0; i < macs.size(); i++) peers::numberToMac(macs[i], to.macs[i]);
  for (uint32_t i = 0; i < NET_VLAN_WORDS; i++) to.vlans[i] = vlans[i];
  for (uint32_t i = 0; i < NET_INDIRECTIONS; i++) to.rss_indirections[i] = indirections[i];
  std::memcpy(to.rss_key, key.begin(), NET_KEY);
  for (uint32_t i = 0; i < NET_QUEUES; i++) decodeQueue(to.queues[i], queues[i]);
  return true;
}

size_t encode(const net_state *state, int hasDigest) {
  // A builder zeroes its segment when it goes, for the next one; so the last one stays until then.
  builder.emplace(kj::arrayPtr(scratch, scratchWords));
  encodeState(builder->initRoot<NetState>(), *state);
  auto segments = builder->getSegmentsForOutput();
  if (segments.size() != 1) return 0;
  auto octets = segments[0].asBytes();
  return message.set(octets.begin(), octets.size(), hasDigest);
}

int decode(net_state *state, int hasDigest) {
  if (!message.isWhole(hasDigest)) return 0;
  const kj::ArrayPtr<const capnp::word> segment(
      reinterpret_cast<const capnp::word *>(message.octets), message.count / sizeof(capnp::word));
  try {
    capnp::SegmentArrayMessageReader reader(kj::arrayPtr(&segment, 1));
    return decodeState(*state, reader.getRoot<NetState>());
  } catch (const kj::Exception &) {
    return 0;
  }
}

}  // namespace

extern const peer_codec capnpCodec = {"Cap'n Proto", encode, decode};
