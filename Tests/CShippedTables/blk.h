/* State of migstream.example/virtio/blk, definition 3.
 * Block device of the virtio specification over PCI. It can be stopped with requests in flight: they
 * travel, and the destination does what is left of them.
 * Parameters: queue-size=128, msix-vectors=0, queues=1, cache-mode=off, packed-ring=off, in-order=off,
 * notification-data=off, ring-reset=off, discard=off.
 * Written by streamtool model layout --c; not to be edited. */
#ifndef MGS_GENERATED_BLK_H
#define MGS_GENERATED_BLK_H

#include "migstream_fields.h"

struct blk_pci_identity_capabilities {
    /* Capability, from 0x8000 up the extended ones, counted from there. */
    uint16_t id;
    /* Its octet in configuration space. */
    uint16_t at;
    /* Its read-only octets; writable ones as zeros. */
    uint32_t num_body;
    uint8_t body[256];
};

struct blk_pci_identity {
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
    struct blk_pci_identity_capabilities *capabilities;
};

#define BLK_PCI_COMMAND_IO 1
#define BLK_PCI_COMMAND_MEMORY 2
#define BLK_PCI_COMMAND_BUS_MASTER 4
#define BLK_PCI_COMMAND_PARITY_RESPONSE 64
#define BLK_PCI_COMMAND_SYSTEM_ERROR 256
#define BLK_PCI_COMMAND_INTERRUPT_DISABLE 1024

#define BLK_PCI_STATUS_PARITY_ERROR 256
#define BLK_PCI_STATUS_SIGNALLED_TARGET_ABORT 2048
#define BLK_PCI_STATUS_RECEIVED_TARGET_ABORT 4096
#define BLK_PCI_STATUS_RECEIVED_MASTER_ABORT 8192
#define BLK_PCI_STATUS_SIGNALLED_SYSTEM_ERROR 16384
#define BLK_PCI_STATUS_DETECTED_PARITY_ERROR 32768

#define BLK_PCI_POWER_STATE_D0 0
#define BLK_PCI_POWER_STATE_D1 1
#define BLK_PCI_POWER_STATE_D2 2
#define BLK_PCI_POWER_STATE_D3 3

