/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Virtual PL011 (DDI 0183G; revision r1p4, whose FIFOs have 16 characters). It
 * sends at once, so its transmit FIFO is always empty and a PD never waits; what
 * a PD sends appears on the board's console by whole lines with the PD's label.
 * It receives whether the PD enabled it or not, as firmware leaves a console.
 *
 * Time does not pass in it: a receive timeout is over as soon as a character is
 * there. RIS.RX and RIS.RT therefore follow the FIFO, and ICR clears them only
 * with what they stand for.
 */
#include <mullion/vdev.h>

#include <mullion/percpu.h>
#include <mullion/pl011.h>

/* Peripheral and PrimeCell identification, a byte in each word from 0xfe0 (3.3.16 to 3.3.23). */
static const uint8_t pl011_id[] = { 0x11, 0x10, 0x24, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

/* Characters in the FIFO at which RIS.RX is set, by IFLS (3.3.9). */
static const uint8_t rx_levels[8] = { 2, 4, 8, 12, 14, 14, 14, 14 };

/* What the registers from ILPR to DMACR keep: nothing where none is, or where the PD reads something else. */
static const uint16_t kept[VUART_REGS] = { 0xff, 0xffff, 0x3f, 0xff, 0xff87, 0x3f, 0x7ff, 0, 0, 0, 0x7 };

static uint16_t *vuart_reg(struct vuart *vuart, uint64_t offset) { return &vuart->regs[(offset - PL011_ILPR) / 4]; }

static bool vuart_has(uint64_t offset, unsigned bytes)
{
	return !(offset & 3) && bytes <= 4 &&
	       (offset <= PL011_ECR || offset == PL011_FR || (offset >= PL011_ILPR && offset <= PL011_DMACR) ||
		(offset >= PL011_ID_FIRST && offset <= PL011_ID_LAST));
}

static uint32_t fifo_depth(struct vuart *vuart)
{
	return *vuart_reg(vuart, PL011_LCRH) & PL011_LCRH_FEN ? VUART_FIFO_SIZE : 1;
}

static uint64_t interrupts(struct vuart *vuart, uint64_t mask)
{
	uint8_t level = rx_levels[FIELD_GET(PL011_IFLS_RX, *vuart_reg(vuart, PL011_IFLS))];
	bool full = vuart->received == fifo_depth(vuart) || vuart->received >= level;

	return mask & ((vuart->sent ? PL011_INT_TX : 0) | (vuart->received ? PL011_INT_RT : 0) |
		       (full ? PL011_INT_RX : 0));
}

/* Ends every access: takes what was typed, brings the line to where the registers want it, gives up the lock. */
static void vuart_leave(struct vuart *vuart)
{
	struct lock *lock = &percpu()->state->lock;
	bool high;

	while (vuart->received < fifo_depth(vuart) &&
	       console_input_take(percpu()->cpu->pd, &vuart->fifo[vuart->received]))
		vuart->received++;
	/* One CPU at a time, so that what was told last is what was true last. */
	while (!vuart->telling && (high = interrupts(vuart, *vuart_reg(vuart, PL011_IMSC))) != vuart->high) {
		vuart->high = high;
		vuart->telling = true;
		lock_release(lock);
		vgic_set_line(percpu()->pd->console_spi, high);
		lock_take(lock);
		vuart->telling = false;
	}
	lock_release(lock);
}

static struct vuart *vuart_enter(void)
{
	lock_take(&percpu()->state->lock);
	return &percpu()->state->vuart;
}

/* What was typed for the last run is dropped. The loop ends: whoever types is slower than it. */
void vuart_reset(void)
{
	struct vuart *vuart = vuart_enter();
	char typed;

	while (console_input_take(percpu()->cpu->pd, &typed))
		;
	*vuart = (struct vuart){ 0 };
	*vuart_reg(vuart, PL011_CR) = (uint16_t)(PL011_CR_TXE | PL011_CR_RXE);
	*vuart_reg(vuart, PL011_IFLS) = 0x12;
	lock_release(&percpu()->state->lock);
}

void vuart_input(void) { vuart_leave(vuart_enter()); }

static uint64_t receive(struct vuart *vuart)
{
	char c = vuart->fifo[0];

	if (!vuart->received)
		return 0;
	vuart->received--;
	for (uint32_t i = 0; i < vuart->received; i++)
		vuart->fifo[i] = vuart->fifo[i + 1];
	return (uint8_t)c;
}

static uint64_t register_read(struct vuart *vuart, uint64_t offset)
{
	if (offset == PL011_DR)
		return receive(vuart);
	if (offset == PL011_FR)
		return PL011_FR_TXFE | (vuart->received ? 0 : PL011_FR_RXFE) |
		       (vuart->received >= fifo_depth(vuart) ? PL011_FR_RXFF : 0);
	if (offset == PL011_RIS || offset == PL011_MIS)
		return interrupts(vuart, offset == PL011_RIS ? UINT64_MAX : *vuart_reg(vuart, PL011_IMSC));
	if (offset >= PL011_ID_FIRST)
		return pl011_id[(offset - PL011_ID_FIRST) / 4];
	return offset >= PL011_ILPR ? *vuart_reg(vuart, offset) : 0;
}

static void line_end(struct vuart *vuart)
{
	console_pd_line(percpu()->pd->label, vuart->line, vuart->length);
	vuart->length = 0;
}

/* A PD's escape sequences and control characters must not reach the operator's terminal. */
static void transmit(struct vuart *vuart, uint8_t c)
{
	vuart->sent = true;     /* the FIFO has passed its level: it is empty again */
	if (c == '\r')
		return;
	if (c == '\n' || vuart->length >= VUART_LINE_SIZE)
		line_end(vuart);
	if (c != '\n')
		vuart->line[vuart->length++] = c == '\t' ? ' ' : c >= ' ' && c <= '~' ? (char)c : '?';
}

static void register_write(struct vuart *vuart, uint64_t offset, uint64_t value)
{
	if (offset == PL011_DR)
		transmit(vuart, (uint8_t)value);
	else if (offset == PL011_ICR && value & PL011_INT_TX)
		vuart->sent = false;
	/* Switching the FIFO on or off empties it (3.3.7). */
	if (offset == PL011_LCRH && (value ^ *vuart_reg(vuart, PL011_LCRH)) & PL011_LCRH_FEN)
		vuart->received = 0;
	if (offset >= PL011_ILPR && offset <= PL011_DMACR)
		*vuart_reg(vuart, offset) = (uint16_t)(value & kept[(offset - PL011_ILPR) / 4]);
}

bool vuart_access(uint64_t offset, unsigned bytes, bool write, uint64_t *value)
{
	uint64_t mask = bytes == 1 ? 0xff : 0xffff;
	struct vuart *vuart;

	if (!vuart_has(offset, bytes))
		return false;
	vuart = vuart_enter();
	if (write)
		register_write(vuart, offset, *value & mask);
	else
		*value = register_read(vuart, offset) & mask;
	vuart_leave(vuart);
	return true;
}

void vuart_flush(void)
{
	struct vuart *vuart = vuart_enter();

	if (vuart->length)
		line_end(vuart);
	vuart_leave(vuart);
}
