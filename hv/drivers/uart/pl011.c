/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arm PL011 (DDI 0183G). The baud rate stays as firmware set it.
 *
 * No wake-up is lost. Receive: nothing here clears the receive interrupts; they
 * end when the FIFO has been read empty (3.3.11), so the caller may leave some.
 * Transmit: the interrupt is raised as the FIFO passes its level from above, an
 * eighth here, and that is latched in RIS whether masked or not. The caller
 * wants room only after it has seen the FIFO full since the last acknowledgement,
 * so the passing is yet to come, or in RIS already. (QEMU's is never full.)
 */
#include <mullion/uart.h>

#include <mullion/mmio.h>
#include <mullion/pl011.h>
#include <mullion/table.h>

enum { PL011_POLL_LIMIT = 100000, PL011_LEVEL_EIGHTH = 0, PL011_LEVEL_HALF = 2 };

static uint32_t pl011_read(uint64_t reg) { return mmio_read32(paddr_add(table.console, reg)); }
static void pl011_write(uint64_t reg, uint64_t value) { mmio_write32(paddr_add(table.console, reg), (uint32_t)value); }

void uart_init(void)
{
	pl011_write(PL011_IMSC, 0);
	pl011_write(PL011_CR, 0);
	pl011_write(PL011_IFLS, FIELD_PREP(PL011_IFLS_TX, PL011_LEVEL_EIGHTH) |
		    FIELD_PREP(PL011_IFLS_RX, PL011_LEVEL_HALF));
	pl011_write(PL011_LCRH, PL011_LCRH_FEN | PL011_LCRH_WLEN8);
	pl011_write(PL011_CR, PL011_CR_UARTEN | PL011_CR_TXE | PL011_CR_RXE);
}

void uart_putc(char c)
{
	for (int i = 0; i < PL011_POLL_LIMIT; i++)
		if (uart_try_putc(c))
			return;
}

bool uart_try_putc(char c)
{
	if (pl011_read(PL011_FR) & PL011_FR_TXFF)
		return false;
	pl011_write(PL011_DR, (uint8_t)c);
	return true;
}

bool uart_try_getc(char *c)
{
	if (pl011_read(PL011_FR) & PL011_FR_RXFE)
		return false;
	*c = (char)(pl011_read(PL011_DR) & 0xff);
	return true;
}

void uart_want_room(bool wanted)
{
	pl011_write(PL011_IMSC, PL011_INT_RX | PL011_INT_RT | (wanted ? PL011_INT_TX : 0));
}

void uart_acknowledge(void) { pl011_write(PL011_ICR, PL011_INT_TX); }
