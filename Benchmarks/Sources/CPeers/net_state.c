#include "net_state.h"
#include <stddef.h>
#include <string.h>

_Static_assert(sizeof(net_queue) == 56, "no padding");
_Static_assert(offsetof(net_state, queues) % 8 == 0 && offsetof(net_state, macs) % 8 == 0, "no padding");

void net_state_fill(net_state *state) {
  memset(state, 0, sizeof *state);
  state->host_features = 0x0000010130bfffa7;
  state->guest_features = 0x0000010130bf8024;
  state->guest_offloads = 0x783;
  state->config_generation = 3;
  state->speed = 25000;
  memcpy(state->mac, (const uint8_t[6]){0x52, 0x54, 0x00, 0x12, 0x34, 0x56}, 6);
  state->link_status = 1;
  state->queue_pairs_max = NET_QUEUES / 2;
  state->queue_pairs = NET_QUEUES / 2;
  state->mtu = 1500;
  state->config_vector = NET_QUEUES;
  state->queue_selected = NET_QUEUES - 1;
  state->device_status = 0x0f;
  state->duplex = 1;
  state->all_multicast = 1;
  state->no_unicast = 0;
  state->rss_enabled = 1;
  state->rss_redirects = 1;
  state->mac_first_multicast = 4;
  state->mac_count = NET_MACS / 4;
  state->rss_hash_types = 0x1ff;
  state->rss_indirection_count = NET_INDIRECTIONS;
  for (int i = 0; i < 40; i++) state->vlans[(i * 37) % NET_VLAN_WORDS] |= UINT64_C(1) << (i * 11 % 64);
  for (int i = 0; i < NET_INDIRECTIONS; i++) state->rss_indirections[i] = (uint16_t)(i % (NET_QUEUES / 2));
  for (int i = 0; i < NET_KEY; i++) state->rss_key[i] = (uint8_t)(i * 73 + 41);
  for (int i = 0; i < NET_QUEUES; i++) {
    net_queue *queue = &state->queues[i];
    uint64_t ring = UINT64_C(0x13a400000) + (uint64_t)i * 0x10000;
    queue->descriptors = ring;
    queue->available = ring + 0x4000;
    queue->used = ring + 0x5000;
    queue->size = 1024;
    queue->size_max = 1024;
    queue->in_use = i % 2 == 0 ? 256 : 0;
    queue->last_available = (uint16_t)(i * 7919);
    queue->shadow_available = (uint16_t)(i * 7919 + 3);
    queue->used_index = (uint16_t)(i * 7907);
    queue->signalled_used = (uint16_t)(i * 7907);
    queue->vector = (uint16_t)i;
    queue->enabled = 1;
    queue->is_signalled_used_valid = 1;
    queue->notifies = i % 3 == 0;
    queue->available_wraps = 1;
    queue->used_wraps = i % 2;
  }
  for (unsigned i = 0; i < state->mac_count; i++) {
    const uint8_t mac[6] = {i < 4 ? 0x52 : 0x33, 0x33, 0, 0, (uint8_t)i, (uint8_t)(i * 3)};
    memcpy(state->macs[i], mac, 6);
  }
}
