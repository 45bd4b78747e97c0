/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Virtual PL011, transmit side: what a PD prints appears on the board's console
 * by whole lines with the PD's label. Always ready, so a PD never waits.
 */
#include <mullion/vdev.h>

#include <mullion/bits.h>
#include <mullion/log.h>

enum {
	PL011_DR = 0x00,
	PL011_FR = 0x18,
	PL011_IBRD = 0x24,
	PL011_ICR = 0x44,
	PL011_ID_FIRST = 0xfe0,
	PL011_ID_LAST = 0xffc,
};

#define PL011_FR_RXFE BIT(4)
#define PL011_FR_TXFE BIT(7)

/* Peripheral and PrimeCell identification, a byte in each word from 0xfe0 (DDI 0183, 3.3.16). */
static const uint8_t pl011_id[] = { 0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

bool vuart_read(uint64_t offset, uint64_t *value)
{
	*value = 0;
	if (offset == PL011_FR)
		*value = PL011_FR_RXFE | PL011_FR_TXFE;
	else if (offset >= PL011_ID_FIRST && offset <= PL011_ID_LAST && !(offset & 3))
		*value = pl011_id[(offset - PL011_ID_FIRST) / 4];
	else
		return offset == PL011_DR || (offset >= PL011_IBRD && offset <= PL011_ICR && !(offset & 3));
	return true;
}

void vuart_flush(struct vuart *vuart, const char *label)
{
	log_pd(label, vuart->line, vuart->length);
	vuart->length = 0;
}

static void vuart_transmit(struct vuart *vuart, const char *label, char c)
{
	if (c == '\r')
		return;
	if (c == '\n') {
		vuart_flush(vuart, label);
		return;
	}
	/* A PD's escape sequences and control characters must not reach the operator's terminal. */
	if (vuart->length == VUART_LINE_SIZE)
		vuart_flush(vuart, label);
	vuart->line[vuart->length++] = c >= ' ' && c <= '~' ? c : '?';
}

bool vuart_write(struct vuart *vuart, const char *label, uint64_t offset, uint64_t value)
{
	if (offset == PL011_DR)
		vuart_transmit(vuart, label, (char)(value & 0x7f));
	else
		return offset >= PL011_IBRD && offset <= PL011_ICR && !(offset & 3);
	return true;
}
