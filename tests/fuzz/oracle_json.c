/* SPDX-License-Identifier: Apache-2.0 */
/* JSON as RFC 8259 has it: one value, strings of UTF-8 without control characters. */
#include <stdbool.h>
#include <string.h>

#include "fuzz.h"

enum { DEPTH_MAX = 32 };

static const char *value(const char *at, int depth);

static const char *space(const char *at) { return at + strspn(at, " \t\r\n"); }

static const char *expect(const char *at, char c)
{
	if (*at != c)
		fuzz_fail("JSON: needed '%c' at: %.80s", c, at);
	return space(at + 1);
}

/* Bytes of the UTF-8 sequence (RFC 3629, 4); 0 if it is none. */
static size_t sequence(const unsigned char *c)
{
	size_t more = c[0] < 0x80 ? 0 : c[0] < 0xe0 ? 1 : c[0] < 0xf0 ? 2 : 3;

	if ((c[0] >= 0x80 && c[0] < 0xc2) || c[0] > 0xf4)
		return 0;
	for (size_t i = 1; i <= more; i++)
		if (c[i] < 0x80 || c[i] > 0xbf)
			return 0;
	if ((c[0] == 0xe0 && c[1] < 0xa0) || (c[0] == 0xed && c[1] > 0x9f) || (c[0] == 0xf0 && c[1] < 0x90) ||
	    (c[0] == 0xf4 && c[1] > 0x8f))
		return 0;
	return more + 1;
}

static const char *string(const char *at)
{
	for (at++; *at != '"';) {
		size_t length = sequence((const unsigned char *)at);

		if ((unsigned char)*at < ' ' || !length)
			fuzz_fail("JSON: no text in a string: %.80s", at);
		if (*at == '\\') {
			if (at[1] == 'u' && strspn(at + 2, "0123456789abcdefABCDEF") >= 4)
				length = 6;
			else if (at[1] && strchr("\"\\/bfnrt", at[1]))
				length = 2;
			else
				fuzz_fail("JSON: no escape: %.80s", at);
		}
		at += length;
	}
	return space(at + 1);
}

static const char *members(const char *at, char end, bool named, int depth)
{
	at = space(at + 1);
	while (*at != end) {
		if (named)
			at = expect(*at == '"' ? string(at) : at, ':');
		at = value(at, depth + 1);
		if (*at == end)
			break;
		at = expect(at, ',');
		if (*at == end)
			fuzz_fail("JSON: nothing follows a comma: %.80s", at);
	}
	return space(at + 1);
}

static const char *value(const char *at, int depth)
{
	static const char *const words[] = { "true", "false", "null" };
	size_t digits = strspn(at, "0123456789");

	if (depth > DEPTH_MAX)
		fuzz_fail("JSON: too deep");
	if (*at == '{' || *at == '[')
		return members(at, *at == '{' ? '}' : ']', *at == '{', depth);
	if (*at == '"')
		return string(at);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strncmp(at, words[i], strlen(words[i])))
			return space(at + strlen(words[i]));
	if (!digits || (*at == '0' && digits > 1))
		fuzz_fail("JSON: no value: %.80s", at);
	return space(at + digits);
}

void oracle_json(const char *text)
{
	const char *end = value(space(text), 0);

	if (*end)
		fuzz_fail("JSON: something follows: %.80s", end);
}
