/* State of migstream.example/serial/16550, definition 2.
 * A serial port with the registers of a 16550: one octet in and out at a time, or FIFOs. Interrupt
 * identification is not saved: it follows from the registers and the two latches that are.
 * Parameters: baud-base=115200, fifo-size=16.
 * Written by streamtool model layout --c; not to be edited. */
#ifndef MGS_GENERATED_DEVICE_16550_H
#define MGS_GENERATED_DEVICE_16550_H

#include "migstream_fields.h"

#define DEVICE_16550_RECEIVE_FIFO_ENTRIES_ERRORS_PARITY 4
#define DEVICE_16550_RECEIVE_FIFO_ENTRIES_ERRORS_FRAMING 8
#define DEVICE_16550_RECEIVE_FIFO_ENTRIES_ERRORS_BREAK 16

struct device_16550_receive_fifo_entries {
    /* As received. */
    uint8_t octet;
    /* What the receiver found wrong with it. */
    uint8_t errors;
};

/* Octets that came from the line. */
struct device_16550_receive_fifo {
    /* Oldest first. */
    uint32_t num_entries;
    struct device_16550_receive_fifo_entries entries[16];
};

/* Octets that wait for the shift register. */
struct device_16550_transmit_fifo {
    /* Oldest first. */
    uint32_t num_octets;
    uint8_t octets[16];
};

/* The interrupt for octets that lie in the FIFO below its trigger for the time of four characters. */
/* Definition 1 forgot it, and a driver on the other side waited for ever; an old port must refuse the */
/* stream, and gets every other. */
struct device_16550_receive_timeout {
    /* The time has passed and the driver has not read an octet since. */
    bool raised;
    /* When it passes; not set: raised already. */
    uint64_t due;
};

/* An octet on its way out. */
struct device_16550_transmission {
    /* Octet in the shift register. */
    uint8_t shift;
    /* Octet in the holding register; only while line status does not say holding_empty and the FIFOs are */
    /* switched off. */
    uint8_t holding;
    /* When the shift register becomes empty; not set: the line takes no octet at present. */
    uint64_t shift_ends;
    /* How often the host's line has refused the octet in the shift register. */
    uint8_t retries;
};

#define DEVICE_16550_REGISTERS_INTERRUPT_ENABLE_RECEIVED 1
#define DEVICE_16550_REGISTERS_INTERRUPT_ENABLE_TRANSMITTER_EMPTY 2
#define DEVICE_16550_REGISTERS_INTERRUPT_ENABLE_LINE_STATUS 4
#define DEVICE_16550_REGISTERS_INTERRUPT_ENABLE_MODEM_STATUS 8

#define DEVICE_16550_REGISTERS_MODEM_CONTROL_DATA_TERMINAL_READY 1
#define DEVICE_16550_REGISTERS_MODEM_CONTROL_REQUEST_TO_SEND 2
#define DEVICE_16550_REGISTERS_MODEM_CONTROL_OUT1 4
/* The interrupt pin is connected. */
#define DEVICE_16550_REGISTERS_MODEM_CONTROL_OUT2 8
#define DEVICE_16550_REGISTERS_MODEM_CONTROL_LOOPBACK 16
#define DEVICE_16550_REGISTERS_MODEM_CONTROL_AUTO_FLOW 32

#define DEVICE_16550_REGISTERS_LINE_STATUS_DATA_READY 1
#define DEVICE_16550_REGISTERS_LINE_STATUS_OVERRUN 2
#define DEVICE_16550_REGISTERS_LINE_STATUS_PARITY_ERROR 4
#define DEVICE_16550_REGISTERS_LINE_STATUS_FRAMING_ERROR 8
#define DEVICE_16550_REGISTERS_LINE_STATUS_BREAK 16
/* The driver may write. */
#define DEVICE_16550_REGISTERS_LINE_STATUS_HOLDING_EMPTY 32
/* Holding register or FIFO, and shift register, are empty. */
#define DEVICE_16550_REGISTERS_LINE_STATUS_TRANSMITTER_EMPTY 64
#define DEVICE_16550_REGISTERS_LINE_STATUS_FIFO_ERROR 128

#define DEVICE_16550_REGISTERS_MODEM_LINES_CLEAR_TO_SEND 16
#define DEVICE_16550_REGISTERS_MODEM_LINES_DATA_SET_READY 32
#define DEVICE_16550_REGISTERS_MODEM_LINES_RING 64
#define DEVICE_16550_REGISTERS_MODEM_LINES_CARRIER 128

