/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The world that ptc runs in under the fuzzer: the build renames ptc's calls to
 * the C library's world_* (symbols.txt), and its data and zeroed data to two
 * sections that are put back before each run. So ptc itself is compiled as it is.
 */
#ifndef FUZZ_WORLD_H
#define FUZZ_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What ptc wrote into a file, or said; text ends with a zero byte. */
struct output {
	const char *name;       /* without its folder */
	char *text;
	size_t size;
};

enum { OUTPUTS_MAX = 64 };

/* What a run left behind, until world_end(). */
struct outcome {
	int code;               /* as the shell would see it */
	struct output said;     /* standard error */
	struct output outputs[OUTPUTS_MAX];
	size_t output_count;
};

/* Paths of tree and lines for ptc, with this content. */
void world_inputs(const uint8_t *tree, size_t tree_size, const uint8_t *lines, size_t lines_size);
extern char world_tree[], world_lines[];

/* Runs `body` as if it were main(): until it returns, or ptc calls exit(). */
const struct outcome *world_run(int (*body)(void));
/* Frees what ptc kept. */
void world_end(void);

#endif
