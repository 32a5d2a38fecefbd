/* A serial port as a VMM might have it, with its migration glue. */
#ifndef UART_H
#define UART_H

#include "migstream.h"

#include <stddef.h>
#include <stdint.h>

enum { UART_FIFO = 16, UART_ENABLE = 1, UART_LOOPBACK = 2 };
enum uart_register { UART_DATA, UART_CONTROL, UART_DIVISOR, UART_STATUS };

/* What travels, as uart.json says: the data of the section `registers`. */
struct uart_state {
    uint8_t control, overrun;
    uint16_t divisor, countdown;
    uint8_t shift, busy;
    uint8_t fifo[UART_FIFO];
    uint32_t level, received;
};

struct uart {
    struct uart_state state;
    uint8_t *fifo;              /* UART_FIFO octets of its own, as a backend wants them */
    struct uart_state arrived;  /* of a session that has not committed */
};

struct uart *uart_create(void);
void uart_destroy(struct uart *uart);
void uart_write(struct uart *uart, enum uart_register address, uint8_t value);
uint8_t uart_read(struct uart *uart, enum uart_register address);
void uart_tick(struct uart *uart);

/* For mgs_machine_new; the context is the uart. */
extern const mgs_device_ops uart_ops;

#endif
