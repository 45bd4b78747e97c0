/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual PL011 (DDI 0183G, 3.3): what a PD's console becomes on the board's, what it receives, its interrupts. */
#include "test.h"

#include <mullion/console.h>
#include <mullion/percpu.h>
#include <mullion/vdev.h>

enum {
	DR = 0x00, ECR = 0x04, FR = 0x18, ILPR = 0x20, IBRD = 0x24, FBRD = 0x28, LCRH = 0x2c, CR = 0x30, IFLS = 0x34,
	IMSC = 0x38, RIS = 0x3c, MIS = 0x40, ICR = 0x44, DMACR = 0x48,
};
enum { RX = 0x10, TX = 0x20, RT = 0x40, FEN = 0x10, RXFE = 0x10, RXFF = 0x40, TXFE = 0x80 };
enum { LINES_MAX = 8, SPI = 5 };

static struct pd_state state;
static const struct table_pd pd = { .label = "control", .has_console = true, .console_spi = SPI, .state = &state };
static const struct table_cpu cpu = { .pd = 3 };
static struct percpu this_cpu = { .cpu = &cpu, .pd = &pd, .state = &state };
_Thread_local struct percpu *fake_percpu = &this_cpu;

static char lines[LINES_MAX][256];
static size_t line_count;
static const char *typed;
static bool line_high;          /* the interrupt, as the controller was told */
static unsigned told;
static void (*meanwhile)(void); /* what another CPU of the PD does while this one tells */

void console_pd_line(const char *label, const char *text, size_t size)
{
	assert_int_equal(state.lock.taken, 1);
	assert_string_equal(label, "control");
	assert_true(line_count < LINES_MAX && size < sizeof(lines[0]));
	memcpy(lines[line_count], text, size);
	lines[line_count++][size] = '\0';
}

bool console_input_take(uint32_t pd_idx, char *c)
{
	assert_int_equal(state.lock.taken, 1);
	assert_int_equal(pd_idx, 3);
	if (!*typed)
		return false;
	*c = *typed++;
	return true;
}

void vgic_set_line(uint32_t spi, bool high)
{
	void (*other)(void) = meanwhile;

	assert_int_equal(state.lock.taken, 0);
	assert_int_equal(spi, SPI);
	assert_true(told++ < 1000);
	meanwhile = NULL;
	if (other)
		other();
	line_high = high;
}

static int fresh(void **unused)
{
	(void)unused;
	line_count = 0;
	typed = "";
	line_high = false;
	told = 0;
	meanwhile = NULL;
	state = (struct pd_state){ 0 };
	vuart_reset();
	return 0;
}

static bool vuart_read(uint64_t offset, unsigned bytes, uint64_t *value)
{
	*value = 0;
	return vuart_access(offset, bytes, false, value);
}

static bool vuart_write(uint64_t offset, unsigned bytes, uint64_t value)
{
	return vuart_access(offset, bytes, true, &value);
}

static uint64_t get(uint64_t offset)
{
	uint64_t value = ~UINT64_C(0);

	assert_true(vuart_read(offset, 4, &value));
	assert_int_equal(state.lock.taken, 0);
	return value;
}

static void set(uint64_t offset, uint64_t value)
{
	assert_true(vuart_write(offset, 4, value));
	assert_int_equal(state.lock.taken, 0);
}

static void print(const char *text)
{
	for (; *text; text++)
		set(DR, (unsigned char)*text);
}

static void type(const char *text)
{
	typed = text;
	vuart_input();
}

/* ---- transmit ---- */

static void one_line(void **unused)
{
	(void)unused;
	print("hello");
	assert_int_equal(line_count, 0);
	print("\n");
	assert_int_equal(line_count, 1);
	assert_string_equal(lines[0], "hello");
}

static void several_lines(void **unused)
{
	(void)unused;
	print("one\r\ntwo\n\nfour\n");
	assert_int_equal(line_count, 4);
	assert_string_equal(lines[0], "one");
	assert_string_equal(lines[1], "two");
	assert_string_equal(lines[2], "");
	assert_string_equal(lines[3], "four");
}

