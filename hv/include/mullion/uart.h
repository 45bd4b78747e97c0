/* SPDX-License-Identifier: Apache-2.0 */
/* The board's console UART at table.console, polled. */
#ifndef MULLION_UART_H
#define MULLION_UART_H

void uart_init(void);
/* Waits for room, a bounded time; a UART that never has any loses the character. */
void uart_putc(char c);

#endif
