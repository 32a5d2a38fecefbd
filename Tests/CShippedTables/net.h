/* State of migstream.example/virtio/net, definition 4.
 * Network device of the virtio specification over PCI. Complete against the specification's device
 * parts and against what QEMU saves: virtio/net.crosswalk.md.
 * Parameters: queue-size=256, msix-vectors=0, queue-pairs=1, control-queue=off, mac-table-size=0,
 * vlan-filter=off, guest-offloads=off, mtu=0, legacy=off, packed-ring=off, in-order=off,
 * notification-data=off, standby=off, speed-duplex=off, notification-config-data=off, ring-reset=off,
 * uso=off, rss-table-size=0, hash-report=off, coalescing=off, queue-coalescing=off, hash-tunnel=off,
 * wide-features=off, rss-contexts=0, udp-tunnel=off, device-statistics=off, external-backend=off.
 * Written by streamtool model layout --c; not to be edited. */
#ifndef MGS_GENERATED_NET_H
#define MGS_GENERATED_NET_H

#include "migstream_fields.h"

struct net_pci_identity_capabilities {
    /* Capability, from 0x8000 up the extended ones, counted from there. */
    uint16_t id;
    /* Its octet in configuration space. */
    uint16_t at;
    /* Its read-only octets; writable ones as zeros. */
    uint32_t num_body;
    uint8_t body[256];
};

struct net_pci_identity {
    /* PCI vendor. */
    uint16_t vendor_id;
    /* PCI device. */
    uint16_t device_id;
    /* Subsystem vendor. */
    uint16_t subsystem_vendor_id;
    /* Subsystem. */
    uint16_t subsystem_id;
    /* Revision. */
    uint8_t revision;
    /* Class, subclass and programming interface, 24 bits. */
    uint32_t class_code;
    /* Where each capability stands; bases and lengths of the virtio structures included, since drivers */
    /* keep them. */
    uint32_t num_capabilities;
    struct net_pci_identity_capabilities *capabilities;
};

#define NET_PCI_COMMAND_IO 1
#define NET_PCI_COMMAND_MEMORY 2
#define NET_PCI_COMMAND_BUS_MASTER 4
#define NET_PCI_COMMAND_PARITY_RESPONSE 64
#define NET_PCI_COMMAND_SYSTEM_ERROR 256
#define NET_PCI_COMMAND_INTERRUPT_DISABLE 1024

#define NET_PCI_STATUS_PARITY_ERROR 256
#define NET_PCI_STATUS_SIGNALLED_TARGET_ABORT 2048
#define NET_PCI_STATUS_RECEIVED_TARGET_ABORT 4096
#define NET_PCI_STATUS_RECEIVED_MASTER_ABORT 8192
#define NET_PCI_STATUS_SIGNALLED_SYSTEM_ERROR 16384
#define NET_PCI_STATUS_DETECTED_PARITY_ERROR 32768

#define NET_PCI_POWER_STATE_D0 0
#define NET_PCI_POWER_STATE_D1 1
#define NET_PCI_POWER_STATE_D2 2
#define NET_PCI_POWER_STATE_D3 3

struct net_pci_window {
    /* Base address register that the access goes to; what the driver wrote, also when there is none of */
    /* this number. */
    uint8_t bar;
    /* Octet in it. */
    uint32_t offset;
    /* Octets of the access; what the driver wrote, also when it is none of 1, 2 and 4. */
    uint32_t length;
    /* The data register: what was last read or written through it, 0 before. */
    uint32_t data;
};

/* Configuration space of the PCI function. */
struct net_pci {
    /* What enumeration finds; the destination's function must be the same one. */
    struct net_pci_identity identity;
    /* Command register. */
    uint16_t command;
    /* Status register, bits that software clears. */
    uint16_t status;
    /* Scratch register. */
    uint8_t cache_line_size;
    /* Scratch register. */
    uint8_t latency_timer;
    /* Scratch register: the number that firmware gave the interrupt. */
    uint8_t interrupt_line;
    /* The interrupt pin is asserted. */
    bool interrupt_level;
    /* The six base address registers as they read, address and type bits. */
    uint32_t base_addresses[6];
    /* Expansion ROM register as it reads. */
    uint32_t rom_base_address;
    /* Power management capability. */
    uint8_t power_state;
    /* PCI Express capability; 0 on a conventional bus. */
    uint16_t express_device_control;
    /* As above. */
    uint16_t express_link_control;
    /* As above. */
    uint16_t express_device_control_2;
    /* Access to the device through configuration space, a virtio capability: the part of it that the */
    /* driver sets. */
    struct net_pci_window window;
};

