/* SPDX-License-Identifier: Apache-2.0 */
/* A header for a PD's own program: its addresses, as it sees them. */
#include <inttypes.h>

#include "ptc.h"

static void emit_function(FILE *out, const struct board *board, const struct pd *pd, const struct function *function)
{
	const char *name = identifier(function->name, true);

	fprintf(out, "#define PD_%s_CONFIG 0x%" PRIx64 "\n", name,
		pd->ecam + ((uint64_t)(function->pd_bdf - (board->bus_first << 8)) << PAGE_SHIFT));
	for (size_t b = 0; b < function->bar_count; b++)
		fprintf(out, "#define PD_%s_BAR%u 0x%" PRIx64 "\n", name, function->bars[b].idx,
			function->bars[b].addr);
}

/* The second and later ones have their number: PD_RTC_INTID, PD_RTC_INTID1; PD_RTC_BASE, PD_RTC_BASE1. */
static const char *numbered(const char *word, size_t idx) { return idx ? keep_format("%s%zu", word, idx) : word; }

static void emit_device(FILE *out, const struct device *device)
{
	const char *name = identifier(device->name, true);

	for (size_t r = 0; r < device->range_count; r++)
		fprintf(out, "#define PD_%s_%s 0x%" PRIx64 "\n#define PD_%s_%s 0x%" PRIx64 "\n", name,
			numbered("BASE", r), device->ranges[r].base, name, numbered("SIZE", r), device->ranges[r].size);
	for (size_t s = 0; s < device->spi_count; s++)
		fprintf(out, "#define PD_%s_%s %" PRIu32 "\n", name, numbered("INTID", s), device->spis[s].intid);
}

void emit_pd_header(FILE *out, const struct board *board, const struct pd *pd)
{
	fprintf(out, "/* Made by ptc: what %s may use. */\n", pd->label);
	fprintf(out, "#define PD_BOOTARGS \"%s\"\n", c_string(pd->bootargs));
	fprintf(out, "#define PD_LOAD 0x%" PRIx64 "\n", pd->images[IMAGE_PROGRAM].load);
	fprintf(out, "#define PD_TIMER_INTID %" PRIu32 "\n", board->timer_intid);
	fprintf(out, "#define PD_CPUS %zu\n", pd->cpu_count);
	fprintf(out, "#define PD_GICD 0x%" PRIx64 "\n#define PD_GICR 0x%" PRIx64 "\n", pd->irqchip,
		pd->irqchip + IRQCHIP_REDISTRIBUTORS);
	fprintf(out, "#define PD_ECAM 0x%" PRIx64 "\n", pd->ecam);
	if (pd->has_console)
		fprintf(out, "#define PD_CONSOLE 0x%" PRIx64 "\n#define PD_CONSOLE_INTID %" PRIu32 "\n", pd->console,
			board->console_intid);
	if (pd->has_watchdog)
		fprintf(out, "#define PD_WATCHDOG 0x%" PRIx64 "\n#define PD_WATCHDOG_INTID %" PRIu32 "\n",
			pd->watchdog, pd->watchdog_intid);
	msi_emit_header(out, pd);
	for (size_t r = 0; r < pd->region_count; r++) {
		const struct region *region = &pd->regions[r];
		const char *name = identifier(region->name, true);

		fprintf(out, "#define PD_%s_BASE 0x%" PRIx64 "\n#define PD_%s_SIZE 0x%" PRIx64 "\n", name, region->ipa,
			name, region->size);
		if (region->dma)
			fprintf(out, "#define PD_%s_IOVA 0x%" PRIx64 "\n", name, region->iova);
	}
	for (size_t f = 0; f < pd->function_count; f++)
		emit_function(out, board, pd, &pd->functions[f]);
	for (size_t d = 0; d < pd->device_count; d++)
		emit_device(out, &pd->devices[d]);
}