#define DEVICE_16550_REGISTERS_MODEM_CHANGES_CLEAR_TO_SEND 1
#define DEVICE_16550_REGISTERS_MODEM_CHANGES_DATA_SET_READY 2
#define DEVICE_16550_REGISTERS_MODEM_CHANGES_RING_ENDED 4
#define DEVICE_16550_REGISTERS_MODEM_CHANGES_CARRIER 8

#define DEVICE_16550_REGISTERS_FIFO_CONTROL_ENABLED 1
#define DEVICE_16550_REGISTERS_FIFO_CONTROL_DMA_MODE 8

#define DEVICE_16550_REGISTERS_RECEIVE_TRIGGER_ONE 0
#define DEVICE_16550_REGISTERS_RECEIVE_TRIGGER_QUARTER 1
#define DEVICE_16550_REGISTERS_RECEIVE_TRIGGER_HALF 2
#define DEVICE_16550_REGISTERS_RECEIVE_TRIGGER_TWO_BELOW_FULL 3

/* What the driver reads and writes, and the latches behind it. */
struct device_16550_registers {
    /* Divisor latch: the line runs at baud-base divided by it. 0 stops the line. */
    uint16_t divisor;
    /* Interrupts that the driver wants. */
    uint8_t interrupt_enable;
    /* Bits 0 and 1: data bits less 5; bit 2: two stop bits; bits 3 to 5: parity; bit 6: break; bit 7: the */
    /* divisor latch is in the window. */
    uint8_t line_control;
    /* Outputs to the line. */
    uint8_t modem_control;
    /* State of the receiver and transmitter. */
    uint8_t line_status;
    /* Inputs from the line as the driver last saw them. */
    uint8_t modem_lines;
    /* Inputs that changed since the driver last read them. */
    uint8_t modem_changes;
    /* As the driver wrote it; bits that only act are not kept. */
    uint8_t fifo_control;
    /* Fill of the receive FIFO at which the interrupt comes. */
    uint8_t receive_trigger;
    /* Scratch register. */
    uint8_t scratch;
    /* Octet in the holding register of the receiver. Only while the FIFOs are switched off. */
    uint8_t received;
    /* The interrupt for an empty transmitter is due: the register became empty and the driver has not read */
    /* the identification since. */
    bool transmitter_interrupt;
    bool has_receive_fifo;
    struct device_16550_receive_fifo receive_fifo;
    bool has_transmit_fifo;
    struct device_16550_transmit_fifo transmit_fifo;
    bool has_receive_timeout;
    struct device_16550_receive_timeout receive_timeout;
    bool has_transmission;
    struct device_16550_transmission transmission;
};

struct device_16550_state {
    struct device_16550_registers registers;
};

MGS_TABLES_BEGIN

static const struct mgs_symbol device_16550_receive_fifo_entries_errors_symbols[] = {
    { DEVICE_16550_RECEIVE_FIFO_ENTRIES_ERRORS_PARITY, "parity" },
    { DEVICE_16550_RECEIVE_FIFO_ENTRIES_ERRORS_FRAMING, "framing" },
    { DEVICE_16550_RECEIVE_FIFO_ENTRIES_ERRORS_BREAK, "break" },
};
static const struct mgs_field device_16550_receive_fifo_entries_fields[] = {
    MGS_U8(struct device_16550_receive_fifo_entries, octet, .radix = 16),
    MGS_FLAGS8(struct device_16550_receive_fifo_entries, errors, MGS_SYMBOLS(device_16550_receive_fifo_entries_errors_symbols)),
};
static const struct mgs_layout device_16550_receive_fifo_entries_layout = MGS_LAYOUT("entries", struct device_16550_receive_fifo_entries, device_16550_receive_fifo_entries_fields);

static const struct mgs_field device_16550_receive_fifo_fields[] = {
    MGS_STRUCT_COUNTED(struct device_16550_receive_fifo, entries, device_16550_receive_fifo_entries_layout),
};
static const struct mgs_layout device_16550_receive_fifo_layout = MGS_LAYOUT("receive_fifo", struct device_16550_receive_fifo, device_16550_receive_fifo_fields);