static void overlong_line_is_broken(void **unused)
{
	char text[300];

	(void)unused;
	memset(text, 'x', sizeof(text));
	text[250] = '\n';
	text[251] = '\0';
	print(text);
	assert_int_equal(line_count, 3);
	assert_int_equal(strlen(lines[0]), VUART_LINE_SIZE);
	assert_int_equal(strlen(lines[1]), VUART_LINE_SIZE);
	assert_int_equal(strlen(lines[2]), 10);
}

/* One that just fits is one line, not one and an empty one. */
static void full_line_is_one(void **unused)
{
	(void)unused;
	for (int i = 0; i < VUART_LINE_SIZE; i++)
		print("z");
	print("\n");
	assert_int_equal(line_count, 1);
}

/* Without an end of line the buffer is emptied each time it is full. */
static void never_past_the_buffer(void **unused)
{
	(void)unused;
	for (int i = 0; i < 500; i++) {
		print("y");
		assert_true(state.vuart.length <= VUART_LINE_SIZE);
	}
	assert_int_equal(line_count, 500 / VUART_LINE_SIZE);
}

static void control_characters_are_replaced(void **unused)
{
	(void)unused;
	print("\x1b[2J\a\t\x7f\xc3\xa4 end~\n");
	assert_int_equal(line_count, 1);
	assert_string_equal(lines[0], "?[2J? ??? end~");
}

/* What comes out is printable, whatever the PD writes, at whatever width. */
static void every_value_is_printable(void **unused)
{
	(void)unused;
	for (uint64_t value = 0; value < 0x400; value++) {
		fresh(NULL);
		assert_true(vuart_write(DR, 1u << value % 3, value | value << 32));
		for (uint32_t i = 0; i < state.vuart.length; i++)
			assert_in_range(state.vuart.line[i], ' ', '~');
	}
}

static void flush_prints_the_rest(void **unused)
{
	(void)unused;
	vuart_flush();
	assert_int_equal(line_count, 0);
	print("unfinished");
	vuart_flush();
	assert_int_equal(line_count, 1);
	assert_string_equal(lines[0], "unfinished");
	vuart_flush();
	assert_int_equal(line_count, 1);
	assert_int_equal(state.lock.taken, 0);
}

/* FR (3.3.3): neither TXFF 0x20 nor BUSY 0x8, so that no PD waits. */
static void always_ready(void **unused)
{
	(void)unused;
	assert_int_equal(get(FR), RXFE | TXFE);
	print("abc");
	assert_int_equal(get(FR), RXFE | TXFE);
}

/* ---- receive ---- */

static void receives_in_order(void **unused)
{
	(void)unused;
	assert_int_equal(get(DR), 0);
	set(LCRH, FEN);
	type("ab\xff");
	assert_int_equal(get(FR), TXFE);
	assert_int_equal(get(DR), 'a');
	assert_int_equal(get(DR), 'b');
	assert_int_equal(get(DR), 0xff);
	assert_int_equal(get(FR), RXFE | TXFE);
	assert_int_equal(get(DR), 0);
}

/* A full FIFO leaves the rest with the console, and takes more as it is read. */
static void fifo_is_refilled(void **unused)
{
	static const char text[] = "abcdefghijklmnopqrstuvwxyz";

	(void)unused;
	set(LCRH, FEN);
	type(text);
	assert_int_equal(get(FR), TXFE | RXFF);
	assert_int_equal(strlen(typed), strlen(text) - VUART_FIFO_SIZE);
	for (const char *at = text; *at; at++)
		assert_int_equal(get(DR), *at);
	assert_int_equal(get(FR), RXFE | TXFE);
}

/* Without FIFOs, as after reset, there is one character; polling works without any set-up. */
static void one_without_fifo(void **unused)
{
	(void)unused;
	type("xyz");
	assert_int_equal(get(FR), TXFE | RXFF);
	assert_int_equal(get(RIS), RX | RT);
	assert_int_equal(strlen(typed), 2);
	assert_int_equal(get(DR), 'x');
	assert_int_equal(get(DR), 'y');
	assert_int_equal(get(DR), 'z');
	assert_int_equal(get(FR), RXFE | TXFE);
}