/* Chains that the device works on again after it has moved: frames that were being sent, buffers that */
/* were being filled, a control command without an answer. */
struct net_in_flight {
    /* First descriptor of each chain (split ring) or its buffer id (packed ring), in the order in which */
    /* they were taken. The device reads them again from guest memory. */
    uint32_t num_heads;
    uint16_t heads[256];
};

#define NET_TRANSPORT_DEVICE_FEATURES_CHECKSUM 1
#define NET_TRANSPORT_DEVICE_FEATURES_GUEST_CHECKSUM 2
#define NET_TRANSPORT_DEVICE_FEATURES_MAC 32
#define NET_TRANSPORT_DEVICE_FEATURES_GUEST_TSO4 128
#define NET_TRANSPORT_DEVICE_FEATURES_GUEST_TSO6 256
#define NET_TRANSPORT_DEVICE_FEATURES_GUEST_ECN 512
#define NET_TRANSPORT_DEVICE_FEATURES_GUEST_UFO 1024
#define NET_TRANSPORT_DEVICE_FEATURES_HOST_TSO4 2048
#define NET_TRANSPORT_DEVICE_FEATURES_HOST_TSO6 4096
#define NET_TRANSPORT_DEVICE_FEATURES_HOST_ECN 8192
#define NET_TRANSPORT_DEVICE_FEATURES_HOST_UFO 16384
#define NET_TRANSPORT_DEVICE_FEATURES_MERGE_RECEIVE_BUFFERS 32768
#define NET_TRANSPORT_DEVICE_FEATURES_STATUS 65536
#define NET_TRANSPORT_DEVICE_FEATURES_INDIRECT_DESCRIPTORS 268435456
#define NET_TRANSPORT_DEVICE_FEATURES_EVENT_INDEX 536870912
#define NET_TRANSPORT_DEVICE_FEATURES_VERSION_1 UINT64_C(4294967296)
#define NET_TRANSPORT_DEVICE_FEATURES_ACCESS_PLATFORM UINT64_C(8589934592)
#define NET_TRANSPORT_DEVICE_FEATURES_ORDER_PLATFORM UINT64_C(68719476736)
#define NET_TRANSPORT_DEVICE_FEATURES_GUEST_HEADER_LENGTH UINT64_C(576460752303423488)
#define NET_TRANSPORT_DEVICE_FEATURES_RECEIVE_COALESCING_INFO UINT64_C(2305843009213693952)

#define NET_TRANSPORT_DRIVER_FEATURES_CHECKSUM 1
#define NET_TRANSPORT_DRIVER_FEATURES_GUEST_CHECKSUM 2
#define NET_TRANSPORT_DRIVER_FEATURES_MAC 32
#define NET_TRANSPORT_DRIVER_FEATURES_GUEST_TSO4 128
#define NET_TRANSPORT_DRIVER_FEATURES_GUEST_TSO6 256
#define NET_TRANSPORT_DRIVER_FEATURES_GUEST_ECN 512
#define NET_TRANSPORT_DRIVER_FEATURES_GUEST_UFO 1024
#define NET_TRANSPORT_DRIVER_FEATURES_HOST_TSO4 2048
#define NET_TRANSPORT_DRIVER_FEATURES_HOST_TSO6 4096
#define NET_TRANSPORT_DRIVER_FEATURES_HOST_ECN 8192
#define NET_TRANSPORT_DRIVER_FEATURES_HOST_UFO 16384
#define NET_TRANSPORT_DRIVER_FEATURES_MERGE_RECEIVE_BUFFERS 32768
#define NET_TRANSPORT_DRIVER_FEATURES_STATUS 65536
#define NET_TRANSPORT_DRIVER_FEATURES_INDIRECT_DESCRIPTORS 268435456
#define NET_TRANSPORT_DRIVER_FEATURES_EVENT_INDEX 536870912
#define NET_TRANSPORT_DRIVER_FEATURES_VERSION_1 UINT64_C(4294967296)
#define NET_TRANSPORT_DRIVER_FEATURES_ACCESS_PLATFORM UINT64_C(8589934592)
#define NET_TRANSPORT_DRIVER_FEATURES_ORDER_PLATFORM UINT64_C(68719476736)
#define NET_TRANSPORT_DRIVER_FEATURES_GUEST_HEADER_LENGTH UINT64_C(576460752303423488)
#define NET_TRANSPORT_DRIVER_FEATURES_RECEIVE_COALESCING_INFO UINT64_C(2305843009213693952)

