/* State of migstream.example/gpu/large-memory, definition 3.
 * A graphics and compute card with much memory of its own, of which a guest touches little. Its
 * firmware goes on computing until the card is stopped, so it hands over its own state as a byte
 * string while it runs; the registers that the guest sees are sections. Low bits of addresses that an
 * alignment covers are wired to 0, places in a ring are taken modulo its size, and a ring that lies
 * nowhere does not start.
 * Parameters: memory-size=64, engines=4, ring-entries=1024, displays=0, preemption=off.
 * Written by streamtool model layout --c; not to be edited. */
#ifndef MGS_GENERATED_LARGE_MEMORY_H
#define MGS_GENERATED_LARGE_MEMORY_H

#include "migstream_fields.h"

struct large_memory_engine_pending_element;
/* Run commands. */
struct large_memory_batch {
    /* Context to work in. */
    uint32_t context;
    /* First command, in that context. */
    uint64_t address;
    /* Length of the commands. */
    uint32_t octets;
};

/* Copy inside local memory. */
struct large_memory_copy {
    /* First octet of the source. */
    uint64_t from;
    /* First octet of the destination. */
    uint64_t to;
    /* Length. */
    uint64_t octets;
};

/* Wait for a fence. */
struct large_memory_wait {
    /* Value to wait for. */
    uint64_t fence;
    /* Engine that writes it. */
    uint8_t engine;
};

#define LARGE_MEMORY_IDENTITY_CAPABILITIES_COMPUTE 1
#define LARGE_MEMORY_IDENTITY_CAPABILITIES_GRAPHICS 2
#define LARGE_MEMORY_IDENTITY_CAPABILITIES_VIDEO_DECODE 4
#define LARGE_MEMORY_IDENTITY_CAPABILITIES_VIDEO_ENCODE 8
#define LARGE_MEMORY_IDENTITY_CAPABILITIES_DOUBLE_PRECISION 16
#define LARGE_MEMORY_IDENTITY_CAPABILITIES_TENSOR 32

/* What the driver finds. */
struct large_memory_identity {
    /* PCI device. */
    uint16_t device_id;
    /* Revision of the chip. */
    uint8_t revision;
    /* Firmware that wrote the byte string; a later one can read it. */
    uint32_t firmware;
    /* What the engines can do; the destination must be able to do all of it. */
    uint64_t capabilities;
};

#define LARGE_MEMORY_PCI_COMMAND_MEMORY 2
#define LARGE_MEMORY_PCI_COMMAND_BUS_MASTER 4
#define LARGE_MEMORY_PCI_COMMAND_INTERRUPT_DISABLE 1024

/* Configuration space, as far as the driver can change it. */
struct large_memory_pci {
    /* Command register. */
    uint16_t command;
    /* Base of the register window. */
    uint64_t registers_at;
    /* Base of the window on local memory. */
    uint64_t memory_at;
    /* Where the interrupt message is written; 0: the interrupt is off. */
    uint64_t msi_address;
    /* What is written. */
    uint16_t msi_data;
};

#define LARGE_MEMORY_CONTROL_STATE_RESET 0
#define LARGE_MEMORY_CONTROL_STATE_RUNNING 1
#define LARGE_MEMORY_CONTROL_STATE_HUNG 2

#define LARGE_MEMORY_CONTROL_INTERRUPT_CAUSE_FENCE 1
#define LARGE_MEMORY_CONTROL_INTERRUPT_CAUSE_FAULT 2

#define LARGE_MEMORY_CONTROL_INTERRUPT_MASK_FENCE 1
#define LARGE_MEMORY_CONTROL_INTERRUPT_MASK_FAULT 2

/* Registers of the card as a whole. */
struct large_memory_control {
    /* What the card does. */
    uint8_t state;
    /* Causes that the driver has not acknowledged. */
    uint32_t interrupt_cause;
    /* Causes that may interrupt. */
    uint32_t interrupt_mask;
    /* Clock that the driver has asked for. */
    uint32_t clock_khz;
    /* Value of the card's clock register when it stopped. */
    uint64_t timestamp;
    /* What the driver adds to it. */
    int64_t timestamp_offset;
};

