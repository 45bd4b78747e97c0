/* SPDX-License-Identifier: Apache-2.0 */
/* Arm PL011 (DDI 0183), polled transmit. The baud rate stays as firmware set it. */
#include <mullion/uart.h>

#include <mullion/bits.h>
#include <mullion/mmio.h>
#include <mullion/table.h>

enum {
	PL011_DR = 0x00,
	PL011_FR = 0x18,
	PL011_LCRH = 0x2c,
	PL011_CR = 0x30,
	PL011_IMSC = 0x38,
	PL011_POLL_LIMIT = 100000,
};

#define PL011_FR_TXFF    BIT(5)
#define PL011_LCRH_FEN   BIT(4)
#define PL011_LCRH_WLEN8 GENMASK(6, 5)
#define PL011_CR_UARTEN  BIT(0)
#define PL011_CR_TXE     BIT(8)

static paddr_t pl011(uint64_t reg) { return paddr_add(table.console, reg); }

void uart_init(void)
{
	mmio_write32(pl011(PL011_IMSC), 0);
	mmio_write32(pl011(PL011_CR), 0);
	mmio_write32(pl011(PL011_LCRH), (uint32_t)(PL011_LCRH_FEN | PL011_LCRH_WLEN8));
	mmio_write32(pl011(PL011_CR), (uint32_t)(PL011_CR_UARTEN | PL011_CR_TXE));
}

void uart_putc(char c)
{
	for (int i = 0; i < PL011_POLL_LIMIT; i++) {
		if (!(mmio_read32(pl011(PL011_FR)) & PL011_FR_TXFF)) {
			mmio_write32(pl011(PL011_DR), (uint8_t)c);
			return;
		}
	}
}
