/* State of migstream.example/virtio/rng, definition 2.
 * Entropy device of the virtio specification over PCI. No random octet is ever saved: both sides have
 * their own source.
 * Parameters: queue-size=8, msix-vectors=0, rate-limit=0.
 * Written by streamtool model layout --c; not to be edited. */
#ifndef MGS_GENERATED_RNG_H
#define MGS_GENERATED_RNG_H

#include "migstream_fields.h"

struct rng_pci_identity_capabilities {
    /* Capability, from 0x8000 up the extended ones, counted from there. */
    uint16_t id;
    /* Its octet in configuration space. */
    uint16_t at;
    /* Its read-only octets; writable ones as zeros. */
    uint32_t num_body;
    uint8_t body[256];
};

struct rng_pci_identity {
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
    struct rng_pci_identity_capabilities *capabilities;
};

#define RNG_PCI_COMMAND_IO 1
#define RNG_PCI_COMMAND_MEMORY 2
#define RNG_PCI_COMMAND_BUS_MASTER 4
#define RNG_PCI_COMMAND_PARITY_RESPONSE 64
#define RNG_PCI_COMMAND_SYSTEM_ERROR 256
#define RNG_PCI_COMMAND_INTERRUPT_DISABLE 1024

#define RNG_PCI_STATUS_PARITY_ERROR 256
#define RNG_PCI_STATUS_SIGNALLED_TARGET_ABORT 2048
#define RNG_PCI_STATUS_RECEIVED_TARGET_ABORT 4096
#define RNG_PCI_STATUS_RECEIVED_MASTER_ABORT 8192
#define RNG_PCI_STATUS_SIGNALLED_SYSTEM_ERROR 16384
#define RNG_PCI_STATUS_DETECTED_PARITY_ERROR 32768

#define RNG_PCI_POWER_STATE_D0 0
#define RNG_PCI_POWER_STATE_D1 1
#define RNG_PCI_POWER_STATE_D2 2
#define RNG_PCI_POWER_STATE_D3 3