struct large_memory_contexts_items {
    /* Number by which commands name it. */
    uint32_t id;
    /* Context whose lower half it shares; 0: none. */
    uint32_t parent;
    /* Octet of local memory at which its page table begins. */
    uint64_t page_table;
    /* It has faulted and takes no work. */
    bool faulted;
};

/* Address spaces that the driver has made. */
struct large_memory_contexts {
    /* Number of the next one. */
    uint32_t next_id;
    /* In order of their making. */
    uint32_t num_items;
    struct large_memory_contexts_items *items;
};

/* Where the first fault was that the driver has not cleared. */
struct large_memory_fault {
    /* Context that faulted. */
    uint32_t context;
    /* Address in it. */
    uint64_t address;
    /* It was a write. */
    bool write;
};

/* Share of time in which the engine was busy, for the operator. */
struct large_memory_load {
    /* Time in which it worked. */
    int64_t busy_time;
    /* Time in which it did not. */
    int64_t idle_time;
};

/* An engine and its ring of commands. */
struct large_memory_engine {
    /* Which engine. */
    uint8_t number;
    /* The driver has started the ring. */
    bool running;
    /* Where the ring lies. */
    uint64_t ring;
    /* Next command that the engine takes. */
    uint32_t head;
    /* First place that belongs to the driver. */
    uint32_t tail;
    /* Context that it works in; 0: none. */
    uint32_t context;
    /* Last fence value that it has written. */
    uint64_t fence;
    /* It is in the middle of a batch; the byte string holds how far. */
    bool busy;
    /* Commands that were taken and not begun, in order. */
    uint32_t num_pending;
    struct large_memory_engine_pending_element *pending;
    bool has_load;
    struct large_memory_load load;
};

struct large_memory_engine_pending_element {
    uint32_t layout;
    union {
        struct large_memory_batch batch;
        struct large_memory_copy copy;
        struct large_memory_wait wait;
    } u;
};

struct large_memory_state {
    struct large_memory_identity identity;
    struct large_memory_pci pci;
    struct large_memory_control control;
    struct large_memory_contexts contexts;
    bool has_fault;
    struct large_memory_fault fault;
    uint32_t num_engine;
    struct large_memory_engine engine[4];
};

MGS_TABLES_BEGIN

static const struct mgs_field large_memory_batch_fields[] = {
    MGS_U32(struct large_memory_batch, context, .unit = "1"),
    MGS_U64(struct large_memory_batch, address, .radix = 16),
    MGS_SIZE32(struct large_memory_batch, octets, .unit = "octets"),
};
static const struct mgs_layout large_memory_batch_layout = MGS_LAYOUT("batch", struct large_memory_batch, large_memory_batch_fields);

static const struct mgs_field large_memory_copy_fields[] = {
    MGS_SIZE64(struct large_memory_copy, from, .unit = "octets"),
    MGS_SIZE64(struct large_memory_copy, to, .unit = "octets"),
    MGS_SIZE64(struct large_memory_copy, octets, .unit = "octets"),
};
static const struct mgs_layout large_memory_copy_layout = MGS_LAYOUT("copy", struct large_memory_copy, large_memory_copy_fields);

static const struct mgs_field large_memory_wait_fields[] = {
    MGS_U64(struct large_memory_wait, fence, .unit = "1"),
    MGS_U8(struct large_memory_wait, engine, .unit = "1", MGS_RANGE(0, 3)),
};
static const struct mgs_layout large_memory_wait_layout = MGS_LAYOUT("wait", struct large_memory_wait, large_memory_wait_fields);

static const struct mgs_symbol large_memory_identity_capabilities_symbols[] = {
    { LARGE_MEMORY_IDENTITY_CAPABILITIES_COMPUTE, "compute" },
    { LARGE_MEMORY_IDENTITY_CAPABILITIES_GRAPHICS, "graphics" },
    { LARGE_MEMORY_IDENTITY_CAPABILITIES_VIDEO_DECODE, "video_decode" },
    { LARGE_MEMORY_IDENTITY_CAPABILITIES_VIDEO_ENCODE, "video_encode" },
    { LARGE_MEMORY_IDENTITY_CAPABILITIES_DOUBLE_PRECISION, "double_precision" },
    { LARGE_MEMORY_IDENTITY_CAPABILITIES_TENSOR, "tensor" },
};
static const struct mgs_field large_memory_identity_fields[] = {
    MGS_U16(struct large_memory_identity, device_id, .verify = true, .radix = 16),
    MGS_U8(struct large_memory_identity, revision, .verify = true, .radix = 16),
    MGS_U32(struct large_memory_identity, firmware, .unit = "1"),
    MGS_FLAGS64(struct large_memory_identity, capabilities, MGS_SYMBOLS(large_memory_identity_capabilities_symbols)),
};
static const struct mgs_layout large_memory_identity_layout = MGS_LAYOUT("identity", struct large_memory_identity, large_memory_identity_fields);