#define NET_TRANSPORT_STATUS_ACKNOWLEDGE 1
#define NET_TRANSPORT_STATUS_DRIVER 2
#define NET_TRANSPORT_STATUS_DRIVER_OK 4
#define NET_TRANSPORT_STATUS_FEATURES_OK 8
/* The device gave up: it looks at no queue until it is reset. */
#define NET_TRANSPORT_STATUS_NEEDS_RESET 64
#define NET_TRANSPORT_STATUS_FAILED 128

#define NET_TRANSPORT_INTERRUPT_STATUS_QUEUE 1
#define NET_TRANSPORT_INTERRUPT_STATUS_CONFIGURATION 2

struct net_transport_queues {
    /* Which queue. */
    uint16_t number;
    /* Descriptors of the ring, as set up by the driver. The device takes no other numbers. */
    uint16_t size;
    /* The driver has switched the queue on. The device does so only when the areas are set and aligned. */
    bool enabled;
    /* Descriptor table, or the ring of a packed queue. */
    uint64_t descriptor_area;
    /* Available ring, or driver event suppression. */
    uint64_t driver_area;
    /* Used ring, or device event suppression. */
    uint64_t device_area;
    /* Where the driver notifies, in steps of the capability's multiplier. */
    uint16_t notify_offset;
    /* Split ring: how many chains the device has taken, modulo 65536. Packed ring: position of the next */
    /* one. */
    uint16_t next_available;
    /* Split ring: how many chains it has given back, modulo 65536. Packed ring: position of the next one. */
    uint16_t next_used;
    /* The driver has notified, and the device has not looked at the queue since. */
    bool notified;
    /* Chains that were taken and not given back; next_available counts them. Those that the device starts */
    /* again are named in a subsection. */
    uint16_t chains_taken;
    bool has_in_flight;
    struct net_in_flight in_flight;
};

/* Registers that every virtio device has, and its queues. */
struct net_transport {
    /* Features offered; the destination must offer all of them. */
    uint64_t device_features;
    /* Features that the driver has accepted. */
    uint64_t driver_features;
    /* Device status. */
    uint8_t status;
    /* Read by drivers that use the pin. */
    uint8_t interrupt_status;
    /* Changes whenever the configuration of the device does. */
    uint8_t configuration_generation;
    /* Which 32 bits of the offered features the driver reads. */
    uint32_t device_feature_select;
    /* Which 32 bits of the accepted features it writes. */
    uint32_t driver_feature_select;
    /* Queue whose registers are in the window. */
    uint16_t queue_select;
    /* Queues that exist: pair n receives on 2n and sends on 2n + 1; the control queue is the last. */
    uint32_t num_queues;
    struct net_transport_queues queues[3];
};

/* What the driver reads of the device. */
struct net_configuration {
    /* Address of the card; drivers change it by command, legacy ones by writing here. */
    uint8_t mac[6];
    /* The link as the driver knows it. */
    bool link_up;
    /* The driver is asked to announce itself, and has not done so yet. */
    bool announce;
};

struct net_state {
    struct net_pci pci;
    struct net_transport transport;
    struct net_configuration configuration;
};

MGS_TABLES_BEGIN

static const struct mgs_field net_pci_identity_capabilities_fields[] = {
    MGS_U16(struct net_pci_identity_capabilities, id, .radix = 16),
    MGS_U16(struct net_pci_identity_capabilities, at, .radix = 16, MGS_RANGE(0, 4095)),
    MGS_COUNTED_BYTES(struct net_pci_identity_capabilities, body, MGS_RANGE(0, 256)),
};
static const struct mgs_layout net_pci_identity_capabilities_layout = MGS_LAYOUT("capabilities", struct net_pci_identity_capabilities, net_pci_identity_capabilities_fields);

