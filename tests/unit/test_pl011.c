/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PL011 driver with a UART that behaves as DDI 0183G, 2.8 and 3.3 say: the
 * transmit interrupt is raised as the FIFO passes its level and cleared above it
 * or by ICR, the receive interrupts end with the FIFO. No wake-up may be lost.
 */
#include "test.h"

#include <mullion/mmio.h>
#include <mullion/table.h>
#include <mullion/uart.h>

enum { DR = 0x00, FR = 0x18, LCRH = 0x2c, CR = 0x30, IFLS = 0x34, IMSC = 0x38, ICR = 0x44 };
enum { RX = 0x10, TX = 0x20, RT = 0x40, BASE = 0x1000, FIFO = 16, TX_LEVEL = 2, SENT_MAX = 1024 };

const struct table table = { .console = { BASE } };

static uint32_t regs[0x1000 / 4], raised, filled, received, stuck;
static char sent[SENT_MAX];
static size_t sent_count;

static bool interrupts(void) { return raised & regs[IMSC / 4]; }

uint32_t mmio_read32(paddr_t addr)
{
	uint64_t offset = addr.pa - BASE;

	if (offset == FR)
		return (filled == FIFO || stuck ? 0x20u : 0) | (received ? 0 : 0x10u);
	assert_int_equal(offset, DR);
	if (--received == 0)
		raised &= ~(uint32_t)(RX | RT);
	return 0xf00u | ('A' + received);
}

void mmio_write32(paddr_t addr, uint32_t value)
{
	uint64_t offset = addr.pa - BASE;

	assert_true(offset < sizeof(regs));
	regs[offset / 4] = value;
	if (offset == DR) {
		assert_true(filled < FIFO && sent_count < SENT_MAX);
		sent[sent_count++] = (char)value;
		if (++filled > TX_LEVEL)
			raised &= ~(uint32_t)TX;
	} else if (offset == ICR) {
		raised &= ~value;
	}
}

/* One character leaves the transmitter. */
static void shift_out(void)
{
	if (filled && --filled == TX_LEVEL)
		raised |= TX;
}

static void arrives(uint32_t count)
{
	received += count;
	raised |= RT | (received >= FIFO / 2 ? RX : 0);
}

static int fresh(void **state)
{
	(void)state;
	memset(regs, 0, sizeof(regs));
	raised = filled = received = stuck = 0;
	sent_count = 0;
	regs[IMSC / 4] = TX;    /* as firmware may leave it */
	uart_init();
	return 0;
}

/* Enabled with FIFOs and 8 bits, both ways; no interrupt; levels: transmit 1/8, receive 1/2. */
static void set_up(void **state)
{
	(void)state;
	assert_int_equal(regs[CR / 4], 0x301);
	assert_int_equal(regs[LCRH / 4], 0x70);
	assert_int_equal(regs[IFLS / 4], 0x10);
	assert_int_equal(regs[IMSC / 4], 0);
}

static void try_until_full(void **state)
{
	(void)state;
	for (int i = 0; i < FIFO; i++)
		assert_true(uart_try_putc('x'));
	assert_false(uart_try_putc('y'));
	shift_out();
	assert_true(uart_try_putc('z'));
	assert_int_equal(sent_count, FIFO + 1);
}

static void stuck_uart_loses_the_character(void **state)
{
	(void)state;
	stuck = 1;
	uart_putc('x');
	assert_int_equal(sent_count, 0);
	stuck = 0;
	uart_putc('x');
	assert_int_equal(sent_count, 1);
}

/* However far the FIFO empties between "it is full" and the wish for room, the interrupt comes. */
static void room_always_interrupts(void **state)
{
	(void)state;
	for (unsigned before = 0; before <= FIFO; before++) {
		fresh(NULL);
		uart_want_room(false);
		uart_acknowledge();
		while (uart_try_putc('x'))
			;
		for (unsigned i = 0; i < before; i++)
			shift_out();
		uart_want_room(true);
		for (unsigned i = before; i < FIFO; i++)
			shift_out();
		assert_true(interrupts());
		uart_acknowledge();
		uart_want_room(false);
		assert_false(interrupts());
	}
}

static void nothing_wanted_nothing_comes(void **state)
{
	(void)state;
	uart_want_room(false);
	for (int i = 0; i < 5; i++)
		assert_true(uart_try_putc('x'));
	for (int i = 0; i < 5; i++)
		shift_out();
	assert_false(interrupts());
}

/* Acknowledging does not end what was not read yet; error bits of DR are no character. */
static void input_interrupts_until_read(void **state)
{
	char c;

	(void)state;
	arrives(2);
	assert_false(interrupts());
	uart_want_room(false);
	assert_true(interrupts());
	uart_acknowledge();
	assert_true(uart_try_getc(&c));
	assert_int_equal(c, 'B');
	uart_want_room(true);
	assert_true(interrupts());
	uart_want_room(false);
	assert_true(uart_try_getc(&c));
	assert_false(uart_try_getc(&c));
	assert_false(interrupts());
}

#define TEST(function) cmocka_unit_test_setup(function, fresh)

int main(void)
{
	const struct CMUnitTest pl011_tests[] = {
		TEST(set_up), TEST(try_until_full), TEST(stuck_uart_loses_the_character), TEST(room_always_interrupts),
		TEST(nothing_wanted_nothing_comes), TEST(input_interrupts_until_read),
	};

	return cmocka_run_group_tests_name("pl011", pl011_tests, NULL, NULL);
}