/* Switching FIFOs empties them, and what the console still has comes. */
static void fifo_switch_empties(void **unused)
{
	(void)unused;
	type("xyz");
	set(LCRH, 0x60 | FEN);
	assert_int_equal(get(DR), 'y');
	set(LCRH, 0x70);
	assert_int_equal(get(DR), 'z');
	assert_int_equal(get(FR), RXFE | TXFE);
}

/* ---- interrupts ---- */

/* RXIFLSEL (3.3.9): 1/8, 1/4, 1/2, 3/4, 7/8 of 16. */
static void receive_levels(void **unused)
{
	static const unsigned levels[] = { 2, 4, 8, 12, 14 };

	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(levels); i++) {
		fresh(NULL);
		set(LCRH, FEN);
		set(IFLS, i << 3);
		for (unsigned count = 1; count <= VUART_FIFO_SIZE; count++) {
			type("c");
			assert_int_equal(get(RIS), count >= levels[i] ? RX | RT : RT);
		}
		for (unsigned count = VUART_FIFO_SIZE; count-- > 0;) {
			get(DR);
			assert_int_equal(get(RIS), (count >= levels[i] ? RX : 0) | (count ? RT : 0));
		}
	}
}

static void reset_level_is_half(void **unused)
{
	(void)unused;
	assert_int_equal(get(IFLS), 0x12);
	set(LCRH, FEN);
	type("1234567");
	assert_int_equal(get(RIS), RT);
	type("8");
	assert_int_equal(get(RIS), RX | RT);
}

static void mask_makes_the_line(void **unused)
{
	(void)unused;
	set(LCRH, FEN);
	type("x");
	assert_int_equal(get(MIS), 0);
	assert_int_equal(told, 0);
	set(IMSC, RX | RT);
	assert_int_equal(get(MIS), RT);
	assert_true(line_high);
	assert_int_equal(told, 1);
	get(FR);
	assert_int_equal(told, 1);
	assert_int_equal(get(DR), 'x');
	assert_false(line_high);
	assert_int_equal(told, 2);
	type("y");
	assert_true(line_high);
	set(IMSC, 0);
	assert_false(line_high);
	assert_int_equal(get(RIS), RT);
}

/* A driver that clears them and reads nothing has them still: characters never wait unannounced. */
static void cleared_receive_comes_again(void **unused)
{
	(void)unused;
	set(LCRH, FEN);
	set(IMSC, RX | RT);
	type("x");
	set(ICR, 0x7ff);
	assert_int_equal(get(MIS), RT);
	assert_true(line_high);
}

/* Raised by passing the level: after a character was sent, not by enabling it (2.8). */
static void transmit_interrupt(void **unused)
{
	(void)unused;
	set(IMSC, TX);
	assert_int_equal(get(RIS), 0);
	assert_false(line_high);
	print("a");
	assert_int_equal(get(MIS), TX);
	assert_true(line_high);
	set(ICR, RX | RT);
	assert_int_equal(get(MIS), TX);
	set(ICR, TX);
	assert_int_equal(get(RIS), 0);
	assert_false(line_high);
	print("b");
	assert_true(line_high);
}

/* A driver that sends first and enables then goes on too, and stops it by the mask. */
static void transmit_interrupt_enabled_late(void **unused)
{
	(void)unused;
	print("a");
	assert_false(line_high);
	set(IMSC, TX);
	assert_true(line_high);
	set(IMSC, 0);
	assert_false(line_high);
}

/* Two CPUs at once: what was told last is what holds. */
static void other_reads_it(void) { assert_int_equal(get(DR), 'x'); }

static void line_follows_the_last_change(void **unused)
{
	(void)unused;
	set(LCRH, FEN);
	set(IMSC, RT);
	meanwhile = other_reads_it;
	type("x");
	assert_false(line_high);
	assert_int_equal(get(MIS), 0);
	assert_false(state.vuart.telling);
}

/* ---- registers ---- */

