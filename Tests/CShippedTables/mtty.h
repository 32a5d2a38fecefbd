/* State of migstream.example/sample/mtty, definition 2.
 * The serial card of the kernel's mediated device sample: one or two ports that give back what is
 * written to them. Each has one FIFO between its transmitter and its own receiver. What a read of a
 * status register gives follows from the fields here.
 * Parameters: ports=1.
 * Written by streamtool model layout --c; not to be edited. */
#ifndef MGS_GENERATED_MTTY_H
#define MGS_GENERATED_MTTY_H

#include "migstream_fields.h"

/* What the driver finds. */
struct mtty_identity {
    /* First register of configuration space. */
    uint32_t vendor_and_device;
    /* Subsystem register. */
    uint32_t subsystem;
    /* Revision. */
    uint8_t revision;
};

#define MTTY_PCI_INTERRUPT_KIND_NONE 0
#define MTTY_PCI_INTERRUPT_KIND_PIN 1
#define MTTY_PCI_INTERRUPT_KIND_MESSAGE 2

/* Configuration space, as far as the driver can change it. */
struct mtty_pci {
    /* Base address registers, as they read. */
    uint32_t ports_at[1];
    /* Scratch register: the number that firmware gave the interrupt. */
    uint8_t interrupt_line;
    /* How interrupts reach the guest. */
    uint8_t interrupt_kind;
    /* The pin was raised and stays masked until the guest has dealt with it. */
    bool pin_masked;
};

/* Octets that went through, for the host's operator. */
struct mtty_totals {
    /* Octets written by the driver. */
    uint64_t written;
    /* Octets read by it. */
    uint64_t read;
};

#define MTTY_PORT_INTERRUPT_ENABLE_RECEIVED 1
#define MTTY_PORT_INTERRUPT_ENABLE_TRANSMITTER_EMPTY 2
#define MTTY_PORT_INTERRUPT_ENABLE_LINE_STATUS 4
#define MTTY_PORT_INTERRUPT_ENABLE_MODEM_STATUS 8

/* A port. */
struct mtty_port {
    /* Which port. */
    uint8_t number;
    /* Interrupts that the driver wants. The upper four bits are kept and read as zeros. */
    uint8_t interrupt_enable;
    /* Last value written to the FIFO control register. */
    uint8_t fifo_control;
    /* Line control register; with bit 7 the divisor is in the window. */
    uint8_t line_control;
    /* Modem control register; bit 5 ties clear to send to the FIFO. */
    uint8_t modem_control;
    /* Scratch register. */
    uint8_t scratch;
    /* Divisor latch. Setting bit 7 of line control makes it 0, writes then only add bits. */
    uint16_t divisor;
    /* An octet was written when the FIFO was full; the next that fits clears it. */
    bool overrun;
    /* The octets as they lie; what is not among the waiting ones means nothing but travels. */
    uint8_t fifo[16];
    /* Oldest waiting octet. */
    uint8_t tail;
    /* Waiting octets; they follow the tail, round the end. */
    uint8_t count;
    /* Octets that fit: 1 or 16. A smaller size does not throw away what waits. */
    uint8_t fifo_size;
    /* Waiting octets at which the interrupt for received octets comes. */
    uint8_t trigger;
    bool has_totals;
    struct mtty_totals totals;
};

struct mtty_state {
    struct mtty_identity identity;
    struct mtty_pci pci;
    uint32_t num_port;
    struct mtty_port port[1];
};

MGS_TABLES_BEGIN

static const struct mgs_field mtty_identity_fields[] = {
    MGS_U32(struct mtty_identity, vendor_and_device, .verify = true, .radix = 16),
    MGS_U32(struct mtty_identity, subsystem, .verify = true, .radix = 16),
    MGS_U8(struct mtty_identity, revision, .verify = true, .radix = 16),
};
static const struct mgs_layout mtty_identity_layout = MGS_LAYOUT("identity", struct mtty_identity, mtty_identity_fields);

