/* SPDX-License-Identifier: Apache-2.0 */
#include "json.h"

#include <inttypes.h>

/* Bytes of the UTF-8 sequence that begins here (RFC 3629, 4); 0 if none does. */
static size_t utf8_length(const unsigned char *c)
{
	size_t more = c[0] >= 0xf0 ? 3 : c[0] >= 0xe0 ? 2 : c[0] >= 0x80 ? 1 : 0;
	uint32_t value = c[0] & (more == 3 ? 0x07 : more == 2 ? 0x0f : more == 1 ? 0x1f : 0x7f);
	static const uint32_t first[] = { 0, 0x80, 0x800, 0x10000 };

	if ((c[0] >= 0x80 && c[0] < 0xc0) || c[0] >= 0xf8)
		return 0;
	for (size_t i = 1; i <= more; i++) {
		if ((c[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (c[i] & 0x3f);
	}
	return value < first[more] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000) ? 0 : more + 1;
}

/* Quotes, backslashes and control characters are escaped; what is no UTF-8 is shown as such. */
static void json_text(struct json *json, const char *text)
{
	const unsigned char *c = (const unsigned char *)text;

	fputc('"', json->out);
	while (*c) {
		size_t length = utf8_length(c);

		if (!length)
			fputs("\\ufffd", json->out);
		else if (*c < ' ' || *c == '"' || *c == '\\' || *c == 0x7f)
			fprintf(json->out, "\\u%04x", *c);
		else
			fwrite(c, 1, length, json->out);
		c += length ? length : 1;
	}
	fputc('"', json->out);
}

static void json_key(struct json *json, const char *key)
{
	if (json->follows)
		fputs(",\n", json->out);
	json->follows = true;
	if (key) {
		json_text(json, key);
		fputc(':', json->out);
	}
}

static void json_begin(struct json *json, const char *key, char bracket)
{
	json_key(json, key);
	fputc(bracket, json->out);
	json->follows = false;
}

void json_object(struct json *json, const char *key) { json_begin(json, key, '{'); }

void json_array(struct json *json, const char *key) { json_begin(json, key, '['); }

void json_end(struct json *json, char bracket)
{
	fputc(bracket, json->out);
	json->follows = true;
}

void json_string(struct json *json, const char *key, const char *value)
{
	json_key(json, key);
	json_text(json, value);
}

void json_number(struct json *json, const char *key, uint64_t value)
{
	json_key(json, key);
	fprintf(json->out, "%" PRIu64, value);
}

void json_bool(struct json *json, const char *key, bool value)
{
	json_key(json, key);
	fputs(value ? "true" : "false", json->out);
}
