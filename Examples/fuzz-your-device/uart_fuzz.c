/* The fuzz target of the serial port: all that there is to write. */
#include "migstream_fuzz.h"
#include "uart.h"

#include <string.h>

/* uart.json as a string: the Makefile makes it. */
static const char model[] =
#include "uart_model.inc"
    ;

static void *create(void) { return uart_create(); }
static void destroy(void *device) { uart_destroy(device); }

/* Two octets an operation: which, and a value. */
static void run(void *device, const uint8_t *octets, size_t size)
{
    struct uart *uart = device;
    for (size_t i = 0; i + 1 < size; i += 2) {
        const enum uart_register address = (enum uart_register)(octets[i] % 4);
        switch (octets[i] / 4 % 4) {
        case 0:
            uart_read(uart, address);
            break;
        case 1:
            uart_write(uart, address, octets[i + 1]);
            break;
        case 2:
            for (int tick = 0; tick < octets[i + 1]; tick++)
                uart_tick(uart);
            break;
        default: /* a driver that sends to itself */
            uart_write(uart, UART_CONTROL, UART_ENABLE | UART_LOOPBACK);
            uart_write(uart, UART_DATA, octets[i + 1]);
            break;
        }
    }
}

static void visible(void *device, mgsf_view *view)
{
    const struct uart *uart = device;
    mgsf_see_number(view, "control", uart->state.control);
    mgsf_see_number(view, "divisor", uart->state.divisor);
    mgsf_see_number(view, "overrun", uart->state.overrun);
    mgsf_see_number(view, "busy", uart->state.busy);
    mgsf_see_number(view, "level", uart->state.level);
    mgsf_see_number(view, "received", uart->state.received);
    mgsf_see(view, "fifo", uart->fifo, UART_FIFO);
}

static const char *well_formed(void *device)
{
    const struct uart *uart = device;
    return uart->state.divisor == 0 ? "the divisor is 0" : NULL;
}

static const mgsf_device uart = {
    .size = sizeof uart,
    .model = model,
    .ops = &uart_ops,
    .create = create,
    .destroy = destroy,
    .run = run,
    .visible = visible,
    .well_formed = well_formed,
    .flags = MGSF_MUST_TAKE,
};

MGSF_FUZZ_TARGET(uart)