static const struct mgs_symbol mtty_pci_interrupt_kind_symbols[] = {
    { MTTY_PCI_INTERRUPT_KIND_NONE, "none" },
    { MTTY_PCI_INTERRUPT_KIND_PIN, "pin" },
    { MTTY_PCI_INTERRUPT_KIND_MESSAGE, "message" },
};
static const struct mgs_field mtty_pci_fields[] = {
    MGS_ARRAY(struct mtty_pci, ports_at, U32, .radix = 16),
    MGS_U8(struct mtty_pci, interrupt_line, .radix = 16),
    MGS_ENUM8(struct mtty_pci, interrupt_kind, MGS_SYMBOLS(mtty_pci_interrupt_kind_symbols)),
    MGS_BOOL(struct mtty_pci, pin_masked),
};
static const struct mgs_layout mtty_pci_layout = MGS_LAYOUT("pci", struct mtty_pci, mtty_pci_fields);

static const struct mgs_field mtty_totals_fields[] = {
    MGS_U64(struct mtty_totals, written, .unit = "octets"),
    MGS_U64(struct mtty_totals, read, .unit = "octets"),
};
static const struct mgs_layout mtty_totals_layout = MGS_LAYOUT("totals", struct mtty_totals, mtty_totals_fields);

static const struct mgs_symbol mtty_port_interrupt_enable_symbols[] = {
    { MTTY_PORT_INTERRUPT_ENABLE_RECEIVED, "received" },
    { MTTY_PORT_INTERRUPT_ENABLE_TRANSMITTER_EMPTY, "transmitter_empty" },
    { MTTY_PORT_INTERRUPT_ENABLE_LINE_STATUS, "line_status" },
    { MTTY_PORT_INTERRUPT_ENABLE_MODEM_STATUS, "modem_status" },
};
static const struct mgs_field mtty_port_fields[] = {
    MGS_U8(struct mtty_port, number, .unit = "1", MGS_RANGE(0, 0)),
    MGS_FLAGS8(struct mtty_port, interrupt_enable, MGS_SYMBOLS(mtty_port_interrupt_enable_symbols), .open = true),
    MGS_U8(struct mtty_port, fifo_control, .radix = 16),
    MGS_U8(struct mtty_port, line_control, .radix = 16),
    MGS_U8(struct mtty_port, modem_control, .radix = 16),
    MGS_U8(struct mtty_port, scratch, .radix = 16),
    MGS_U16(struct mtty_port, divisor, .unit = "1"),
    MGS_BOOL(struct mtty_port, overrun),
    MGS_ARRAY(struct mtty_port, fifo, U8, .radix = 16),
    MGS_INDEX8(struct mtty_port, tail, .ref = "/fifo"),
    MGS_U8(struct mtty_port, count, .unit = "octets", MGS_RANGE(0, 16)),
    MGS_U8(struct mtty_port, fifo_size, .unit = "octets", MGS_RANGE(1, 16)),
    MGS_U8(struct mtty_port, trigger, .unit = "octets", MGS_RANGE(0, 14)),
};
static const struct mgs_layout mtty_port_layout = MGS_LAYOUT("port", struct mtty_port, mtty_port_fields);

static const struct mgs_section mtty_port_subsections[] = {
    MGS_SUBSECTION_MEMBER("totals", struct mtty_port, totals, has_totals, mtty_totals_layout, .mark = MGS_SKIPPABLE, .version = 2, .version_min = 2, .since = 2),
};

static const struct mgs_section mtty_sections[] = {
    MGS_SECTION_MEMBER("identity", struct mtty_state, identity, mtty_identity_layout, .version = 1, .version_min = 1),
    MGS_SECTION_MEMBER("pci", struct mtty_state, pci, mtty_pci_layout, .version = 1, .version_min = 1),
    MGS_SECTION_MANY("port", struct mtty_state, port, num_port, mtty_port_layout, "number", .version = 1, .version_min = 1, MGS_SUBSECTIONS(mtty_port_subsections)),
};

static const struct mgs_model mtty_model = MGS_MODEL("migstream.example/sample/mtty", struct mtty_state, mtty_sections, .version = 2, .version_min = 1);

MGS_TABLES_END

#endif