static const struct mgs_field device_16550_transmit_fifo_fields[] = {
    MGS_COUNTED(struct device_16550_transmit_fifo, octets, U8, .radix = 16),
};
static const struct mgs_layout device_16550_transmit_fifo_layout = MGS_LAYOUT("transmit_fifo", struct device_16550_transmit_fifo, device_16550_transmit_fifo_fields);

static const struct mgs_field device_16550_receive_timeout_fields[] = {
    MGS_BOOL(struct device_16550_receive_timeout, raised),
    MGS_INSTANT(struct device_16550_receive_timeout, due, .clock = MGS_CLOCK_VIRTUAL),
};
static const struct mgs_layout device_16550_receive_timeout_layout = MGS_LAYOUT("receive_timeout", struct device_16550_receive_timeout, device_16550_receive_timeout_fields);

static const struct mgs_field device_16550_transmission_fields[] = {
    MGS_U8(struct device_16550_transmission, shift, .radix = 16),
    MGS_U8(struct device_16550_transmission, holding, .radix = 16),
    MGS_INSTANT(struct device_16550_transmission, shift_ends, .clock = MGS_CLOCK_VIRTUAL),
    MGS_U8(struct device_16550_transmission, retries, .unit = "attempts", MGS_RANGE(0, 4)),
};
static const struct mgs_layout device_16550_transmission_layout = MGS_LAYOUT("transmission", struct device_16550_transmission, device_16550_transmission_fields);