struct blk_pci_window {
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
struct blk_pci {
    /* What enumeration finds; the destination's function must be the same one. */
    struct blk_pci_identity identity;
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
    struct blk_pci_window window;
};

#define BLK_TRANSPORT_DEVICE_FEATURES_SIZE_MAX 2
#define BLK_TRANSPORT_DEVICE_FEATURES_SEGMENT_MAX 4
#define BLK_TRANSPORT_DEVICE_FEATURES_GEOMETRY 16
#define BLK_TRANSPORT_DEVICE_FEATURES_READ_ONLY 32
#define BLK_TRANSPORT_DEVICE_FEATURES_BLOCK_SIZE 64
#define BLK_TRANSPORT_DEVICE_FEATURES_FLUSH 512
#define BLK_TRANSPORT_DEVICE_FEATURES_TOPOLOGY 1024
#define BLK_TRANSPORT_DEVICE_FEATURES_INDIRECT_DESCRIPTORS 268435456
#define BLK_TRANSPORT_DEVICE_FEATURES_EVENT_INDEX 536870912
#define BLK_TRANSPORT_DEVICE_FEATURES_VERSION_1 UINT64_C(4294967296)
#define BLK_TRANSPORT_DEVICE_FEATURES_ACCESS_PLATFORM UINT64_C(8589934592)
#define BLK_TRANSPORT_DEVICE_FEATURES_ORDER_PLATFORM UINT64_C(68719476736)

#define BLK_TRANSPORT_DRIVER_FEATURES_SIZE_MAX 2
#define BLK_TRANSPORT_DRIVER_FEATURES_SEGMENT_MAX 4
#define BLK_TRANSPORT_DRIVER_FEATURES_GEOMETRY 16
#define BLK_TRANSPORT_DRIVER_FEATURES_READ_ONLY 32
#define BLK_TRANSPORT_DRIVER_FEATURES_BLOCK_SIZE 64
#define BLK_TRANSPORT_DRIVER_FEATURES_FLUSH 512
#define BLK_TRANSPORT_DRIVER_FEATURES_TOPOLOGY 1024
#define BLK_TRANSPORT_DRIVER_FEATURES_INDIRECT_DESCRIPTORS 268435456
#define BLK_TRANSPORT_DRIVER_FEATURES_EVENT_INDEX 536870912
#define BLK_TRANSPORT_DRIVER_FEATURES_VERSION_1 UINT64_C(4294967296)
#define BLK_TRANSPORT_DRIVER_FEATURES_ACCESS_PLATFORM UINT64_C(8589934592)
#define BLK_TRANSPORT_DRIVER_FEATURES_ORDER_PLATFORM UINT64_C(68719476736)

#define BLK_TRANSPORT_STATUS_ACKNOWLEDGE 1
#define BLK_TRANSPORT_STATUS_DRIVER 2
#define BLK_TRANSPORT_STATUS_DRIVER_OK 4
#define BLK_TRANSPORT_STATUS_FEATURES_OK 8
/* The device gave up: it looks at no queue until it is reset. */
#define BLK_TRANSPORT_STATUS_NEEDS_RESET 64
#define BLK_TRANSPORT_STATUS_FAILED 128

#define BLK_TRANSPORT_INTERRUPT_STATUS_QUEUE 1
#define BLK_TRANSPORT_INTERRUPT_STATUS_CONFIGURATION 2

struct blk_transport_queues {
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
};

/* Registers that every virtio device has, and its queues. */
struct blk_transport {
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
    /* Queues that exist, in order of their numbers. */
    uint32_t num_queues;
    struct blk_transport_queues queues[1];
};

/* What the driver reads of the device. */
struct blk_configuration {
    /* Size of the medium. */
    uint64_t capacity;
    /* Answer to get_id, zero padded. */
    uint8_t id[20];
    /* Most octets of a segment. */
    uint32_t segment_size_max;
    /* Most segments of a request. */
    uint32_t segments_max;
    /* Block of the medium. */
    uint32_t block_size;
    /* Logical blocks of a physical one, as power of two. */
    uint8_t physical_block_log2;
};

/* Totals for the host's operator. No driver can read them. */
struct blk_statistics {
    /* Finished reads. */
    uint64_t reads;
    /* Finished writes. */
    uint64_t writes;
    /* Octets of finished reads. */
    uint64_t octets_read;
    /* Octets of finished writes. */
    uint64_t octets_written;
};

#define BLK_REQUESTS_IN_FLIGHT_KIND_READ 0
#define BLK_REQUESTS_IN_FLIGHT_KIND_WRITE 1
#define BLK_REQUESTS_IN_FLIGHT_KIND_FLUSH 4
#define BLK_REQUESTS_IN_FLIGHT_KIND_GET_ID 8

struct blk_requests_in_flight {
    /* Number of the request since the device was reset, from 1. */
    uint64_t tag;
    /* Queue that it came from and goes back to. */
    uint16_t queue;
    /* First descriptor of its chain (split ring) or buffer id (packed ring); addresses are read again from */
    /* guest memory. */
    uint16_t head;
    /* What is to be done. */
    uint32_t kind;
    /* First sector; 0 for kinds without. */
    uint64_t sector;
    /* All octets of the request. */
    uint32_t length;
    /* Octets from its beginning that are finished and need not be done again. */
    uint32_t done;
    /* Tag of an overlapping request that has to be finished first; 0: none. */
    uint64_t waits_for;
    /* The host could not do it (full, or failed) and an operator is asked; nobody tries it before he */
    /* answers. */
    bool held;
};

/* Requests that were taken from the queues and not given back; all other writes were finished, on the */
/* medium or in its cache, before the device stopped. */
struct blk_requests {
    /* Tag of the next request that is taken. */
    uint64_t next_tag;
    /* In the order in which they were taken. */
    uint32_t num_in_flight;
    struct blk_requests_in_flight *in_flight;
    bool has_statistics;
    struct blk_statistics statistics;
};

struct blk_state {
    struct blk_pci pci;
    struct blk_transport transport;
    struct blk_configuration configuration;
    struct blk_requests requests;
};

MGS_TABLES_BEGIN

static const struct mgs_field blk_pci_identity_capabilities_fields[] = {
    MGS_U16(struct blk_pci_identity_capabilities, id, .radix = 16),
    MGS_U16(struct blk_pci_identity_capabilities, at, .radix = 16, MGS_RANGE(0, 4095)),
    MGS_COUNTED_BYTES(struct blk_pci_identity_capabilities, body, MGS_RANGE(0, 256)),
};
static const struct mgs_layout blk_pci_identity_capabilities_layout = MGS_LAYOUT("capabilities", struct blk_pci_identity_capabilities, blk_pci_identity_capabilities_fields);

static const struct mgs_field blk_pci_identity_fields[] = {
    MGS_U16(struct blk_pci_identity, vendor_id, .verify = true, .radix = 16),
    MGS_U16(struct blk_pci_identity, device_id, .verify = true, .radix = 16),
    MGS_U16(struct blk_pci_identity, subsystem_vendor_id, .verify = true, .radix = 16),
    MGS_U16(struct blk_pci_identity, subsystem_id, .verify = true, .radix = 16),
    MGS_U8(struct blk_pci_identity, revision, .verify = true, .radix = 16),
    MGS_U32(struct blk_pci_identity, class_code, .verify = true, .radix = 16),
    MGS_STRUCT_POINTER(struct blk_pci_identity, capabilities, 48, blk_pci_identity_capabilities_layout, .verify = true),
};
static const struct mgs_layout blk_pci_identity_layout = MGS_LAYOUT("identity", struct blk_pci_identity, blk_pci_identity_fields);

static const struct mgs_symbol blk_pci_command_symbols[] = {
    { BLK_PCI_COMMAND_IO, "io" },
    { BLK_PCI_COMMAND_MEMORY, "memory" },
    { BLK_PCI_COMMAND_BUS_MASTER, "bus_master" },
    { BLK_PCI_COMMAND_PARITY_RESPONSE, "parity_response" },
    { BLK_PCI_COMMAND_SYSTEM_ERROR, "system_error" },
    { BLK_PCI_COMMAND_INTERRUPT_DISABLE, "interrupt_disable" },
};
static const struct mgs_symbol blk_pci_status_symbols[] = {
    { BLK_PCI_STATUS_PARITY_ERROR, "parity_error" },
    { BLK_PCI_STATUS_SIGNALLED_TARGET_ABORT, "signalled_target_abort" },
    { BLK_PCI_STATUS_RECEIVED_TARGET_ABORT, "received_target_abort" },
    { BLK_PCI_STATUS_RECEIVED_MASTER_ABORT, "received_master_abort" },
    { BLK_PCI_STATUS_SIGNALLED_SYSTEM_ERROR, "signalled_system_error" },
    { BLK_PCI_STATUS_DETECTED_PARITY_ERROR, "detected_parity_error" },
};
static const struct mgs_symbol blk_pci_power_state_symbols[] = {
    { BLK_PCI_POWER_STATE_D0, "d0" },
    { BLK_PCI_POWER_STATE_D1, "d1" },
    { BLK_PCI_POWER_STATE_D2, "d2" },
    { BLK_PCI_POWER_STATE_D3, "d3" },
};
static const struct mgs_field blk_pci_window_fields[] = {
    MGS_U8(struct blk_pci_window, bar, .unit = "1"),
    MGS_U32(struct blk_pci_window, offset, .radix = 16),
    MGS_U32(struct blk_pci_window, length, .unit = "octets"),
    MGS_U32(struct blk_pci_window, data, .radix = 16),
};
static const struct mgs_layout blk_pci_window_layout = MGS_LAYOUT("window", struct blk_pci_window, blk_pci_window_fields);

static const struct mgs_field blk_pci_fields[] = {
    MGS_STRUCT(struct blk_pci, identity, blk_pci_identity_layout),
    MGS_FLAGS16(struct blk_pci, command, MGS_SYMBOLS(blk_pci_command_symbols)),
    MGS_FLAGS16(struct blk_pci, status, MGS_SYMBOLS(blk_pci_status_symbols)),
    MGS_U8(struct blk_pci, cache_line_size, .unit = "32-bit words"),
    MGS_U8(struct blk_pci, latency_timer, .unit = "PCI clocks"),
    MGS_U8(struct blk_pci, interrupt_line, .radix = 16),
    MGS_BOOL(struct blk_pci, interrupt_level),
    MGS_ARRAY(struct blk_pci, base_addresses, U32, .radix = 16),
    MGS_U32(struct blk_pci, rom_base_address, .radix = 16),
    MGS_ENUM8(struct blk_pci, power_state, MGS_SYMBOLS(blk_pci_power_state_symbols)),
    MGS_U16(struct blk_pci, express_device_control, .radix = 16),
    MGS_U16(struct blk_pci, express_link_control, .radix = 16),
    MGS_U16(struct blk_pci, express_device_control_2, .radix = 16),
    MGS_STRUCT(struct blk_pci, window, blk_pci_window_layout),
};
static const struct mgs_layout blk_pci_layout = MGS_LAYOUT("pci", struct blk_pci, blk_pci_fields);

static const struct mgs_symbol blk_transport_device_features_symbols[] = {
    { BLK_TRANSPORT_DEVICE_FEATURES_SIZE_MAX, "size_max" },
    { BLK_TRANSPORT_DEVICE_FEATURES_SEGMENT_MAX, "segment_max" },
    { BLK_TRANSPORT_DEVICE_FEATURES_GEOMETRY, "geometry" },
    { BLK_TRANSPORT_DEVICE_FEATURES_READ_ONLY, "read_only" },
    { BLK_TRANSPORT_DEVICE_FEATURES_BLOCK_SIZE, "block_size" },
    { BLK_TRANSPORT_DEVICE_FEATURES_FLUSH, "flush" },
    { BLK_TRANSPORT_DEVICE_FEATURES_TOPOLOGY, "topology" },
    { BLK_TRANSPORT_DEVICE_FEATURES_INDIRECT_DESCRIPTORS, "indirect_descriptors" },
    { BLK_TRANSPORT_DEVICE_FEATURES_EVENT_INDEX, "event_index" },
    { BLK_TRANSPORT_DEVICE_FEATURES_VERSION_1, "version_1" },
    { BLK_TRANSPORT_DEVICE_FEATURES_ACCESS_PLATFORM, "access_platform" },
    { BLK_TRANSPORT_DEVICE_FEATURES_ORDER_PLATFORM, "order_platform" },
};
static const struct mgs_symbol blk_transport_driver_features_symbols[] = {
    { BLK_TRANSPORT_DRIVER_FEATURES_SIZE_MAX, "size_max" },
    { BLK_TRANSPORT_DRIVER_FEATURES_SEGMENT_MAX, "segment_max" },
    { BLK_TRANSPORT_DRIVER_FEATURES_GEOMETRY, "geometry" },
    { BLK_TRANSPORT_DRIVER_FEATURES_READ_ONLY, "read_only" },
    { BLK_TRANSPORT_DRIVER_FEATURES_BLOCK_SIZE, "block_size" },
    { BLK_TRANSPORT_DRIVER_FEATURES_FLUSH, "flush" },
    { BLK_TRANSPORT_DRIVER_FEATURES_TOPOLOGY, "topology" },
    { BLK_TRANSPORT_DRIVER_FEATURES_INDIRECT_DESCRIPTORS, "indirect_descriptors" },
    { BLK_TRANSPORT_DRIVER_FEATURES_EVENT_INDEX, "event_index" },
    { BLK_TRANSPORT_DRIVER_FEATURES_VERSION_1, "version_1" },
    { BLK_TRANSPORT_DRIVER_FEATURES_ACCESS_PLATFORM, "access_platform" },
    { BLK_TRANSPORT_DRIVER_FEATURES_ORDER_PLATFORM, "order_platform" },
};
static const struct mgs_symbol blk_transport_status_symbols[] = {
    { BLK_TRANSPORT_STATUS_ACKNOWLEDGE, "acknowledge" },
    { BLK_TRANSPORT_STATUS_DRIVER, "driver" },
    { BLK_TRANSPORT_STATUS_DRIVER_OK, "driver_ok" },
    { BLK_TRANSPORT_STATUS_FEATURES_OK, "features_ok" },
    { BLK_TRANSPORT_STATUS_NEEDS_RESET, "needs_reset" },
    { BLK_TRANSPORT_STATUS_FAILED, "failed" },
};
static const struct mgs_symbol blk_transport_interrupt_status_symbols[] = {
    { BLK_TRANSPORT_INTERRUPT_STATUS_QUEUE, "queue" },
    { BLK_TRANSPORT_INTERRUPT_STATUS_CONFIGURATION, "configuration" },
};
static const struct mgs_field blk_transport_queues_fields[] = {
    MGS_U16(struct blk_transport_queues, number, MGS_RANGE(0, 0)),
    MGS_U16(struct blk_transport_queues, size, .unit = "descriptors", MGS_RANGE(1, 128)),
    MGS_BOOL(struct blk_transport_queues, enabled),
    MGS_ADDRESS64(struct blk_transport_queues, descriptor_area),
    MGS_ADDRESS64(struct blk_transport_queues, driver_area),
    MGS_ADDRESS64(struct blk_transport_queues, device_area),
    MGS_U16(struct blk_transport_queues, notify_offset, .verify = true, .unit = "steps"),
    MGS_U16(struct blk_transport_queues, next_available, .unit = "chains"),
    MGS_U16(struct blk_transport_queues, next_used, .unit = "chains"),
    MGS_BOOL(struct blk_transport_queues, notified),
    MGS_U16(struct blk_transport_queues, chains_taken, .unit = "chains", MGS_RANGE(0, 128)),
};
static const struct mgs_layout blk_transport_queues_layout = MGS_LAYOUT("queues", struct blk_transport_queues, blk_transport_queues_fields);

static const struct mgs_field blk_transport_fields[] = {
    MGS_FLAGS64(struct blk_transport, device_features, MGS_SYMBOLS(blk_transport_device_features_symbols)),
    MGS_FLAGS64(struct blk_transport, driver_features, MGS_SYMBOLS(blk_transport_driver_features_symbols)),
    MGS_FLAGS8(struct blk_transport, status, MGS_SYMBOLS(blk_transport_status_symbols)),
    MGS_FLAGS8(struct blk_transport, interrupt_status, MGS_SYMBOLS(blk_transport_interrupt_status_symbols)),
    MGS_U8(struct blk_transport, configuration_generation, .unit = "changes modulo 256"),
    MGS_U32(struct blk_transport, device_feature_select, .unit = "1"),
    MGS_U32(struct blk_transport, driver_feature_select, .unit = "1"),
    MGS_U16(struct blk_transport, queue_select, .unit = "1"),
    MGS_STRUCT_COUNTED(struct blk_transport, queues, blk_transport_queues_layout),
};
static const struct mgs_layout blk_transport_layout = MGS_LAYOUT("transport", struct blk_transport, blk_transport_fields);

static const struct mgs_field blk_configuration_fields[] = {
    MGS_U64(struct blk_configuration, capacity, .verify = true, .unit = "sectors of 512 octets"),
    MGS_BYTES(struct blk_configuration, id, .verify = true),
    MGS_U32(struct blk_configuration, segment_size_max, .verify = true, .unit = "octets"),
    MGS_U32(struct blk_configuration, segments_max, .verify = true, .unit = "segments"),
    MGS_U32(struct blk_configuration, block_size, .verify = true, .unit = "octets", MGS_RANGE(512, 65536)),
    MGS_U8(struct blk_configuration, physical_block_log2, .verify = true, .unit = "1"),
};
static const struct mgs_layout blk_configuration_layout = MGS_LAYOUT("configuration", struct blk_configuration, blk_configuration_fields);

static const struct mgs_field blk_statistics_fields[] = {
    MGS_U64(struct blk_statistics, reads, .unit = "requests"),
    MGS_U64(struct blk_statistics, writes, .unit = "requests"),
    MGS_U64(struct blk_statistics, octets_read, .unit = "octets"),
    MGS_U64(struct blk_statistics, octets_written, .unit = "octets"),
};
static const struct mgs_layout blk_statistics_layout = MGS_LAYOUT("statistics", struct blk_statistics, blk_statistics_fields);

static const struct mgs_symbol blk_requests_in_flight_kind_symbols[] = {
    { BLK_REQUESTS_IN_FLIGHT_KIND_READ, "read" },
    { BLK_REQUESTS_IN_FLIGHT_KIND_WRITE, "write" },
    { BLK_REQUESTS_IN_FLIGHT_KIND_FLUSH, "flush" },
    { BLK_REQUESTS_IN_FLIGHT_KIND_GET_ID, "get_id" },
};
static const struct mgs_field blk_requests_in_flight_fields[] = {
    MGS_U64(struct blk_requests_in_flight, tag, MGS_RANGE(1, UINT64_C(18446744073709551614))),
    MGS_U16(struct blk_requests_in_flight, queue, .unit = "1", MGS_RANGE(0, 0)),
    MGS_U16(struct blk_requests_in_flight, head, .unit = "1"),
    MGS_ENUM32(struct blk_requests_in_flight, kind, MGS_SYMBOLS(blk_requests_in_flight_kind_symbols)),
    MGS_U64(struct blk_requests_in_flight, sector, .unit = "sectors of 512 octets"),
    MGS_U32(struct blk_requests_in_flight, length, .unit = "octets"),
    MGS_U32(struct blk_requests_in_flight, done, .unit = "octets"),
    MGS_U64(struct blk_requests_in_flight, waits_for),
    MGS_BOOL(struct blk_requests_in_flight, held),
};
static const struct mgs_layout blk_requests_in_flight_layout = MGS_LAYOUT("in_flight", struct blk_requests_in_flight, blk_requests_in_flight_fields);

static const struct mgs_field blk_requests_fields[] = {
    MGS_U64(struct blk_requests, next_tag),
    MGS_STRUCT_POINTER(struct blk_requests, in_flight, 2048, blk_requests_in_flight_layout),
};
static const struct mgs_layout blk_requests_layout = MGS_LAYOUT("requests", struct blk_requests, blk_requests_fields);

static const struct mgs_section blk_requests_subsections[] = {
    MGS_SUBSECTION_MEMBER("statistics", struct blk_requests, statistics, has_statistics, blk_statistics_layout, .mark = MGS_SKIPPABLE, .version = 3, .version_min = 3, .since = 3),
};

static const struct mgs_section blk_sections[] = {
    MGS_SECTION_MEMBER("pci", struct blk_state, pci, blk_pci_layout, .version = 1, .version_min = 1),
    MGS_SECTION_MEMBER("transport", struct blk_state, transport, blk_transport_layout, .version = 1, .version_min = 1),
    MGS_SECTION_MEMBER("configuration", struct blk_state, configuration, blk_configuration_layout, .version = 1, .version_min = 1),
    MGS_SECTION_MEMBER("requests", struct blk_state, requests, blk_requests_layout, .version = 1, .version_min = 1, MGS_SUBSECTIONS(blk_requests_subsections)),
};

static const struct mgs_model blk_model = MGS_MODEL("migstream.example/virtio/blk", struct blk_state, blk_sections, .version = 3, .version_min = 1);

MGS_TABLES_END

#endif