struct rng_pci_window {
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
struct rng_pci {
    /* What enumeration finds; the destination's function must be the same one. */
    struct rng_pci_identity identity;
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
    struct rng_pci_window window;
};

/* Buffers that wait for random octets. */
struct rng_in_flight {
    /* First descriptor of each chain (split ring) or its buffer id (packed ring), in the order in which */
    /* they were taken. The device reads them again from guest memory. */
    uint32_t num_heads;
    uint16_t heads[8];
};

#define RNG_TRANSPORT_DEVICE_FEATURES_INDIRECT_DESCRIPTORS 268435456
#define RNG_TRANSPORT_DEVICE_FEATURES_EVENT_INDEX 536870912
#define RNG_TRANSPORT_DEVICE_FEATURES_VERSION_1 UINT64_C(4294967296)
#define RNG_TRANSPORT_DEVICE_FEATURES_ACCESS_PLATFORM UINT64_C(8589934592)
#define RNG_TRANSPORT_DEVICE_FEATURES_ORDER_PLATFORM UINT64_C(68719476736)

#define RNG_TRANSPORT_DRIVER_FEATURES_INDIRECT_DESCRIPTORS 268435456
#define RNG_TRANSPORT_DRIVER_FEATURES_EVENT_INDEX 536870912
#define RNG_TRANSPORT_DRIVER_FEATURES_VERSION_1 UINT64_C(4294967296)
#define RNG_TRANSPORT_DRIVER_FEATURES_ACCESS_PLATFORM UINT64_C(8589934592)
#define RNG_TRANSPORT_DRIVER_FEATURES_ORDER_PLATFORM UINT64_C(68719476736)

#define RNG_TRANSPORT_STATUS_ACKNOWLEDGE 1
#define RNG_TRANSPORT_STATUS_DRIVER 2
#define RNG_TRANSPORT_STATUS_DRIVER_OK 4
#define RNG_TRANSPORT_STATUS_FEATURES_OK 8
/* The device gave up: it looks at no queue until it is reset. */
#define RNG_TRANSPORT_STATUS_NEEDS_RESET 64
#define RNG_TRANSPORT_STATUS_FAILED 128

#define RNG_TRANSPORT_INTERRUPT_STATUS_QUEUE 1
#define RNG_TRANSPORT_INTERRUPT_STATUS_CONFIGURATION 2

struct rng_transport_queues {
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
    struct rng_in_flight in_flight;
};

/* Registers that every virtio device has, and its queue. */
struct rng_transport {
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
    /* The one queue. */
    struct rng_transport_queues queues[1];
};

struct rng_state {
    struct rng_pci pci;
    struct rng_transport transport;
};

MGS_TABLES_BEGIN

static const struct mgs_field rng_pci_identity_capabilities_fields[] = {
    MGS_U16(struct rng_pci_identity_capabilities, id, .radix = 16),
    MGS_U16(struct rng_pci_identity_capabilities, at, .radix = 16, MGS_RANGE(0, 4095)),
    MGS_COUNTED_BYTES(struct rng_pci_identity_capabilities, body, MGS_RANGE(0, 256)),
};
static const struct mgs_layout rng_pci_identity_capabilities_layout = MGS_LAYOUT("capabilities", struct rng_pci_identity_capabilities, rng_pci_identity_capabilities_fields);

static const struct mgs_field rng_pci_identity_fields[] = {
    MGS_U16(struct rng_pci_identity, vendor_id, .verify = true, .radix = 16),
    MGS_U16(struct rng_pci_identity, device_id, .verify = true, .radix = 16),
    MGS_U16(struct rng_pci_identity, subsystem_vendor_id, .verify = true, .radix = 16),
    MGS_U16(struct rng_pci_identity, subsystem_id, .verify = true, .radix = 16),
    MGS_U8(struct rng_pci_identity, revision, .verify = true, .radix = 16),
    MGS_U32(struct rng_pci_identity, class_code, .verify = true, .radix = 16),
    MGS_STRUCT_POINTER(struct rng_pci_identity, capabilities, 48, rng_pci_identity_capabilities_layout, .verify = true),
};
static const struct mgs_layout rng_pci_identity_layout = MGS_LAYOUT("identity", struct rng_pci_identity, rng_pci_identity_fields);

static const struct mgs_symbol rng_pci_command_symbols[] = {
    { RNG_PCI_COMMAND_IO, "io" },
    { RNG_PCI_COMMAND_MEMORY, "memory" },
    { RNG_PCI_COMMAND_BUS_MASTER, "bus_master" },
    { RNG_PCI_COMMAND_PARITY_RESPONSE, "parity_response" },
    { RNG_PCI_COMMAND_SYSTEM_ERROR, "system_error" },
    { RNG_PCI_COMMAND_INTERRUPT_DISABLE, "interrupt_disable" },
};
static const struct mgs_symbol rng_pci_status_symbols[] = {
    { RNG_PCI_STATUS_PARITY_ERROR, "parity_error" },
    { RNG_PCI_STATUS_SIGNALLED_TARGET_ABORT, "signalled_target_abort" },
    { RNG_PCI_STATUS_RECEIVED_TARGET_ABORT, "received_target_abort" },
    { RNG_PCI_STATUS_RECEIVED_MASTER_ABORT, "received_master_abort" },
    { RNG_PCI_STATUS_SIGNALLED_SYSTEM_ERROR, "signalled_system_error" },
    { RNG_PCI_STATUS_DETECTED_PARITY_ERROR, "detected_parity_error" },
};
static const struct mgs_symbol rng_pci_power_state_symbols[] = {
    { RNG_PCI_POWER_STATE_D0, "d0" },
    { RNG_PCI_POWER_STATE_D1, "d1" },
    { RNG_PCI_POWER_STATE_D2, "d2" },
    { RNG_PCI_POWER_STATE_D3, "d3" },
};
static const struct mgs_field rng_pci_window_fields[] = {
    MGS_U8(struct rng_pci_window, bar, .unit = "1"),
    MGS_U32(struct rng_pci_window, offset, .radix = 16),
    MGS_U32(struct rng_pci_window, length, .unit = "octets"),
    MGS_U32(struct rng_pci_window, data, .radix = 16),
};
static const struct mgs_layout rng_pci_window_layout = MGS_LAYOUT("window", struct rng_pci_window, rng_pci_window_fields);

static const struct mgs_field rng_pci_fields[] = {
    MGS_STRUCT(struct rng_pci, identity, rng_pci_identity_layout),
    MGS_FLAGS16(struct rng_pci, command, MGS_SYMBOLS(rng_pci_command_symbols)),
    MGS_FLAGS16(struct rng_pci, status, MGS_SYMBOLS(rng_pci_status_symbols)),
    MGS_U8(struct rng_pci, cache_line_size, .unit = "32-bit words"),
    MGS_U8(struct rng_pci, latency_timer, .unit = "PCI clocks"),
    MGS_U8(struct rng_pci, interrupt_line, .radix = 16),
    MGS_BOOL(struct rng_pci, interrupt_level),
    MGS_ARRAY(struct rng_pci, base_addresses, U32, .radix = 16),
    MGS_U32(struct rng_pci, rom_base_address, .radix = 16),
    MGS_ENUM8(struct rng_pci, power_state, MGS_SYMBOLS(rng_pci_power_state_symbols)),
    MGS_U16(struct rng_pci, express_device_control, .radix = 16),
    MGS_U16(struct rng_pci, express_link_control, .radix = 16),
    MGS_U16(struct rng_pci, express_device_control_2, .radix = 16),
    MGS_STRUCT(struct rng_pci, window, rng_pci_window_layout),
};
static const struct mgs_layout rng_pci_layout = MGS_LAYOUT("pci", struct rng_pci, rng_pci_fields);

static const struct mgs_field rng_in_flight_fields[] = {
    MGS_COUNTED(struct rng_in_flight, heads, U16, .unit = "descriptors"),
};
static const struct mgs_layout rng_in_flight_layout = MGS_LAYOUT("in_flight", struct rng_in_flight, rng_in_flight_fields);

static const struct mgs_symbol rng_transport_device_features_symbols[] = {
    { RNG_TRANSPORT_DEVICE_FEATURES_INDIRECT_DESCRIPTORS, "indirect_descriptors" },
    { RNG_TRANSPORT_DEVICE_FEATURES_EVENT_INDEX, "event_index" },
    { RNG_TRANSPORT_DEVICE_FEATURES_VERSION_1, "version_1" },
    { RNG_TRANSPORT_DEVICE_FEATURES_ACCESS_PLATFORM, "access_platform" },
    { RNG_TRANSPORT_DEVICE_FEATURES_ORDER_PLATFORM, "order_platform" },
};
static const struct mgs_symbol rng_transport_driver_features_symbols[] = {
    { RNG_TRANSPORT_DRIVER_FEATURES_INDIRECT_DESCRIPTORS, "indirect_descriptors" },
    { RNG_TRANSPORT_DRIVER_FEATURES_EVENT_INDEX, "event_index" },
    { RNG_TRANSPORT_DRIVER_FEATURES_VERSION_1, "version_1" },
    { RNG_TRANSPORT_DRIVER_FEATURES_ACCESS_PLATFORM, "access_platform" },
    { RNG_TRANSPORT_DRIVER_FEATURES_ORDER_PLATFORM, "order_platform" },
};
static const struct mgs_symbol rng_transport_status_symbols[] = {
    { RNG_TRANSPORT_STATUS_ACKNOWLEDGE, "acknowledge" },
    { RNG_TRANSPORT_STATUS_DRIVER, "driver" },
    { RNG_TRANSPORT_STATUS_DRIVER_OK, "driver_ok" },
    { RNG_TRANSPORT_STATUS_FEATURES_OK, "features_ok" },
    { RNG_TRANSPORT_STATUS_NEEDS_RESET, "needs_reset" },
    { RNG_TRANSPORT_STATUS_FAILED, "failed" },
};
static const struct mgs_symbol rng_transport_interrupt_status_symbols[] = {
    { RNG_TRANSPORT_INTERRUPT_STATUS_QUEUE, "queue" },
    { RNG_TRANSPORT_INTERRUPT_STATUS_CONFIGURATION, "configuration" },
};
static const struct mgs_field rng_transport_queues_fields[] = {
    MGS_U16(struct rng_transport_queues, number, MGS_RANGE(0, 0)),
    MGS_U16(struct rng_transport_queues, size, .unit = "descriptors", MGS_RANGE(1, 8)),
    MGS_BOOL(struct rng_transport_queues, enabled),
    MGS_ADDRESS64(struct rng_transport_queues, descriptor_area),
    MGS_ADDRESS64(struct rng_transport_queues, driver_area),
    MGS_ADDRESS64(struct rng_transport_queues, device_area),
    MGS_U16(struct rng_transport_queues, notify_offset, .verify = true, .unit = "steps"),
    MGS_U16(struct rng_transport_queues, next_available, .unit = "chains"),
    MGS_U16(struct rng_transport_queues, next_used, .unit = "chains"),
    MGS_BOOL(struct rng_transport_queues, notified),
    MGS_U16(struct rng_transport_queues, chains_taken, .unit = "chains", MGS_RANGE(0, 8)),
};
static const struct mgs_layout rng_transport_queues_layout = MGS_LAYOUT("queues", struct rng_transport_queues, rng_transport_queues_fields);

static const struct mgs_field rng_transport_fields[] = {
    MGS_FLAGS64(struct rng_transport, device_features, MGS_SYMBOLS(rng_transport_device_features_symbols)),
    MGS_FLAGS64(struct rng_transport, driver_features, MGS_SYMBOLS(rng_transport_driver_features_symbols)),
    MGS_FLAGS8(struct rng_transport, status, MGS_SYMBOLS(rng_transport_status_symbols)),
    MGS_FLAGS8(struct rng_transport, interrupt_status, MGS_SYMBOLS(rng_transport_interrupt_status_symbols)),
    MGS_U8(struct rng_transport, configuration_generation, .unit = "changes modulo 256"),
    MGS_U32(struct rng_transport, device_feature_select, .unit = "1"),
    MGS_U32(struct rng_transport, driver_feature_select, .unit = "1"),
    MGS_U16(struct rng_transport, queue_select, .unit = "1"),
    MGS_STRUCT_ARRAY(struct rng_transport, queues, rng_transport_queues_layout),
};
static const struct mgs_layout rng_transport_layout = MGS_LAYOUT("transport", struct rng_transport, rng_transport_fields);

static const struct mgs_section rng_transport_subsections[] = {
    MGS_SUBSECTION_MEMBER("in_flight", struct rng_transport_queues, in_flight, has_in_flight, rng_in_flight_layout, .version = 1, .version_min = 1, .target = "queues"),
};

static const struct mgs_section rng_sections[] = {
    MGS_SECTION_MEMBER("pci", struct rng_state, pci, rng_pci_layout, .version = 1, .version_min = 1),
    MGS_SECTION_MEMBER("transport", struct rng_state, transport, rng_transport_layout, .version = 1, .version_min = 1, MGS_SUBSECTIONS(rng_transport_subsections)),
};

static const struct mgs_model rng_model = MGS_MODEL("migstream.example/virtio/rng", struct rng_state, rng_sections, .version = 2, .version_min = 1);

MGS_TABLES_END

#endif
