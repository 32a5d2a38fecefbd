/* State of migstream.example/virtio/console, definition 3.
 * Console device of the virtio specification over PCI: one port, or many with names and a control
 * channel.
 * Parameters: queue-size=128, msix-vectors=0, max-ports=1.
 * Written by streamtool model layout --c; not to be edited. */
#ifndef MGS_GENERATED_CONSOLE_H
#define MGS_GENERATED_CONSOLE_H

#include "migstream_fields.h"

struct console_pci_identity_capabilities {
    /* Capability, from 0x8000 up the extended ones, counted from there. */
    uint16_t id;
    /* Its octet in configuration space. */
    uint16_t at;
    /* Its read-only octets; writable ones as zeros. */
    uint32_t num_body;
    uint8_t body[256];
};

struct console_pci_identity {
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
    struct console_pci_identity_capabilities *capabilities;
};

#define CONSOLE_PCI_COMMAND_IO 1
#define CONSOLE_PCI_COMMAND_MEMORY 2
#define CONSOLE_PCI_COMMAND_BUS_MASTER 4
#define CONSOLE_PCI_COMMAND_PARITY_RESPONSE 64
#define CONSOLE_PCI_COMMAND_SYSTEM_ERROR 256
#define CONSOLE_PCI_COMMAND_INTERRUPT_DISABLE 1024

#define CONSOLE_PCI_STATUS_PARITY_ERROR 256
#define CONSOLE_PCI_STATUS_SIGNALLED_TARGET_ABORT 2048
#define CONSOLE_PCI_STATUS_RECEIVED_TARGET_ABORT 4096
#define CONSOLE_PCI_STATUS_RECEIVED_MASTER_ABORT 8192
#define CONSOLE_PCI_STATUS_SIGNALLED_SYSTEM_ERROR 16384
#define CONSOLE_PCI_STATUS_DETECTED_PARITY_ERROR 32768

#define CONSOLE_PCI_POWER_STATE_D0 0
#define CONSOLE_PCI_POWER_STATE_D1 1
#define CONSOLE_PCI_POWER_STATE_D2 2
#define CONSOLE_PCI_POWER_STATE_D3 3

