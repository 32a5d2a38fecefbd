/* Two versions of one device: what a VMM has in its tree years apart. Both keep their state in the same struct here, so that
 * the example can show them side by side. */
#ifndef UART_H
#define UART_H

#include <migstream.h>

struct uart {
    uint16_t divisor;
    uint8_t line_control;
    uint32_t num_received;
    uint8_t received[16];
    /* Since version 2: */
    uint8_t trigger;
    uint64_t timeout_due;   /* 0: none */
    uint32_t overruns;      /* for the operator; no driver can read it */
};

/* ======   Version 1   ====== */

static const struct mgs_field uart_v1_fields[] = {
    MGS_U16(struct uart, divisor, MGS_RANGE(1, 65535)),
    MGS_U8(struct uart, line_control, .radix = 2),
    MGS_COUNTED(struct uart, received, U8, .unit = "octets"),
};
static const struct mgs_layout uart_v1_layout = MGS_LAYOUT("registers", struct uart, uart_v1_fields);
static const struct mgs_section uart_v1_sections[] = { MGS_SECTION("registers", uart_v1_layout) };
static const struct mgs_model uart_v1 = MGS_MODEL("example/uart", struct uart, uart_v1_sections, .version = 1);

/* ======   Version 2   ======
 *
 * The trigger is new: where an older stream lacks it, it is 14, and an older reader does without. A timeout that is due
 * must not get lost, and is sent only when there is one: an older reader takes all other streams. The overruns may. */

static const struct mgs_field uart_v2_fields[] = {
    MGS_U16(struct uart, divisor, MGS_RANGE(1, 65535)),
    MGS_U8(struct uart, line_control, .radix = 2),
    MGS_COUNTED(struct uart, received, U8, .unit = "octets"),
    MGS_U8(struct uart, trigger, .since = 2, MGS_PRESET(14), MGS_RANGE(1, 14), .mark = MGS_SKIPPABLE),
};
static const struct mgs_layout uart_v2_layout = MGS_LAYOUT("registers", struct uart, uart_v2_fields);

static bool uart_has_timeout(const void *uart) { return ((const struct uart *)uart)->timeout_due != 0; }
static const struct mgs_field uart_timeout_fields[] = {
    MGS_INSTANT(struct uart, timeout_due, .clock = MGS_CLOCK_VIRTUAL, MGS_PRESET(0)),
};
static const struct mgs_layout uart_timeout_layout = MGS_LAYOUT("timeout", struct uart, uart_timeout_fields);

static bool uart_has_overruns(const void *uart) { return ((const struct uart *)uart)->overruns != 0; }
static const struct mgs_field uart_overruns_fields[] = { MGS_U32(struct uart, overruns, MGS_PRESET(0)) };
static const struct mgs_layout uart_overruns_layout = MGS_LAYOUT("overruns", struct uart, uart_overruns_fields);

static const struct mgs_section uart_v2_subsections[] = {
    MGS_SUBSECTION("timeout", uart_timeout_layout, uart_has_timeout),
    MGS_SUBSECTION("overruns", uart_overruns_layout, uart_has_overruns, .mark = MGS_SKIPPABLE),
};
static const struct mgs_section uart_v2_sections[] = {
    MGS_SECTION("registers", uart_v2_layout, .version = 2, MGS_SUBSECTIONS(uart_v2_subsections)),
};
static const struct mgs_model uart_v2 = MGS_MODEL("example/uart", struct uart, uart_v2_sections, .version = 2);

#endif