static const struct mgs_field net_pci_identity_fields[] = {
    MGS_U16(struct net_pci_identity, vendor_id, .verify = true, .radix = 16),
    MGS_U16(struct net_pci_identity, device_id, .verify = true, .radix = 16),
    MGS_U16(struct net_pci_identity, subsystem_vendor_id, .verify = true, .radix = 16),
    MGS_U16(struct net_pci_identity, subsystem_id, .verify = true, .radix = 16),
    MGS_U8(struct net_pci_identity, revision, .verify = true, .radix = 16),
    MGS_U32(struct net_pci_identity, class_code, .verify = true, .radix = 16),
    MGS_STRUCT_POINTER(struct net_pci_identity, capabilities, 48, net_pci_identity_capabilities_layout, .verify = true),
};
static const struct mgs_layout net_pci_identity_layout = MGS_LAYOUT("identity", struct net_pci_identity, net_pci_identity_fields);

static const struct mgs_symbol net_pci_command_symbols[] = {
    { NET_PCI_COMMAND_IO, "io" },
    { NET_PCI_COMMAND_MEMORY, "memory" },
    { NET_PCI_COMMAND_BUS_MASTER, "bus_master" },
    { NET_PCI_COMMAND_PARITY_RESPONSE, "parity_response" },
    { NET_PCI_COMMAND_SYSTEM_ERROR, "system_error" },
    { NET_PCI_COMMAND_INTERRUPT_DISABLE, "interrupt_disable" },
};
static const struct mgs_symbol net_pci_status_symbols[] = {
    { NET_PCI_STATUS_PARITY_ERROR, "parity_error" },
    { NET_PCI_STATUS_SIGNALLED_TARGET_ABORT, "signalled_target_abort" },
    { NET_PCI_STATUS_RECEIVED_TARGET_ABORT, "received_target_abort" },
    { NET_PCI_STATUS_RECEIVED_MASTER_ABORT, "received_master_abort" },
    { NET_PCI_STATUS_SIGNALLED_SYSTEM_ERROR, "signalled_system_error" },
    { NET_PCI_STATUS_DETECTED_PARITY_ERROR, "detected_parity_error" },
};
static const struct mgs_symbol net_pci_power_state_symbols[] = {
    { NET_PCI_POWER_STATE_D0, "d0" },
    { NET_PCI_POWER_STATE_D1, "d1" },
    { NET_PCI_POWER_STATE_D2, "d2" },
    { NET_PCI_POWER_STATE_D3, "d3" },
};
static const struct mgs_field net_pci_window_fields[] = {
    MGS_U8(struct net_pci_window, bar, .unit = "1"),
    MGS_U32(struct net_pci_window, offset, .radix = 16),
    MGS_U32(struct net_pci_window, length, .unit = "octets"),
    MGS_U32(struct net_pci_window, data, .radix = 16),
};
static const struct mgs_layout net_pci_window_layout = MGS_LAYOUT("window", struct net_pci_window, net_pci_window_fields);

static const struct mgs_field net_pci_fields[] = {
    MGS_STRUCT(struct net_pci, identity, net_pci_identity_layout),
    MGS_FLAGS16(struct net_pci, command, MGS_SYMBOLS(net_pci_command_symbols)),
    MGS_FLAGS16(struct net_pci, status, MGS_SYMBOLS(net_pci_status_symbols)),
    MGS_U8(struct net_pci, cache_line_size, .unit = "32-bit words"),
    MGS_U8(struct net_pci, latency_timer, .unit = "PCI clocks"),
    MGS_U8(struct net_pci, interrupt_line, .radix = 16),
    MGS_BOOL(struct net_pci, interrupt_level),
    MGS_ARRAY(struct net_pci, base_addresses, U32, .radix = 16),
    MGS_U32(struct net_pci, rom_base_address, .radix = 16),
    MGS_ENUM8(struct net_pci, power_state, MGS_SYMBOLS(net_pci_power_state_symbols)),
    MGS_U16(struct net_pci, express_device_control, .radix = 16),
    MGS_U16(struct net_pci, express_link_control, .radix = 16),
    MGS_U16(struct net_pci, express_device_control_2, .radix = 16),
    MGS_STRUCT(struct net_pci, window, net_pci_window_layout),
};
static const struct mgs_layout net_pci_layout = MGS_LAYOUT("pci", struct net_pci, net_pci_fields);

static const struct mgs_field net_in_flight_fields[] = {
    MGS_COUNTED(struct net_in_flight, heads, U16, .unit = "descriptors"),
};
static const struct mgs_layout net_in_flight_layout = MGS_LAYOUT("in_flight", struct net_in_flight, net_in_flight_fields);

