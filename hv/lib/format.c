/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Formatted text, a character at a time: %s %c %u %x, `l` for 64 bits, a width,
 * a leading 0 for zeros and - for left alignment. Anything else is printed as
 * it stands. Host-buildable.
 */
#include <mullion/log.h>

#include <stdbool.h>

enum { NUMBER_DIGITS = 20 };

struct spec {
	bool left;
	bool zeros;
	bool is_long;
	unsigned width;
	char kind;
};

static const char *spec_parse(const char *at, struct spec *spec)
{
	*spec = (struct spec){ 0 };
	for (; *at == '-' || *at == '0'; at++) {
		if (*at == '-')
			spec->left = true;
		else
			spec->zeros = true;
	}
	for (; *at >= '0' && *at <= '9'; at++)
		spec->width = spec->width * 10 + (unsigned)(*at - '0');
	for (; *at == 'l'; at++)
		spec->is_long = true;
	spec->kind = *at;
	return *at ? at + 1 : at;
}

static void put_padded(void (*put)(char c), const struct spec *spec, const char *text, unsigned length)
{
	unsigned pad = spec->width > length ? spec->width - length : 0;

	for (unsigned i = 0; i < pad && !spec->left; i++)
		put(spec->zeros ? '0' : ' ');
	for (unsigned i = 0; i < length; i++)
		put(text[i]);
	for (unsigned i = 0; i < pad && spec->left; i++)
		put(' ');
}

static void put_number(void (*put)(char c), const struct spec *spec, uint64_t value, unsigned base)
{
	char digits[NUMBER_DIGITS];
	unsigned at = NUMBER_DIGITS;

	do {
		digits[--at] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	put_padded(put, spec, &digits[at], NUMBER_DIGITS - at);
}

static void put_text(void (*put)(char c), const struct spec *spec, const char *text)
{
	unsigned length = 0;

	while (text[length])
		length++;
	put_padded(put, spec, text, length);
}

void format_to(void (*put)(char c), const char *format, va_list args)
{
	struct spec spec;

	while (*format) {
		char c = *format++;

		if (c != '%') {
			put(c);
			continue;
		}
		format = spec_parse(format, &spec);
		switch (spec.kind) {
		case 's':
			put_text(put, &spec, va_arg(args, const char *));
			break;
		case 'c':
			put((char)va_arg(args, int));
			break;
		case 'u':
		case 'x':
			put_number(put, &spec, spec.is_long ? va_arg(args, uint64_t) : va_arg(args, unsigned),
				   spec.kind == 'u' ? 10 : 16);
			break;
		default:
			put('%');
			if (spec.kind)
				put(spec.kind);
		}
	}
}