static const struct mgs_symbol large_memory_pci_command_symbols[] = {
    { LARGE_MEMORY_PCI_COMMAND_MEMORY, "memory" },
    { LARGE_MEMORY_PCI_COMMAND_BUS_MASTER, "bus_master" },
    { LARGE_MEMORY_PCI_COMMAND_INTERRUPT_DISABLE, "interrupt_disable" },
};
static const struct mgs_field large_memory_pci_fields[] = {
    MGS_FLAGS16(struct large_memory_pci, command, MGS_SYMBOLS(large_memory_pci_command_symbols)),
    MGS_ADDRESS64(struct large_memory_pci, registers_at, .alignment_log2 = 12),
    MGS_ADDRESS64(struct large_memory_pci, memory_at, .alignment_log2 = 12),
    MGS_ADDRESS64(struct large_memory_pci, msi_address, .alignment_log2 = 2),
    MGS_U16(struct large_memory_pci, msi_data, .radix = 16),
};
static const struct mgs_layout large_memory_pci_layout = MGS_LAYOUT("pci", struct large_memory_pci, large_memory_pci_fields);

static const struct mgs_symbol large_memory_control_state_symbols[] = {
    { LARGE_MEMORY_CONTROL_STATE_RESET, "reset" },
    { LARGE_MEMORY_CONTROL_STATE_RUNNING, "running" },
    { LARGE_MEMORY_CONTROL_STATE_HUNG, "hung" },
};
static const struct mgs_symbol large_memory_control_interrupt_cause_symbols[] = {
    { LARGE_MEMORY_CONTROL_INTERRUPT_CAUSE_FENCE, "fence" },
    { LARGE_MEMORY_CONTROL_INTERRUPT_CAUSE_FAULT, "fault" },
};
static const struct mgs_symbol large_memory_control_interrupt_mask_symbols[] = {
    { LARGE_MEMORY_CONTROL_INTERRUPT_MASK_FENCE, "fence" },
    { LARGE_MEMORY_CONTROL_INTERRUPT_MASK_FAULT, "fault" },
};
static const struct mgs_field large_memory_control_fields[] = {
    MGS_ENUM8(struct large_memory_control, state, MGS_SYMBOLS(large_memory_control_state_symbols)),
    MGS_FLAGS32(struct large_memory_control, interrupt_cause, MGS_SYMBOLS(large_memory_control_interrupt_cause_symbols)),
    MGS_FLAGS32(struct large_memory_control, interrupt_mask, MGS_SYMBOLS(large_memory_control_interrupt_mask_symbols)),
    MGS_U32(struct large_memory_control, clock_khz, .unit = "kHz"),
    MGS_INSTANT(struct large_memory_control, timestamp, .clock = MGS_CLOCK_VIRTUAL),
    MGS_DURATION(struct large_memory_control, timestamp_offset, .clock = MGS_CLOCK_VIRTUAL),
};
static const struct mgs_layout large_memory_control_layout = MGS_LAYOUT("control", struct large_memory_control, large_memory_control_fields);

static const struct mgs_field large_memory_contexts_items_fields[] = {
    MGS_U32(struct large_memory_contexts_items, id, MGS_RANGE(1, UINT64_C(4294967294))),
    MGS_U32(struct large_memory_contexts_items, parent),
    MGS_SIZE64(struct large_memory_contexts_items, page_table, .alignment_log2 = 12, MGS_RANGE(0, UINT64_C(68719472640))),
    MGS_BOOL(struct large_memory_contexts_items, faulted),
};
static const struct mgs_layout large_memory_contexts_items_layout = MGS_LAYOUT("items", struct large_memory_contexts_items, large_memory_contexts_items_fields);