static const struct mgs_symbol net_transport_device_features_symbols[] = {
    { NET_TRANSPORT_DEVICE_FEATURES_CHECKSUM, "checksum" },
    { NET_TRANSPORT_DEVICE_FEATURES_GUEST_CHECKSUM, "guest_checksum" },
    { NET_TRANSPORT_DEVICE_FEATURES_MAC, "mac" },
    { NET_TRANSPORT_DEVICE_FEATURES_GUEST_TSO4, "guest_tso4" },
    { NET_TRANSPORT_DEVICE_FEATURES_GUEST_TSO6, "guest_tso6" },
    { NET_TRANSPORT_DEVICE_FEATURES_GUEST_ECN, "guest_ecn" },
    { NET_TRANSPORT_DEVICE_FEATURES_GUEST_UFO, "guest_ufo" },
    { NET_TRANSPORT_DEVICE_FEATURES_HOST_TSO4, "host_tso4" },
    { NET_TRANSPORT_DEVICE_FEATURES_HOST_TSO6, "host_tso6" },
    { NET_TRANSPORT_DEVICE_FEATURES_HOST_ECN, "host_ecn" },
    { NET_TRANSPORT_DEVICE_FEATURES_HOST_UFO, "host_ufo" },
    { NET_TRANSPORT_DEVICE_FEATURES_MERGE_RECEIVE_BUFFERS, "merge_receive_buffers" },
    { NET_TRANSPORT_DEVICE_FEATURES_STATUS, "status" },
    { NET_TRANSPORT_DEVICE_FEATURES_INDIRECT_DESCRIPTORS, "indirect_descriptors" },
    { NET_TRANSPORT_DEVICE_FEATURES_EVENT_INDEX, "event_index" },
    { NET_TRANSPORT_DEVICE_FEATURES_VERSION_1, "version_1" },
    { NET_TRANSPORT_DEVICE_FEATURES_ACCESS_PLATFORM, "access_platform" },
    { NET_TRANSPORT_DEVICE_FEATURES_ORDER_PLATFORM, "order_platform" },
    { NET_TRANSPORT_DEVICE_FEATURES_GUEST_HEADER_LENGTH, "guest_header_length" },
    { NET_TRANSPORT_DEVICE_FEATURES_RECEIVE_COALESCING_INFO, "receive_coalescing_info" },
};
static const struct mgs_symbol net_transport_driver_features_symbols[] = {
    { NET_TRANSPORT_DRIVER_FEATURES_CHECKSUM, "checksum" },
    { NET_TRANSPORT_DRIVER_FEATURES_GUEST_CHECKSUM, "guest_checksum" },
    { NET_TRANSPORT_DRIVER_FEATURES_MAC, "mac" },
    { NET_TRANSPORT_DRIVER_FEATURES_GUEST_TSO4, "guest_tso4" },
    { NET_TRANSPORT_DRIVER_FEATURES_GUEST_TSO6, "guest_tso6" },
    { NET_TRANSPORT_DRIVER_FEATURES_GUEST_ECN, "guest_ecn" },
    { NET_TRANSPORT_DRIVER_FEATURES_GUEST_UFO, "guest_ufo" },
    { NET_TRANSPORT_DRIVER_FEATURES_HOST_TSO4, "host_tso4" },
    { NET_TRANSPORT_DRIVER_FEATURES_HOST_TSO6, "host_tso6" },
    { NET_TRANSPORT_DRIVER_FEATURES_HOST_ECN, "host_ecn" },
    { NET_TRANSPORT_DRIVER_FEATURES_HOST_UFO, "host_ufo" },
    { NET_TRANSPORT_DRIVER_FEATURES_MERGE_RECEIVE_BUFFERS, "merge_receive_buffers" },
    { NET_TRANSPORT_DRIVER_FEATURES_STATUS, "status" },
    { NET_TRANSPORT_DRIVER_FEATURES_INDIRECT_DESCRIPTORS, "indirect_descriptors" },
    { NET_TRANSPORT_DRIVER_FEATURES_EVENT_INDEX, "event_index" },
    { NET_TRANSPORT_DRIVER_FEATURES_VERSION_1, "version_1" },
    { NET_TRANSPORT_DRIVER_FEATURES_ACCESS_PLATFORM, "access_platform" },
    { NET_TRANSPORT_DRIVER_FEATURES_ORDER_PLATFORM, "order_platform" },
    { NET_TRANSPORT_DRIVER_FEATURES_GUEST_HEADER_LENGTH, "guest_header_length" },
    { NET_TRANSPORT_DRIVER_FEATURES_RECEIVE_COALESCING_INFO, "receive_coalescing_info" },
};
static const struct mgs_symbol net_transport_status_symbols[] = {
    { NET_TRANSPORT_STATUS_ACKNOWLEDGE, "acknowledge" },
    { NET_TRANSPORT_STATUS_DRIVER, "driver" },
    { NET_TRANSPORT_STATUS_DRIVER_OK, "driver_ok" },
    { NET_TRANSPORT_STATUS_FEATURES_OK, "features_ok" },
    { NET_TRANSPORT_STATUS_NEEDS_RESET, "needs_reset" },
    { NET_TRANSPORT_STATUS_FAILED, "failed" },
};
static const struct mgs_symbol net_transport_interrupt_status_symbols[] = {
    { NET_TRANSPORT_INTERRUPT_STATUS_QUEUE, "queue" },
    { NET_TRANSPORT_INTERRUPT_STATUS_CONFIGURATION, "configuration" },
};
static const struct mgs_field net_transport_queues_fields[] = {
    MGS_U16(struct net_transport_queues, number, MGS_RANGE(0, 2)),
    MGS_U16(struct net_transport_queues, size, .unit = "descriptors", MGS_RANGE(1, 256)),
    MGS_BOOL(struct net_transport_queues, enabled),
    MGS_ADDRESS64(struct net_transport_queues, descriptor_area),
    MGS_ADDRESS64(struct net_transport_queues, driver_area),
    MGS_ADDRESS64(struct net_transport_queues, device_area),
    MGS_U16(struct net_transport_queues, notify_offset, .verify = true, .unit = "steps"),
    MGS_U16(struct net_transport_queues, next_available, .unit = "chains"),
    MGS_U16(struct net_transport_queues, next_used, .unit = "chains"),
    MGS_BOOL(struct net_transport_queues, notified),
    MGS_U16(struct net_transport_queues, chains_taken, .unit = "chains", MGS_RANGE(0, 256)),
};
static const struct mgs_layout net_transport_queues_layout = MGS_LAYOUT("queues", struct net_transport_queues, net_transport_queues_fields);

