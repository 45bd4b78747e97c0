/* SPDX-License-Identifier: Apache-2.0 */
/* One input: ptc's two commands over it, and what must be true then. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../partitions/ptc/model.h"
#include "fuzz.h"

enum { OUTPUTS_OF_BUILD = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

void fuzz_fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "\nfuzz: ");
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	abort();
}

size_t fuzz_tree_size(const uint8_t *data, size_t size)
{
	/* Of the tree's header: magic, totalsize. */
	size_t total = size < 8 ? size : (size_t)data[4] << 24 | (size_t)data[5] << 16 | (size_t)data[6] << 8 | data[7];

	return total < size ? total : size;
}

/* With FUZZ_SHOW=1, what ptc says of the inputs on the command line. */
static void show(const struct outcome *outcome)
{
	static int wanted = -1;

	if (wanted < 0)
		wanted = getenv("FUZZ_SHOW") != NULL;
	if (wanted)
		fprintf(stderr, "%sexit code %d, %zu files\n", outcome->said.text, outcome->code,
			outcome->output_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t tree_size = fuzz_tree_size(data, size);
	const struct outcome *outcome;

	world_inputs(data, tree_size, data + tree_size, size - tree_size);
	outcome = world_run(entry_build);
	show(outcome);
	oracle_outcome(outcome, OUTPUTS_OF_BUILD);
	if (!outcome->code) {
		size_t pd_count = entry_model->pd_count;

		oracle_model(entry_model);
		world_end();
		outcome = world_run(entry_headers);
		if (outcome->code)
			fuzz_fail("a table that builds has no headers: %s", outcome->said.text);
		oracle_outcome(outcome, pd_count);
	}
	world_end();
	return 0;
}