struct console_pci_window {
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
struct console_pci {
    /* What enumeration finds; the destination's function must be the same one. */
    struct console_pci_identity identity;
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
    struct console_pci_window window;
};

/* Chains that the device works on again after it has moved. That of a port whose output was written in */
/* part is not among them. */
struct console_in_flight {
    /* First descriptor of each chain (split ring) or its buffer id (packed ring), in the order in which */
    /* they were taken. The device reads them again from guest memory. */
    uint32_t num_heads;
    uint16_t heads[128];
};

#define CONSOLE_TRANSPORT_DEVICE_FEATURES_SIZE 1
#define CONSOLE_TRANSPORT_DEVICE_FEATURES_EMERGENCY_WRITE 4
#define CONSOLE_TRANSPORT_DEVICE_FEATURES_INDIRECT_DESCRIPTORS 268435456
#define CONSOLE_TRANSPORT_DEVICE_FEATURES_EVENT_INDEX 536870912
#define CONSOLE_TRANSPORT_DEVICE_FEATURES_VERSION_1 UINT64_C(4294967296)
#define CONSOLE_TRANSPORT_DEVICE_FEATURES_ACCESS_PLATFORM UINT64_C(8589934592)
#define CONSOLE_TRANSPORT_DEVICE_FEATURES_ORDER_PLATFORM UINT64_C(68719476736)

#define CONSOLE_TRANSPORT_DRIVER_FEATURES_SIZE 1
#define CONSOLE_TRANSPORT_DRIVER_FEATURES_EMERGENCY_WRITE 4
#define CONSOLE_TRANSPORT_DRIVER_FEATURES_INDIRECT_DESCRIPTORS 268435456
#define CONSOLE_TRANSPORT_DRIVER_FEATURES_EVENT_INDEX 536870912
#define CONSOLE_TRANSPORT_DRIVER_FEATURES_VERSION_1 UINT64_C(4294967296)
#define CONSOLE_TRANSPORT_DRIVER_FEATURES_ACCESS_PLATFORM UINT64_C(8589934592)
#define CONSOLE_TRANSPORT_DRIVER_FEATURES_ORDER_PLATFORM UINT64_C(68719476736)

#define CONSOLE_TRANSPORT_STATUS_ACKNOWLEDGE 1
#define CONSOLE_TRANSPORT_STATUS_DRIVER 2
#define CONSOLE_TRANSPORT_STATUS_DRIVER_OK 4
#define CONSOLE_TRANSPORT_STATUS_FEATURES_OK 8
/* The device gave up: it looks at no queue until it is reset. */
#define CONSOLE_TRANSPORT_STATUS_NEEDS_RESET 64
#define CONSOLE_TRANSPORT_STATUS_FAILED 128

#define CONSOLE_TRANSPORT_INTERRUPT_STATUS_QUEUE 1
#define CONSOLE_TRANSPORT_INTERRUPT_STATUS_CONFIGURATION 2

struct console_transport_queues {
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
    struct console_in_flight in_flight;
};

/* Registers that every virtio device has, and its queues. */
struct console_transport {
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
    /* Queues that exist, in order of their numbers: 0 and 1 are of port 0; with many ports 2 and 3 are */
    /* control and 2n + 2 and 2n + 3 those of port n. */
    uint32_t num_queues;
    struct console_transport_queues queues[4];
};

/* What the driver reads of the device. */
struct console_configuration {
    /* Width of the terminal. */
    uint16_t columns;
    /* Height of the terminal. */
    uint16_t rows;
};

/* The chain that was written in part, when the host's end took no more. Definitions 1 and 2 wrote it */
/* again from its beginning, and the reader saw octets twice; an old device must refuse it. */
struct console_partial_output {
    /* Its first descriptor (split ring) or buffer id (packed ring). */
    uint16_t head;
};

/* A port. */
struct console_port {
    /* Which port; 0 is the first console. */
    uint32_t number;
    /* Something is connected at the host's end. */
    bool host_open;
    /* Octets from the host that are not yet in guest memory. */
    uint32_t num_received;
    uint8_t received[4096];
    /* Octets of the chain at the head of the transmit queue that were already written to the host. */
    uint32_t output_done;
    bool has_partial_output;
    struct console_partial_output partial_output;
};

struct console_state {
    struct console_pci pci;
    struct console_transport transport;
    struct console_configuration configuration;
    uint32_t num_port;
    struct console_port port[1];
};

MGS_TABLES_BEGIN

static const struct mgs_field console_pci_identity_capabilities_fields[] = {
    MGS_U16(struct console_pci_identity_capabilities, id, .radix = 16),
    MGS_U16(struct console_pci_identity_capabilities, at, .radix = 16, MGS_RANGE(0, 4095)),
    MGS_COUNTED_BYTES(struct console_pci_identity_capabilities, body, MGS_RANGE(0, 256)),
};
static const struct mgs_layout console_pci_identity_capabilities_layout = MGS_LAYOUT("capabilities", struct console_pci_identity_capabilities, console_pci_identity_capabilities_fields);

static const struct mgs_field console_pci_identity_fields[] = {
    MGS_U16(struct console_pci_identity, vendor_id, .verify = true, .radix = 16),
    MGS_U16(struct console_pci_identity, device_id, .verify = true, .radix = 16),
    MGS_U16(struct console_pci_identity, subsystem_vendor_id, .verify = true, .radix = 16),
    MGS_U16(struct console_pci_identity, subsystem_id, .verify = true, .radix = 16),
    MGS_U8(struct console_pci_identity, revision, .verify = true, .radix = 16),
    MGS_U32(struct console_pci_identity, class_code, .verify = true, .radix = 16),
    MGS_STRUCT_POINTER(struct console_pci_identity, capabilities, 48, console_pci_identity_capabilities_layout, .verify = true),
};
static const struct mgs_layout console_pci_identity_layout = MGS_LAYOUT("identity", struct console_pci_identity, console_pci_identity_fields);

static const struct mgs_symbol console_pci_command_symbols[] = {
    { CONSOLE_PCI_COMMAND_IO, "io" },
    { CONSOLE_PCI_COMMAND_MEMORY, "memory" },
    { CONSOLE_PCI_COMMAND_BUS_MASTER, "bus_master" },
    { CONSOLE_PCI_COMMAND_PARITY_RESPONSE, "parity_response" },
    { CONSOLE_PCI_COMMAND_SYSTEM_ERROR, "system_error" },
    { CONSOLE_PCI_COMMAND_INTERRUPT_DISABLE, "interrupt_disable" },
};
static const struct mgs_symbol console_pci_status_symbols[] = {
    { CONSOLE_PCI_STATUS_PARITY_ERROR, "parity_error" },
    { CONSOLE_PCI_STATUS_SIGNALLED_TARGET_ABORT, "signalled_target_abort" },
    { CONSOLE_PCI_STATUS_RECEIVED_TARGET_ABORT, "received_target_abort" },
    { CONSOLE_PCI_STATUS_RECEIVED_MASTER_ABORT, "received_master_abort" },
    { CONSOLE_PCI_STATUS_SIGNALLED_SYSTEM_ERROR, "signalled_system_error" },
    { CONSOLE_PCI_STATUS_DETECTED_PARITY_ERROR, "detected_parity_error" },
};
static const struct mgs_symbol console_pci_power_state_symbols[] = {
    { CONSOLE_PCI_POWER_STATE_D0, "d0" },
    { CONSOLE_PCI_POWER_STATE_D1, "d1" },
    { CONSOLE_PCI_POWER_STATE_D2, "d2" },
    { CONSOLE_PCI_POWER_STATE_D3, "d3" },
};
static const struct mgs_field console_pci_window_fields[] = {
    MGS_U8(struct console_pci_window, bar, .unit = "1"),
    MGS_U32(struct console_pci_window, offset, .radix = 16),
    MGS_U32(struct console_pci_window, length, .unit = "octets"),
    MGS_U32(struct console_pci_window, data, .radix = 16),
};
static const struct mgs_layout console_pci_window_layout = MGS_LAYOUT("window", struct console_pci_window, console_pci_window_fields);

static const struct mgs_field console_pci_fields[] = {
    MGS_STRUCT(struct console_pci, identity, console_pci_identity_layout),
    MGS_FLAGS16(struct console_pci, command, MGS_SYMBOLS(console_pci_command_symbols)),
    MGS_FLAGS16(struct console_pci, status, MGS_SYMBOLS(console_pci_status_symbols)),
    MGS_U8(struct console_pci, cache_line_size, .unit = "32-bit words"),
    MGS_U8(struct console_pci, latency_timer, .unit = "PCI clocks"),
    MGS_U8(struct console_pci, interrupt_line, .radix = 16),
    MGS_BOOL(struct console_pci, interrupt_level),
    MGS_ARRAY(struct console_pci, base_addresses, U32, .radix = 16),
    MGS_U32(struct console_pci, rom_base_address, .radix = 16),
    MGS_ENUM8(struct console_pci, power_state, MGS_SYMBOLS(console_pci_power_state_symbols)),
    MGS_U16(struct console_pci, express_device_control, .radix = 16),
    MGS_U16(struct console_pci, express_link_control, .radix = 16),
    MGS_U16(struct console_pci, express_device_control_2, .radix = 16),
    MGS_STRUCT(struct console_pci, window, console_pci_window_layout),
};
static const struct mgs_layout console_pci_layout = MGS_LAYOUT("pci", struct console_pci, console_pci_fields);

static const struct mgs_field console_in_flight_fields[] = {
    MGS_COUNTED(struct console_in_flight, heads, U16, .unit = "descriptors"),
};
static const struct mgs_layout console_in_flight_layout = MGS_LAYOUT("in_flight", struct console_in_flight, console_in_flight_fields);

static const struct mgs_symbol console_transport_device_features_symbols[] = {
    { CONSOLE_TRANSPORT_DEVICE_FEATURES_SIZE, "size" },
    { CONSOLE_TRANSPORT_DEVICE_FEATURES_EMERGENCY_WRITE, "emergency_write" },
    { CONSOLE_TRANSPORT_DEVICE_FEATURES_INDIRECT_DESCRIPTORS, "indirect_descriptors" },
    { CONSOLE_TRANSPORT_DEVICE_FEATURES_EVENT_INDEX, "event_index" },
    { CONSOLE_TRANSPORT_DEVICE_FEATURES_VERSION_1, "version_1" },
    { CONSOLE_TRANSPORT_DEVICE_FEATURES_ACCESS_PLATFORM, "access_platform" },
    { CONSOLE_TRANSPORT_DEVICE_FEATURES_ORDER_PLATFORM, "order_platform" },
};
static const struct mgs_symbol console_transport_driver_features_symbols[] = {
    { CONSOLE_TRANSPORT_DRIVER_FEATURES_SIZE, "size" },
    { CONSOLE_TRANSPORT_DRIVER_FEATURES_EMERGENCY_WRITE, "emergency_write" },
    { CONSOLE_TRANSPORT_DRIVER_FEATURES_INDIRECT_DESCRIPTORS, "indirect_descriptors" },
    { CONSOLE_TRANSPORT_DRIVER_FEATURES_EVENT_INDEX, "event_index" },
    { CONSOLE_TRANSPORT_DRIVER_FEATURES_VERSION_1, "version_1" },
    { CONSOLE_TRANSPORT_DRIVER_FEATURES_ACCESS_PLATFORM, "access_platform" },
    { CONSOLE_TRANSPORT_DRIVER_FEATURES_ORDER_PLATFORM, "order_platform" },
};
static const struct mgs_symbol console_transport_status_symbols[] = {
    { CONSOLE_TRANSPORT_STATUS_ACKNOWLEDGE, "acknowledge" },
    { CONSOLE_TRANSPORT_STATUS_DRIVER, "driver" },
    { CONSOLE_TRANSPORT_STATUS_DRIVER_OK, "driver_ok" },
    { CONSOLE_TRANSPORT_STATUS_FEATURES_OK, "features_ok" },
    { CONSOLE_TRANSPORT_STATUS_NEEDS_RESET, "needs_reset" },
    { CONSOLE_TRANSPORT_STATUS_FAILED, "failed" },
};
static const struct mgs_symbol console_transport_interrupt_status_symbols[] = {
    { CONSOLE_TRANSPORT_INTERRUPT_STATUS_QUEUE, "queue" },
    { CONSOLE_TRANSPORT_INTERRUPT_STATUS_CONFIGURATION, "configuration" },
};
static const struct mgs_field console_transport_queues_fields[] = {
    MGS_U16(struct console_transport_queues, number, MGS_RANGE(0, 3)),
    MGS_U16(struct console_transport_queues, size, .unit = "descriptors", MGS_RANGE(1, 128)),
    MGS_BOOL(struct console_transport_queues, enabled),
    MGS_ADDRESS64(struct console_transport_queues, descriptor_area),
    MGS_ADDRESS64(struct console_transport_queues, driver_area),
    MGS_ADDRESS64(struct console_transport_queues, device_area),
    MGS_U16(struct console_transport_queues, notify_offset, .verify = true, .unit = "steps"),
    MGS_U16(struct console_transport_queues, next_available, .unit = "chains"),
    MGS_U16(struct console_transport_queues, next_used, .unit = "chains"),
    MGS_BOOL(struct console_transport_queues, notified),
    MGS_U16(struct console_transport_queues, chains_taken, .unit = "chains", MGS_RANGE(0, 128)),
};
static const struct mgs_layout console_transport_queues_layout = MGS_LAYOUT("queues", struct console_transport_queues, console_transport_queues_fields);

static const struct mgs_field console_transport_fields[] = {
    MGS_FLAGS64(struct console_transport, device_features, MGS_SYMBOLS(console_transport_device_features_symbols)),
    MGS_FLAGS64(struct console_transport, driver_features, MGS_SYMBOLS(console_transport_driver_features_symbols)),
    MGS_FLAGS8(struct console_transport, status, MGS_SYMBOLS(console_transport_status_symbols)),
    MGS_FLAGS8(struct console_transport, interrupt_status, MGS_SYMBOLS(console_transport_interrupt_status_symbols)),
    MGS_U8(struct console_transport, configuration_generation, .unit = "changes modulo 256"),
    MGS_U32(struct console_transport, device_feature_select, .unit = "1"),
    MGS_U32(struct console_transport, driver_feature_select, .unit = "1"),
    MGS_U16(struct console_transport, queue_select, .unit = "1"),
    MGS_STRUCT_COUNTED(struct console_transport, queues, console_transport_queues_layout),
};
static const struct mgs_layout console_transport_layout = MGS_LAYOUT("transport", struct console_transport, console_transport_fields);

static const struct mgs_section console_transport_subsections[] = {
    MGS_SUBSECTION_MEMBER("in_flight", struct console_transport_queues, in_flight, has_in_flight, console_in_flight_layout, .version = 1, .version_min = 1, .target = "queues"),
};

static const struct mgs_field console_configuration_fields[] = {
    MGS_U16(struct console_configuration, columns, .unit = "characters"),
    MGS_U16(struct console_configuration, rows, .unit = "characters"),
};
static const struct mgs_layout console_configuration_layout = MGS_LAYOUT("configuration", struct console_configuration, console_configuration_fields);

static const struct mgs_field console_partial_output_fields[] = {
    MGS_U16(struct console_partial_output, head, .unit = "1"),
};
static const struct mgs_layout console_partial_output_layout = MGS_LAYOUT("partial_output", struct console_partial_output, console_partial_output_fields);

static const struct mgs_field console_port_fields[] = {
    MGS_U32(struct console_port, number, .unit = "1", MGS_RANGE(0, 0)),
    MGS_BOOL(struct console_port, host_open),
    MGS_COUNTED_BYTES(struct console_port, received, MGS_RANGE(0, 4096)),
    MGS_U32(struct console_port, output_done, .unit = "octets"),
};
static const struct mgs_layout console_port_layout = MGS_LAYOUT("port", struct console_port, console_port_fields);

static const struct mgs_section console_port_subsections[] = {
    MGS_SUBSECTION_MEMBER("partial_output", struct console_port, partial_output, has_partial_output, console_partial_output_layout, .version = 3, .version_min = 3, .since = 3),
};

static const struct mgs_section console_sections[] = {
    MGS_SECTION_MEMBER("pci", struct console_state, pci, console_pci_layout, .version = 1, .version_min = 1),
    MGS_SECTION_MEMBER("transport", struct console_state, transport, console_transport_layout, .version = 1, .version_min = 1, MGS_SUBSECTIONS(console_transport_subsections)),
    MGS_SECTION_MEMBER("configuration", struct console_state, configuration, console_configuration_layout, .version = 1, .version_min = 1),
    MGS_SECTION_MANY("port", struct console_state, port, num_port, console_port_layout, "number", .version = 1, .version_min = 1, MGS_SUBSECTIONS(console_port_subsections)),
};

static const struct mgs_model console_model = MGS_MODEL("migstream.example/virtio/console", struct console_state, console_sections, .version = 3, .version_min = 1);

MGS_TABLES_END

#endif
