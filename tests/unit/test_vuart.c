/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual PL011 (DDI 0183, 3.3): what a PD's console becomes on the board's, and its registers. */
#include "test.h"

#include <mullion/log.h>
#include <mullion/vdev.h>

enum { DR = 0x00, FR = 0x18, IBRD = 0x24, ICR = 0x44 };
enum { LINES_MAX = 8 };

static char lines[LINES_MAX][256];
static size_t line_count;
static const char *last_label;
static struct vuart vuart;

void log_pd(const char *label, const char *text, size_t size)
{
	assert_true(line_count < LINES_MAX && size < sizeof(lines[0]));
	memcpy(lines[line_count], text, size);
	lines[line_count++][size] = '\0';
	last_label = label;
}

static int fresh(void **state)
{
	(void)state;
	line_count = 0;
	last_label = NULL;
	vuart = (struct vuart){ 0 };
	return 0;
}

static void print(const char *text)
{
	for (; *text; text++)
		assert_true(vuart_write(&vuart, "control", DR, (unsigned char)*text));
}

static void one_line(void **state)
{
	(void)state;
	print("hello");
	assert_int_equal(line_count, 0);
	print("\n");
	assert_int_equal(line_count, 1);
	assert_string_equal(lines[0], "hello");
	assert_string_equal(last_label, "control");
}

static void several_lines(void **state)
{
	(void)state;
	print("one\r\ntwo\n\nfour\n");
	assert_int_equal(line_count, 4);
	assert_string_equal(lines[0], "one");
	assert_string_equal(lines[1], "two");
	assert_string_equal(lines[2], "");
	assert_string_equal(lines[3], "four");
}

static void overlong_line_is_broken(void **state)
{
	char text[300];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[250] = '\n';
	text[251] = '\0';
	print(text);
	assert_int_equal(line_count, 3);
	assert_int_equal(strlen(lines[0]), VUART_LINE_SIZE);
	assert_int_equal(strlen(lines[1]), VUART_LINE_SIZE);
	assert_int_equal(strlen(lines[2]), 10);
}

/* Without an end of line the buffer is emptied each time it is full. */
static void never_past_the_buffer(void **state)
{
	(void)state;
	for (int i = 0; i < 500; i++) {
		print("y");
		assert_true(vuart.length <= VUART_LINE_SIZE);
	}
	assert_int_equal(line_count, 500 / VUART_LINE_SIZE);
}

static void control_characters_are_replaced(void **state)
{
	(void)state;
	print("\x1b[2J\a\t\x7f end~\n");
	assert_int_equal(line_count, 1);
	assert_string_equal(lines[0], "?[2J??? end~");
}

/* What comes out is printable, whatever 32 bits the PD writes. */
static void every_value_is_printable(void **state)
{
	(void)state;
	for (uint64_t value = 0; value < 0x400; value++) {
		fresh(NULL);
		assert_true(vuart_write(&vuart, "control", DR, value | value << 32));
		for (uint32_t i = 0; i < vuart.length; i++)
			assert_in_range(vuart.line[i], ' ', '~');
	}
}

static void flush_prints_the_rest(void **state)
{
	(void)state;
	print("unfinished");
	vuart_flush(&vuart, "control");
	assert_int_equal(line_count, 1);
	assert_string_equal(lines[0], "unfinished");
	assert_int_equal(vuart.length, 0);
}

/* FR (3.3.3): RXFE 0x10, TXFE 0x80; neither TXFF 0x20 nor BUSY 0x8, so that no PD waits. */
static void always_ready(void **state)
{
	uint64_t value = ~UINT64_C(0);

	(void)state;
	assert_true(vuart_read(FR, &value));
	assert_int_equal(value, 0x90);
}

/* UARTPeriphID0 to 3 and UARTPCellID0 to 3 (3.3.16 to 3.3.23), r1p5. */
static void identification(void **state)
{
	static const uint8_t id[] = { 0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };
	uint64_t value;

	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		assert_true(vuart_read(0xfe0 + 4 * i, &value));
		assert_int_equal(value, id[i]);
	}
}

static void settings_are_accepted(void **state)
{
	uint64_t value;

	(void)state;
	for (unsigned offset = IBRD; offset <= ICR; offset += 4) {
		assert_true(vuart_write(&vuart, "control", offset, 0x301));
		value = 1;
		assert_true(vuart_read(offset, &value));
		assert_int_equal(value, 0);
	}
	assert_int_equal(line_count, 0);
	assert_int_equal(vuart.length, 0);
}

static void nothing_is_received(void **state)
{
	uint64_t value = 1;

	(void)state;
	assert_true(vuart_read(DR, &value));
	assert_int_equal(value, 0);
}

static void other_offsets_are_refused(void **state)
{
	static const uint64_t offsets[] = { 0x01, 0x19, 0x26, 0x31, 0x4c, 0xfdc, 0xfe1, 0x1000, 0x100000000 };
	uint64_t value;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++) {
		assert_false(vuart_read(offsets[i], &value));
		assert_int_equal(value, 0);
		assert_false(vuart_write(&vuart, "control", offsets[i], 'x'));
	}
	assert_false(vuart_write(&vuart, "control", 0xfe0, 'x'));
	assert_int_equal(vuart.length, 0);
}

#define TEST(function) cmocka_unit_test_setup(function, fresh)

int main(void)
{
	const struct CMUnitTest vuart_tests[] = {
		TEST(one_line), TEST(several_lines), TEST(overlong_line_is_broken), TEST(never_past_the_buffer),
		TEST(control_characters_are_replaced), TEST(every_value_is_printable), TEST(flush_prints_the_rest),
		TEST(always_ready), TEST(identification), TEST(settings_are_accepted), TEST(nothing_is_received),
		TEST(other_offsets_are_refused),
	};

	return cmocka_run_group_tests_name("vuart", vuart_tests, NULL, NULL);
}
