/* -DPLANTED_BUG=N puts one of four mistakes into it, each of which somebody made in a real device. */
#include "uart.h"

#include <stdlib.h>
#include <string.h>

#ifndef PLANTED_BUG
#define PLANTED_BUG 0
#endif

/* ======   The device   ====== */

static void power_on(struct uart *uart)
{
    const uint8_t overrun = uart->state.overrun;
    memset(&uart->state, 0, sizeof uart->state);
    memset(uart->fifo, 0, UART_FIFO);
    uart->state.divisor = 1;
    if (PLANTED_BUG == 3) /* a latch that the reset forgets */
        uart->state.overrun = overrun;
}

struct uart *uart_create(void)
{
    struct uart *uart = calloc(1, sizeof *uart);
    if (uart == NULL)
        return NULL;
    uart->fifo = calloc(1, UART_FIFO);
    if (uart->fifo == NULL) {
        free(uart);
        return NULL;
    }
    power_on(uart);
    return uart;
}

void uart_destroy(struct uart *uart)
{
    free(uart->fifo);
    free(uart);
}

static void receive(struct uart *uart, uint8_t octet)
{
    uart->state.received++;
    if (uart->state.level >= UART_FIFO)
        uart->state.overrun = 1;
    else
        uart->fifo[uart->state.level++] = octet;
}

void uart_write(struct uart *uart, enum uart_register address, uint8_t value)
{
    struct uart_state *state = &uart->state;
    switch (address) {
    case UART_DATA:
        if ((state->control & UART_ENABLE) && !state->busy) {
            state->shift = value;
            state->busy = 1;
            state->countdown = state->divisor;
        }
        break;
    case UART_CONTROL:
        state->control = value & (UART_ENABLE | UART_LOOPBACK);
        break;
    case UART_DIVISOR:
        state->divisor = value == 0 ? 1 : value;
        break;
    case UART_STATUS:
        state->overrun = 0;
        break;
    }
}

uint8_t uart_read(struct uart *uart, enum uart_register address)
{
    struct uart_state *state = &uart->state;
    uint8_t octet = 0;
    switch (address) {
    case UART_DATA:
        if (state->level > 0) {
            octet = uart->fifo[0];
            memmove(uart->fifo, uart->fifo + 1, --state->level);
            uart->fifo[state->level] = 0;
        }
        return octet;
    case UART_CONTROL:
        return state->control;
    case UART_DIVISOR:
        return (uint8_t)state->divisor;
    case UART_STATUS:
        return (uint8_t)(state->overrun << 1 | (state->level > 0));
    }
    return octet;
}

void uart_tick(struct uart *uart)
{
    struct uart_state *state = &uart->state;
    if (!state->busy || !(state->control & UART_ENABLE))
        return;
    if (state->countdown > 0 && --state->countdown > 0)
        return;
    state->busy = 0;
    if (state->control & UART_LOOPBACK)
        receive(uart, state->shift);
}

/* ======   Migration   ====== */

static int save(void *context, uint32_t device, uint32_t is_stopped, mgs_encoder *out)
{
    struct uart *uart = context;
    struct uart_state state = uart->state;
    mgs_section_data data = { .size = sizeof data, .data = { &state, sizeof state } };
    if (!is_stopped)
        return MGS_NO_DATA_NOW;
    memcpy(state.fifo, uart->fifo, UART_FIFO);
    if (PLANTED_BUG == 2) /* a timer that stays behind */
        state.countdown = 0;
    int status = mgs_encoder_section(out, device, 0, &data, NULL);
    return status < 0 ? status : MGS_DONE;
}

/* Layout and ranges were checked; what only the rules of uart.json say is left to the device. */
static int check(void *context, uint32_t device, const mgs_piece *piece)
{
    struct uart *uart = context;
    (void)device;
    if (piece->data.size != sizeof uart->arrived)
        return 1;
    memcpy(&uart->arrived, piece->data.octets, sizeof uart->arrived);
    if (PLANTED_BUG == 4) /* state that is applied before all of it was checked */
        uart->state.divisor = uart->arrived.divisor;
    const size_t places = PLANTED_BUG == 1 ? sizeof uart->arrived /* the wrong size */ : UART_FIFO;
    return uart->arrived.level > places ? 2 : 0;
}

static int commit(void *context, uint32_t device)
{
    struct uart *uart = context;
    (void)device;
    uart->state = uart->arrived;
    memcpy(uart->fifo, uart->arrived.fifo, UART_FIFO);
    memset(uart->state.fifo, 0, UART_FIFO);
    return 0;
}

static void reset(void *context, uint32_t device)
{
    (void)device;
    power_on(context);
}

const mgs_device_ops uart_ops = {
    .size = sizeof uart_ops, .reset = reset, .save = save, .check = check, .commit = commit
};
