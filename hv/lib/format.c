/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Formatted text, a character at a time: %s %u %x, `l` for 64 bits, and a
 * width, in which text is at the left (as printf's %-s) and a number at the
 * right, behind zeros with a leading 0. Anything else is printed as it stands.
 * Host-buildable.
 */
#include <mullion/log.h>

#include <stdbool.h>

enum { NUMBER_DIGITS = 20 };

struct spec {
	char fill;
	bool is_long;
	unsigned width;
};

/* Returns where the conversion is. */
static const char *spec_parse(const char *at, struct spec *spec)
{
	if (*at == '-')
		at++;
	*spec = (struct spec){ .fill = *at == '0' ? '0' : ' ' };
	for (; *at >= '0' && *at <= '9'; at++)
		spec->width = spec->width * 10 + (unsigned)(*at - '0');
	spec->is_long = *at == 'l';
	return at + spec->is_long;
}

static void put_number(void (*put)(char c), const struct spec *spec, uint64_t value, unsigned base)
{
	char digits[NUMBER_DIGITS];
	unsigned at = NUMBER_DIGITS;

	do {
		digits[--at] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	for (unsigned length = NUMBER_DIGITS - at; length < spec->width; length++)
		put(spec->fill);
	while (at < NUMBER_DIGITS)
		put(digits[at++]);
}

static void put_text(void (*put)(char c), const struct spec *spec, const char *text)
{
	unsigned length = 0;

	while (text[length])
		put(text[length++]);
	for (; length < spec->width; length++)
		put(' ');
}

void format_to(void (*put)(char c), const char *format, va_list args)
{
	struct spec spec;

	for (; *format; format++) {
		if (*format != '%') {
			put(*format);
			continue;
		}
		format = spec_parse(format + 1, &spec);
		switch (*format) {
		case 's':
			put_text(put, &spec, va_arg(args, const char *));
			break;
		case 'u':
		case 'x':
			put_number(put, &spec, spec.is_long ? va_arg(args, uint64_t) : va_arg(args, unsigned),
				   *format == 'u' ? 10 : 16);
			break;
		case '\0':
			put('%');
			return;
		default:
			put('%');
			put(*format);
		}
	}
}