static const struct mgs_symbol device_16550_registers_interrupt_enable_symbols[] = {
    { DEVICE_16550_REGISTERS_INTERRUPT_ENABLE_RECEIVED, "received" },
    { DEVICE_16550_REGISTERS_INTERRUPT_ENABLE_TRANSMITTER_EMPTY, "transmitter_empty" },
    { DEVICE_16550_REGISTERS_INTERRUPT_ENABLE_LINE_STATUS, "line_status" },
    { DEVICE_16550_REGISTERS_INTERRUPT_ENABLE_MODEM_STATUS, "modem_status" },
};
static const struct mgs_symbol device_16550_registers_modem_control_symbols[] = {
    { DEVICE_16550_REGISTERS_MODEM_CONTROL_DATA_TERMINAL_READY, "data_terminal_ready" },
    { DEVICE_16550_REGISTERS_MODEM_CONTROL_REQUEST_TO_SEND, "request_to_send" },
    { DEVICE_16550_REGISTERS_MODEM_CONTROL_OUT1, "out1" },
    { DEVICE_16550_REGISTERS_MODEM_CONTROL_OUT2, "out2" },
    { DEVICE_16550_REGISTERS_MODEM_CONTROL_LOOPBACK, "loopback" },
    { DEVICE_16550_REGISTERS_MODEM_CONTROL_AUTO_FLOW, "auto_flow" },
};
static const struct mgs_symbol device_16550_registers_line_status_symbols[] = {
    { DEVICE_16550_REGISTERS_LINE_STATUS_DATA_READY, "data_ready" },
    { DEVICE_16550_REGISTERS_LINE_STATUS_OVERRUN, "overrun" },
    { DEVICE_16550_REGISTERS_LINE_STATUS_PARITY_ERROR, "parity_error" },
    { DEVICE_16550_REGISTERS_LINE_STATUS_FRAMING_ERROR, "framing_error" },
    { DEVICE_16550_REGISTERS_LINE_STATUS_BREAK, "break" },
    { DEVICE_16550_REGISTERS_LINE_STATUS_HOLDING_EMPTY, "holding_empty" },
    { DEVICE_16550_REGISTERS_LINE_STATUS_TRANSMITTER_EMPTY, "transmitter_empty" },
    { DEVICE_16550_REGISTERS_LINE_STATUS_FIFO_ERROR, "fifo_error" },
};
static const struct mgs_symbol device_16550_registers_modem_lines_symbols[] = {
    { DEVICE_16550_REGISTERS_MODEM_LINES_CLEAR_TO_SEND, "clear_to_send" },
    { DEVICE_16550_REGISTERS_MODEM_LINES_DATA_SET_READY, "data_set_ready" },
    { DEVICE_16550_REGISTERS_MODEM_LINES_RING, "ring" },
    { DEVICE_16550_REGISTERS_MODEM_LINES_CARRIER, "carrier" },
};
static const struct mgs_symbol device_16550_registers_modem_changes_symbols[] = {
    { DEVICE_16550_REGISTERS_MODEM_CHANGES_CLEAR_TO_SEND, "clear_to_send" },
    { DEVICE_16550_REGISTERS_MODEM_CHANGES_DATA_SET_READY, "data_set_ready" },
    { DEVICE_16550_REGISTERS_MODEM_CHANGES_RING_ENDED, "ring_ended" },
    { DEVICE_16550_REGISTERS_MODEM_CHANGES_CARRIER, "carrier" },
};
static const struct mgs_symbol device_16550_registers_fifo_control_symbols[] = {
    { DEVICE_16550_REGISTERS_FIFO_CONTROL_ENABLED, "enabled" },
    { DEVICE_16550_REGISTERS_FIFO_CONTROL_DMA_MODE, "dma_mode" },
};
static const struct mgs_symbol device_16550_registers_receive_trigger_symbols[] = {
    { DEVICE_16550_REGISTERS_RECEIVE_TRIGGER_ONE, "one" },
    { DEVICE_16550_REGISTERS_RECEIVE_TRIGGER_QUARTER, "quarter" },
    { DEVICE_16550_REGISTERS_RECEIVE_TRIGGER_HALF, "half" },
    { DEVICE_16550_REGISTERS_RECEIVE_TRIGGER_TWO_BELOW_FULL, "two_below_full" },
};
static const struct mgs_field device_16550_registers_fields[] = {
    MGS_U16(struct device_16550_registers, divisor, .unit = "1"),
    MGS_FLAGS8(struct device_16550_registers, interrupt_enable, MGS_SYMBOLS(device_16550_registers_interrupt_enable_symbols)),
    MGS_U8(struct device_16550_registers, line_control, .radix = 16),
    MGS_FLAGS8(struct device_16550_registers, modem_control, MGS_SYMBOLS(device_16550_registers_modem_control_symbols)),
    MGS_FLAGS8(struct device_16550_registers, line_status, MGS_SYMBOLS(device_16550_registers_line_status_symbols)),
    MGS_FLAGS8(struct device_16550_registers, modem_lines, MGS_SYMBOLS(device_16550_registers_modem_lines_symbols)),
    MGS_FLAGS8(struct device_16550_registers, modem_changes, MGS_SYMBOLS(device_16550_registers_modem_changes_symbols)),
    MGS_FLAGS8(struct device_16550_registers, fifo_control, MGS_SYMBOLS(device_16550_registers_fifo_control_symbols)),
    MGS_ENUM8(struct device_16550_registers, receive_trigger, MGS_SYMBOLS(device_16550_registers_receive_trigger_symbols)),
    MGS_U8(struct device_16550_registers, scratch, .radix = 16),
    MGS_U8(struct device_16550_registers, received, .radix = 16),
    MGS_BOOL(struct device_16550_registers, transmitter_interrupt),
};
static const struct mgs_layout device_16550_registers_layout = MGS_LAYOUT("registers", struct device_16550_registers, device_16550_registers_fields);

static const struct mgs_section device_16550_registers_subsections[] = {
    MGS_SUBSECTION_MEMBER("receive_fifo", struct device_16550_registers, receive_fifo, has_receive_fifo, device_16550_receive_fifo_layout, .version = 1, .version_min = 1),
    MGS_SUBSECTION_MEMBER("transmit_fifo", struct device_16550_registers, transmit_fifo, has_transmit_fifo, device_16550_transmit_fifo_layout, .version = 1, .version_min = 1),
    MGS_SUBSECTION_MEMBER("receive_timeout", struct device_16550_registers, receive_timeout, has_receive_timeout, device_16550_receive_timeout_layout, .version = 2, .version_min = 2, .since = 2),
    MGS_SUBSECTION_MEMBER("transmission", struct device_16550_registers, transmission, has_transmission, device_16550_transmission_layout, .version = 1, .version_min = 1),
};

static const struct mgs_section device_16550_sections[] = {
    MGS_SECTION_MEMBER("registers", struct device_16550_state, registers, device_16550_registers_layout, .version = 1, .version_min = 1, MGS_SUBSECTIONS(device_16550_registers_subsections)),
};

static const struct mgs_model device_16550_model = MGS_MODEL("migstream.example/serial/16550", struct device_16550_state, device_16550_sections, .version = 2, .version_min = 1);

MGS_TABLES_END

#endif
