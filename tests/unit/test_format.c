/* SPDX-License-Identifier: Apache-2.0 */
/* Formatted text: every conversion, widths, 64 bits, and what is none. */
#include "test.h"

#include <mullion/log.h>

static char text[256];
static size_t length;

static void put(char c)
{
	assert_true(length < sizeof(text) - 1);
	text[length++] = c;
	text[length] = '\0';
}

/* Without the attribute of log_info: unknown conversions must compile here. */
static const char *formatted(const char *format, ...)
{
	va_list args;

	length = 0;
	text[0] = '\0';
	va_start(args, format);
	format_to(put, format, args);
	va_end(args);
	return text;
}

static void plain(void **state)
{
	(void)state;
	assert_string_equal(formatted("%s", ""), "");
	assert_string_equal(formatted("a plain line"), "a plain line");
}

static void strings(void **state)
{
	(void)state;
	assert_string_equal(formatted("<%s>", "text"), "<text>");
	assert_string_equal(formatted("<%-6s>", "text"), "<text  >");
	assert_string_equal(formatted("<%-2s>", "text"), "<text>");
}

static void decimals(void **state)
{
	(void)state;
	assert_string_equal(formatted("%u", 0u), "0");
	assert_string_equal(formatted("%u", 10u), "10");
	assert_string_equal(formatted("%u", 4294967295u), "4294967295");
}

static void hexadecimals(void **state)
{
	(void)state;
	assert_string_equal(formatted("%x", 0u), "0");
	assert_string_equal(formatted("0x%x", 0x89abcdefu), "0x89abcdef");
	assert_string_equal(formatted("%x", 0xffffffffu), "ffffffff");
}

static void longs(void **state)
{
	(void)state;
	assert_string_equal(formatted("%lu", UINT64_MAX), "18446744073709551615");
	assert_string_equal(formatted("%lx", UINT64_MAX), "ffffffffffffffff");
	assert_string_equal(formatted("%lx", UINT64_C(0x0123456789abcdef)), "123456789abcdef");
}

static void widths(void **state)
{
	(void)state;
	assert_string_equal(formatted("<%5u>", 42u), "<   42>");
	assert_string_equal(formatted("<%05u>", 42u), "<00042>");
	assert_string_equal(formatted("<%8x>", 0xbeefu), "<    beef>");
	assert_string_equal(formatted("<%08x>", 0xbeefu), "<0000beef>");
	assert_string_equal(formatted("<%016lx>", UINT64_C(0xbeef)), "<000000000000beef>");
	assert_string_equal(formatted("<%2u>", 12345u), "<12345>");
	assert_string_equal(formatted("<%30lu>", UINT64_MAX), "<          18446744073709551615>");
}

static void several(void **state)
{
	(void)state;
	assert_string_equal(formatted("%s %u of %lx: %s%x.", "pd", 3u, UINT64_C(0x100000000), "z", 10u),
			    "pd 3 of 100000000: za.");
}

/* An unknown conversion is printed and takes no argument. */
static void unknown(void **state)
{
	(void)state;
	assert_string_equal(formatted("%q %u", 7u), "%q 7");
	assert_string_equal(formatted("%d", 1), "%d");
}

static void percent_at_the_end(void **state)
{
	(void)state;
	assert_string_equal(formatted("100%"), "100%");
}

int main(void)
{
	const struct CMUnitTest format[] = {
		cmocka_unit_test(plain), cmocka_unit_test(strings),
		cmocka_unit_test(decimals), cmocka_unit_test(hexadecimals), cmocka_unit_test(longs),
		cmocka_unit_test(widths), cmocka_unit_test(several),
		cmocka_unit_test(unknown), cmocka_unit_test(percent_at_the_end),
	};

	return cmocka_run_group_tests(format, NULL, NULL);
}