static const struct mgs_field large_memory_contexts_fields[] = {
    MGS_U32(struct large_memory_contexts, next_id),
    MGS_STRUCT_POINTER(struct large_memory_contexts, items, 4096, large_memory_contexts_items_layout),
};
static const struct mgs_layout large_memory_contexts_layout = MGS_LAYOUT("contexts", struct large_memory_contexts, large_memory_contexts_fields);

static const struct mgs_field large_memory_fault_fields[] = {
    MGS_U32(struct large_memory_fault, context, .unit = "1"),
    MGS_U64(struct large_memory_fault, address, .radix = 16),
    MGS_BOOL(struct large_memory_fault, write),
};
static const struct mgs_layout large_memory_fault_layout = MGS_LAYOUT("fault", struct large_memory_fault, large_memory_fault_fields);

static const struct mgs_field large_memory_load_fields[] = {
    MGS_DURATION(struct large_memory_load, busy_time, .clock = MGS_CLOCK_VIRTUAL),
    MGS_DURATION(struct large_memory_load, idle_time, .clock = MGS_CLOCK_VIRTUAL),
};
static const struct mgs_layout large_memory_load_layout = MGS_LAYOUT("load", struct large_memory_load, large_memory_load_fields);

static const uint32_t large_memory_engine_pending_elements[] = { 0, 1, 2 };
static const struct mgs_field large_memory_engine_fields[] = {
    MGS_U8(struct large_memory_engine, number, .unit = "1", MGS_RANGE(0, 3)),
    MGS_BOOL(struct large_memory_engine, running),
    MGS_ADDRESS64(struct large_memory_engine, ring, .alignment_log2 = 12),
    MGS_U32(struct large_memory_engine, head, .unit = "commands", MGS_RANGE(0, 1023)),
    MGS_U32(struct large_memory_engine, tail, .unit = "commands", MGS_RANGE(0, 1023)),
    MGS_U32(struct large_memory_engine, context, .unit = "1"),
    MGS_U64(struct large_memory_engine, fence, .unit = "fences"),
    MGS_BOOL(struct large_memory_engine, busy),
    MGS_LIST(struct large_memory_engine, pending, large_memory_engine_pending_elements, MGS_RANGE(0, 256)),
};
static const struct mgs_layout large_memory_engine_layout = MGS_LAYOUT("engine", struct large_memory_engine, large_memory_engine_fields);

static const struct mgs_section large_memory_engine_subsections[] = {
    MGS_SUBSECTION_MEMBER("load", struct large_memory_engine, load, has_load, large_memory_load_layout, .mark = MGS_SKIPPABLE, .version = 2, .version_min = 2, .since = 2),
};

static const struct mgs_section large_memory_sections[] = {
    MGS_SECTION_MEMBER("identity", struct large_memory_state, identity, large_memory_identity_layout, .version = 1, .version_min = 1),
    MGS_SECTION_MEMBER("pci", struct large_memory_state, pci, large_memory_pci_layout, .version = 1, .version_min = 1),
    MGS_SECTION_MEMBER("control", struct large_memory_state, control, large_memory_control_layout, .version = 1, .version_min = 1),
    MGS_SECTION_MEMBER("contexts", struct large_memory_state, contexts, large_memory_contexts_layout, .version = 1, .version_min = 1),
    MGS_SECTION_OPTIONAL("fault", struct large_memory_state, fault, has_fault, large_memory_fault_layout, .version = 1, .version_min = 1),
    MGS_SECTION_MANY("engine", struct large_memory_state, engine, num_engine, large_memory_engine_layout, "number", .version = 1, .version_min = 1, MGS_SUBSECTIONS(large_memory_engine_subsections)),
};

static const struct mgs_layout *const large_memory_elements[] = {
    &large_memory_batch_layout,
    &large_memory_copy_layout,
    &large_memory_wait_layout,
};
static const struct mgs_model large_memory_model = MGS_MODEL("migstream.example/gpu/large-memory", struct large_memory_state, large_memory_sections, .version = 3, .version_min = 1, MGS_ELEMENTS(large_memory_elements));

MGS_TABLES_END

#endif