/* UARTPeriphID0 to 3 and UARTPCellID0 to 3 (3.3.16 to 3.3.23), r1p4: its FIFOs have 16 characters. */
static void identification(void **unused)
{
	static const uint8_t id[] = { 0x11, 0x10, 0x24, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

	(void)unused;
	for (unsigned i = 0; i < 8; i++) {
		assert_int_equal(get(0xfe0 + 4 * i), id[i]);
		set(0xfe0 + 4 * i, 0xff);
		assert_int_equal(get(0xfe0 + 4 * i), id[i]);
	}
}

/* Each keeps the bits it has (3.3.5 to 3.3.10, 3.3.14), and no other changes. */
static void settings_are_kept(void **unused)
{
	static const struct { unsigned offset; uint64_t reset, bits; } settings[] = {
		{ ILPR, 0, 0xff }, { IBRD, 0, 0xffff }, { FBRD, 0, 0x3f }, { LCRH, 0, 0xff }, { CR, 0x300, 0xff87 },
		{ IFLS, 0x12, 0x3f }, { IMSC, 0, 0x7ff }, { DMACR, 0, 0x7 },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		fresh(NULL);
		for (size_t j = 0; j < ARRAY_SIZE(settings); j++)
			assert_int_equal(get(settings[j].offset), settings[j].reset);
		set(settings[i].offset, 0xffffffff);
		for (size_t j = 0; j < ARRAY_SIZE(settings); j++)
			assert_int_equal(get(settings[j].offset), j == i ? settings[j].bits : settings[j].reset);
		set(settings[i].offset, 0);
		assert_int_equal(get(settings[i].offset), 0);
	}
	assert_int_equal(line_count, 0);
}

static void read_only_ignores_writes(void **unused)
{
	static const unsigned offsets[] = { ECR, FR, RIS, MIS, ICR };

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++) {
		set(offsets[i], 0xffff);
		assert_int_equal(get(offsets[i]), offsets[i] == FR ? RXFE | TXFE : 0);
	}
}

static void widths(void **unused)
{
	uint64_t value;

	(void)unused;
	assert_true(vuart_write(CR, 2, 0x12340301));
	assert_true(vuart_read(CR, 2, &value));
	assert_int_equal(value, 0x301);
	assert_true(vuart_read(CR, 1, &value));
	assert_int_equal(value, 0x01);
	assert_true(vuart_write(LCRH, 1, 0xfff70));
	assert_int_equal(get(LCRH), 0x70);
	assert_true(vuart_write(IMSC, 1, 0x741));
	assert_int_equal(get(IMSC), 0x41);
	assert_false(vuart_read(CR, 8, &value));
	assert_false(vuart_write(CR, 8, 0));
	assert_int_equal(get(CR), 0x301);
}

static void other_offsets_are_refused(void **unused)
{
	static const uint64_t offsets[] = {
		0x01, 0x02, 0x08, 0x14, 0x19, 0x1c, 0x26, 0x31, 0x4c, 0xfdc, 0xfe1, 0x1000, 0x100000000, UINT64_MAX - 3,
	};
	uint64_t value;

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++) {
		assert_false(vuart_read(offsets[i], 4, &value));
		assert_int_equal(value, 0);
		assert_false(vuart_write(offsets[i], 4, 'x'));
	}
	assert_int_equal(state.vuart.length, 0);
	assert_int_equal(state.lock.taken, 0);
}

#define TEST(function) cmocka_unit_test_setup(function, fresh)

int main(void)
{
	const struct CMUnitTest vuart_tests[] = {
		TEST(one_line), TEST(several_lines), TEST(overlong_line_is_broken), TEST(full_line_is_one),
		TEST(never_past_the_buffer), TEST(control_characters_are_replaced), TEST(every_value_is_printable),
		TEST(flush_prints_the_rest), TEST(always_ready), TEST(receives_in_order), TEST(fifo_is_refilled),
		TEST(one_without_fifo), TEST(fifo_switch_empties), TEST(receive_levels), TEST(reset_level_is_half),
		TEST(mask_makes_the_line), TEST(cleared_receive_comes_again), TEST(transmit_interrupt),
		TEST(transmit_interrupt_enabled_late), TEST(line_follows_the_last_change), TEST(identification),
		TEST(settings_are_kept), TEST(read_only_ignores_writes), TEST(widths), TEST(other_offsets_are_refused),
	};

	return cmocka_run_group_tests_name("vuart", vuart_tests, NULL, NULL);
}
