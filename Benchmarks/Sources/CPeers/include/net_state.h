#ifndef NET_STATE_H
#define NET_STATE_H
#include <stdint.h>

/** What a VMM keeps of a network device with 64 queues; every codec saves this struct and loads it.
 *
 *  Fields are those of a virtio network device: the transport's part of each queue, the common configuration, the tables
 *  that the control queue fills, receive-side scaling. Members are ordered so that the compiler adds nothing between them.
 */
#ifndef NET_SMALL
#define NET_QUEUES 64
#define NET_MACS 64
#define NET_VLAN_WORDS 64
#define NET_INDIRECTIONS 128
#define NET_KEY 40
#else /* a device of few hundred octets */
#define NET_QUEUES 2
#define NET_MACS 16
#define NET_VLAN_WORDS 4
#define NET_INDIRECTIONS 16
#define NET_KEY 40
#endif

typedef struct {
  uint64_t descriptors, available, used;
  uint32_t size, size_max, in_use;
  uint16_t last_available, shadow_available, used_index, signalled_used, vector;
  uint8_t enabled, is_signalled_used_valid, notifies, available_wraps, used_wraps, is_reset;
  uint32_t reserved;
} net_queue;

typedef struct {
  uint64_t host_features, guest_features, guest_offloads;
  uint32_t config_generation, speed;
  uint8_t mac[6];
  uint16_t link_status;
  uint16_t queue_pairs_max, queue_pairs, mtu, config_vector, queue_selected;
  uint8_t device_status, interrupt_status, duplex, announcements;
  uint8_t promiscuous, all_multicast, all_unicast, no_multicast, no_unicast, no_broadcast;
  uint8_t multicast_overflow, unicast_overflow, rss_enabled, rss_redirects;
  uint32_t mac_first_multicast;
  uint32_t mac_count;
  uint32_t rss_hash_types;
  uint16_t rss_default_queue, rss_indirection_count;
  uint64_t vlans[NET_VLAN_WORDS];
  uint16_t rss_indirections[NET_INDIRECTIONS];
  uint8_t rss_key[NET_KEY];
  net_queue queues[NET_QUEUES];
  /* mac_count of these are in use. */
  uint8_t macs[NET_MACS][6];
} net_state;

/** Octets before the table of addresses. */
#define NET_BLOCK (sizeof(net_state) - sizeof(((net_state *)0)->macs))

/** A device in use: features negotiated, all queues running, 16 addresses, some VLANs. */
void net_state_fill(net_state *state);
#endif
