/* The field table of net_state: members in their order, so that all up to the table of addresses is one run. */
#ifndef NET_TABLES_H
#define NET_TABLES_H
#include "net_state.h"
#include <migstream.h>

static const struct mgs_field net_queue_fields[] = {
  MGS_ADDRESS64(net_queue, descriptors), MGS_ADDRESS64(net_queue, available), MGS_ADDRESS64(net_queue, used),
  MGS_COUNT32(net_queue, size), MGS_COUNT32(net_queue, size_max), MGS_COUNT32(net_queue, in_use),
  MGS_U16(net_queue, last_available), MGS_U16(net_queue, shadow_available), MGS_U16(net_queue, used_index),
  MGS_U16(net_queue, signalled_used), MGS_U16(net_queue, vector),
  MGS_BOOL(net_queue, enabled), MGS_BOOL(net_queue, is_signalled_used_valid), MGS_BOOL(net_queue, notifies),
  MGS_BOOL(net_queue, available_wraps), MGS_BOOL(net_queue, used_wraps), MGS_BOOL(net_queue, is_reset),
  MGS_U32(net_queue, reserved),
};
static const struct mgs_layout net_queue_layout = MGS_LAYOUT("queue", net_queue, net_queue_fields);

static const struct mgs_field net_fields[] = {
  MGS_FLAGS64(net_state, host_features), MGS_FLAGS64(net_state, guest_features), MGS_FLAGS64(net_state, guest_offloads),
  MGS_U32(net_state, config_generation), MGS_U32(net_state, speed, .unit = "Mbit/s"), MGS_MAC(net_state, mac),
  MGS_U16(net_state, link_status), MGS_U16(net_state, queue_pairs_max), MGS_U16(net_state, queue_pairs),
  MGS_U16(net_state, mtu), MGS_U16(net_state, config_vector), MGS_U16(net_state, queue_selected),
  MGS_U8(net_state, device_status), MGS_U8(net_state, interrupt_status), MGS_U8(net_state, duplex),
  MGS_U8(net_state, announcements),
  MGS_BOOL(net_state, promiscuous), MGS_BOOL(net_state, all_multicast), MGS_BOOL(net_state, all_unicast),
  MGS_BOOL(net_state, no_multicast), MGS_BOOL(net_state, no_unicast), MGS_BOOL(net_state, no_broadcast),
  MGS_BOOL(net_state, multicast_overflow), MGS_BOOL(net_state, unicast_overflow), MGS_BOOL(net_state, rss_enabled),
  MGS_BOOL(net_state, rss_redirects),
  MGS_U32(net_state, mac_first_multicast), MGS_FIELD_COUNTED("macs", net_state, macs, mac_count, MAC),
  MGS_FLAGS32(net_state, rss_hash_types), MGS_U16(net_state, rss_default_queue), MGS_U16(net_state, rss_indirection_count),
  MGS_BITMAP(net_state, vlans), MGS_ARRAY(net_state, rss_indirections, U16), MGS_BYTES(net_state, rss_key),
  MGS_STRUCT_ARRAY(net_state, queues, net_queue_layout),
};
static const struct mgs_layout net_layout = MGS_LAYOUT("net", net_state, net_fields);
static const struct mgs_section net_sections[] = { MGS_SECTION("net", net_layout) };
static const struct mgs_model net_model = MGS_MODEL("example/net", net_state, net_sections, .version = 1);
#endif
