/* SPDX-License-Identifier: Apache-2.0 */
/* A header for a PD's own program: its addresses, as it sees them. */
#include <inttypes.h>

#include "ptc.h"

void emit_pd_header(FILE *out, const struct board *board, const struct pd *pd)
{
	fprintf(out, "/* Made by ptc: what %s may use. */\n", pd->label);
	fprintf(out, "#define PD_BOOTARGS \"%s\"\n", c_string(pd->bootargs));
	fprintf(out, "#define PD_LOAD 0x%" PRIx64 "\n", pd->image.load);
	fprintf(out, "#define PD_TIMER_INTID %" PRIu32 "\n", board->timer_intid);
	if (pd->has_console)
		fprintf(out, "#define PD_CONSOLE 0x%" PRIx64 "\n", pd->console);
	for (size_t r = 0; r < pd->region_count; r++) {
		const struct region *region = &pd->regions[r];
		const char *name = identifier(region->name, true);

		fprintf(out, "#define PD_%s_BASE 0x%" PRIx64 "\n#define PD_%s_SIZE 0x%" PRIx64 "\n", name, region->ipa,
			name, region->size);
		if (region->dma)
			fprintf(out, "#define PD_%s_IOVA 0x%" PRIx64 "\n", name, region->iova);
	}
	for (size_t f = 0; f < pd->function_count; f++)
		for (size_t b = 0; b < pd->functions[f].bar_count; b++)
			fprintf(out, "#define PD_%s_BAR%u 0x%" PRIx64 "\n", identifier(pd->functions[f].name, true),
				pd->functions[f].bars[b].idx, pd->functions[f].bars[b].addr);
}