static const struct mgs_field net_transport_fields[] = {
    MGS_FLAGS64(struct net_transport, device_features, MGS_SYMBOLS(net_transport_device_features_symbols)),
    MGS_FLAGS64(struct net_transport, driver_features, MGS_SYMBOLS(net_transport_driver_features_symbols)),
    MGS_FLAGS8(struct net_transport, status, MGS_SYMBOLS(net_transport_status_symbols)),
    MGS_FLAGS8(struct net_transport, interrupt_status, MGS_SYMBOLS(net_transport_interrupt_status_symbols)),
    MGS_U8(struct net_transport, configuration_generation, .unit = "changes modulo 256"),
    MGS_U32(struct net_transport, device_feature_select, .unit = "1"),
    MGS_U32(struct net_transport, driver_feature_select, .unit = "1"),
    MGS_U16(struct net_transport, queue_select, .unit = "1"),
    MGS_STRUCT_COUNTED(struct net_transport, queues, net_transport_queues_layout),
};
static const struct mgs_layout net_transport_layout = MGS_LAYOUT("transport", struct net_transport, net_transport_fields);

static const struct mgs_section net_transport_subsections[] = {
    MGS_SUBSECTION_MEMBER("in_flight", struct net_transport_queues, in_flight, has_in_flight, net_in_flight_layout, .version = 1, .version_min = 1, .target = "queues"),
};

static const struct mgs_field net_configuration_fields[] = {
    MGS_MAC(struct net_configuration, mac),
    MGS_BOOL(struct net_configuration, link_up),
    MGS_BOOL(struct net_configuration, announce),
};
static const struct mgs_layout net_configuration_layout = MGS_LAYOUT("configuration", struct net_configuration, net_configuration_fields);

static const struct mgs_section net_sections[] = {
    MGS_SECTION_MEMBER("pci", struct net_state, pci, net_pci_layout, .version = 1, .version_min = 1),
    MGS_SECTION_MEMBER("transport", struct net_state, transport, net_transport_layout, .version = 1, .version_min = 1, MGS_SUBSECTIONS(net_transport_subsections)),
    MGS_SECTION_MEMBER("configuration", struct net_state, configuration, net_configuration_layout, .version = 1, .version_min = 1),
};

static const struct mgs_model net_model = MGS_MODEL("migstream.example/virtio/net", struct net_state, net_sections, .version = 4, .version_min = 1);

MGS_TABLES_END

#endif
