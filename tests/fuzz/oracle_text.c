/* SPDX-License-Identifier: Apache-2.0 */
/* What ptc says and writes: a message is a line, without control characters; strings and comments have an end. */
#include <libfdt.h>
#include <stdbool.h>
#include <string.h>

#include "fuzz.h"

static bool is_message(const char *line, size_t length)
{
	static const char *const kinds[] = { ": error: ", ": warning: ", ": note: " };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (memmem(line, length, kinds[i], strlen(kinds[i])))
			return true;
	return !strncmp(line, "ptc: ", 5);
}

static void check_said(const struct output *said)
{
	const char *line = said->text, *end;

	if (strlen(said->text) != said->size)
		fuzz_fail("a zero byte in what ptc says: %s", said->text);
	for (; *line; line = end + 1) {
		end = strchr(line, '\n');
		if (!end || !is_message(line, (size_t)(end - line)))
			fuzz_fail("no message: %s", line);
		if (!strncmp(line, "ptc: error: internal", 20))
			fuzz_fail("%s", line);
		for (const char *c = line; c != end; c++)
			if ((unsigned char)*c < ' ' || *c == 0x7f)
				fuzz_fail("a control character in: %.*s", (int)(end - line), line);
	}
}

enum state { CODE, STRING, COMMENT, LINE_COMMENT };

/* Behind what `c` begins or ends; `pairs` are the two-letter marks of comments. */
static const char *step(const char *c, enum state *state)
{
	switch (*state) {
	case CODE:
		if (!strncmp(c, "/*", 2) || !strncmp(c, "//", 2)) {
			*state = c[1] == '*' ? COMMENT : LINE_COMMENT;
			return c + 2;
		}
		if (*c == '"')
			*state = STRING;
		return c + 1;
	case STRING:
		if (*c == '\\' && c[1])
			return c + 2;
		if (*c == '"')
			*state = CODE;
		return c + 1;
	case COMMENT:
		if (strncmp(c, "*/", 2))
			return c + 1;
		*state = CODE;
		return c + 2;
	default:
		if (*c == '\n')
			*state = CODE;
		return c + 1;
	}
}

/* As the languages' readers see it: C, assembly, device tree, linker script. */
static void check_code(const struct output *output)
{
	enum state state = CODE;
	int depth = 0;

	for (const char *c = output->text; *c;) {
		enum state before = state;

		if (state == STRING && *c == '\n')
			fuzz_fail("%s: a string has no end:\n%.200s", output->name, c);
		if (state == CODE)
			depth += (*c == '{') - (*c == '}');
		if (depth < 0)
			fuzz_fail("%s: one } too many", output->name);
		if (state == COMMENT && !strncmp(c, "/*", 2))
			fuzz_fail("%s: a comment in a comment:\n%.200s", output->name, c);
		c = step(c, &state);
		if (before == CODE && state == CODE && (unsigned char)c[-1] >= 0x7f)
			fuzz_fail("%s: no ASCII:\n%.200s", output->name, c - 1);
	}
	if (state == STRING || state == COMMENT || depth)
		fuzz_fail("%s: something has no end", output->name);
}

static bool ends_with(const char *name, const char *end)
{
	return strlen(name) >= strlen(end) && !strcmp(name + strlen(name) - strlen(end), end);
}

static void check_output(const struct output *output)
{
	static const char *const code[] = { ".c", ".h", ".S", ".ld", ".its" };

	if (!output->size || strlen(output->text) != output->size || output->text[output->size - 1] != '\n')
		fuzz_fail("%s is empty, or no text", output->name);
	for (size_t i = 0; i < sizeof(code) / sizeof(code[0]); i++)
		if (ends_with(output->name, code[i]))
			check_code(output);
	if (ends_with(output->name, ".json"))
		oracle_json(output->text);
}

/* But for the PDs' device trees: how many there are is the table's to say, and libfdt's to check. */
static size_t check_outputs(const struct outcome *outcome)
{
	size_t count = 0;

	for (size_t i = 0; i < outcome->output_count; i++) {
		const struct output *output = &outcome->outputs[i];

		if (!ends_with(output->name, ".dtb")) {
			check_output(output);
			count++;
		} else if (fdt_check_full(output->text, output->size)) {
			fuzz_fail("%s is no device tree", output->name);
		}
	}
	return count;
}

void oracle_outcome(const struct outcome *outcome, size_t outputs_needed)
{
	bool has_error = strstr(outcome->said.text, "error: ");

	check_said(&outcome->said);
	if (outcome->code != 0 && outcome->code != 1)
		fuzz_fail("exit code %d", outcome->code);
	if ((outcome->code != 0) != has_error)
		fuzz_fail("exit code %d after: %s", outcome->code, outcome->said.text);
	if ((outcome->code ? outcome->output_count : check_outputs(outcome)) != (outcome->code ? 0 : outputs_needed))
		fuzz_fail("exit code %d, and %zu files written", outcome->code, outcome->output_count);
}
