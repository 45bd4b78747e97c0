/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that lives as long as the process, and small text helpers. */
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "ptc.h"

void *keep_alloc(size_t count, size_t size)
{
	void *memory = calloc(count ? count : 1, size);

	if (!memory)
		fatal("out of memory");
	return memory;
}

char *keep_format_args(const char *format, va_list args)
{
	va_list again;
	char *text;
	int length;

	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, args);
	if (length < 0)
		fatal("cannot format '%s'", format);
	text = keep_alloc((size_t)length + 1, 1);
	vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	return text;
}

char *keep_format(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = keep_format_args(format, args);
	va_end(args);
	return text;
}

/* Grows by doubling: capacity is the next power of two at or above the count. */
void *keep_append(void *array_pointer, size_t *count, size_t size)
{
	void *array;

	memcpy(&array, array_pointer, sizeof(array));
	if ((*count & (*count - 1)) == 0) {
		array = realloc(array, (*count ? *count * 2 : 1) * size);
		if (!array)
			fatal("out of memory");
		memcpy(array_pointer, &array, sizeof(array));
	}
	return memset((char *)array + size * (*count)++, 0, size);
}

const char *access_text(unsigned access)
{
	static const char *const texts[] = { "---", "r--", "-w-", "rw-", "--x", "r-x", "-wx", "rwx" };

	return texts[access & 7];
}

char *count_text(size_t count, const char *noun) { return keep_format("%zu %s%s", count, noun, count == 1 ? "" : "s"); }

char *identifier(const char *name, bool upper)
{
	char *text = keep_format("%s", name);

	for (char *c = text; *c; c++)
		*c = isalnum((unsigned char)*c) ? (char)(upper ? toupper((unsigned char)*c) : *c) : '_';
	return text;
}

/* Octal escapes end after three digits, hexadecimal ones do not; `?` could begin a trigraph. */
char *c_string(const char *text)
{
	char *quoted = keep_alloc(strlen(text) * 4 + 1, 1);
	char *to = quoted;

	for (; *text; text++) {
		unsigned c = (unsigned char)*text;

		if (c < ' ' || c == 0x7f)
			to += sprintf(to, "\\%03o", c);
		else if (strchr("\"\\?", *text))
			to += sprintf(to, "\\%c", *text);
		else
			*to++ = *text;
	}
	return quoted;
}
