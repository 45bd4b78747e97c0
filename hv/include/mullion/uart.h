/* SPDX-License-Identifier: Apache-2.0 */
/* The board's console UART at table.console. */
#ifndef MULLION_UART_H
#define MULLION_UART_H

#include <mullion/types.h>

void uart_init(void);
/* Waits for room, a bounded time; a UART that never has any loses the character. For boot, and for panics. */
void uart_putc(char c);

/* False if there is no room. */
bool uart_try_putc(char c);
/* False if there is nothing. */
bool uart_try_getc(char *c);
/* It interrupts when something was received, and when there is room again if that is `wanted`. */
void uart_want_room(bool wanted);
/* Acknowledges what interrupted. */
void uart_acknowledge(void);

#endif
