/* SPDX-License-Identifier: Apache-2.0 */
/* report.txt: what the table gives to whom, for a person to read and an assessor to keep. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ptc.h"
#include "tree.h"

#define ADDR "%012" PRIx64

static void report_function(FILE *out, const struct pd *pd, const struct function *function)
{
	fprintf(out, "  function %s  %s, id %04x:%04x, class %06x, stream 0x%x  (%s)\n", function->bdf_name,
		function->name, function->vendor, function->device, function->class, function->stream,
		tree_place(function->node, NULL));
	for (size_t b = 0; b < function->bar_count; b++)
		fprintf(out, "    BAR %u     " ADDR " size 0x%" PRIx64 "\n", function->bars[b].idx,
			function->bars[b].addr, function->bars[b].size);
	if (!function->window_count)
		fprintf(out, "    reaches   nothing\n");
	for (size_t w = 0; w < function->window_count; w++) {
		const struct region *region = function->windows[w];

		fprintf(out, "    reaches   I/O " ADDR "-" ADDR " -> host " ADDR "-" ADDR " %s  %s of %s\n",
			region->iova, region->iova + region->size - 1, region->pa, region->pa + region->size - 1,
			access_text(region->dma), region->name, pd->label);
	}
}

static void report_pd(FILE *out, const struct board *board, const struct pd *pd)
{
	fprintf(out, "\nPD %s  on %s  (%s)\n", pd->label, tree_full_name(board->cpus[pd->cpu].node),
		tree_place(pd->node, NULL));
	fprintf(out, "  image     %s, 0x%" PRIx64 " bytes, at PD " ADDR ", kept at host " ADDR "\n", pd->image.file,
		pd->image.size, pd->image.load, pd->image.store);
	if (pd->has_console)
		fprintf(out, "  console   virtual PL011 at PD " ADDR "\n", pd->console);
	for (size_t r = 0; r < pd->region_count; r++) {
		const struct region *region = &pd->regions[r];

		fprintf(out, "  region    PD  " ADDR "-" ADDR " -> host " ADDR "-" ADDR " %s  %-8s%s%s\n", region->ipa,
			region->ipa + region->size - 1, region->pa, region->pa + region->size - 1,
			access_text(region->access), region->name, region->dma ? " D bit: " : " no device",
			region->dma ? access_text(region->dma) : "");
	}
	for (size_t f = 0; f < pd->function_count; f++)
		report_function(out, pd, &pd->functions[f]);
}

struct owned {
	struct range range;
	const char *owner;
};

static int owned_order(const void *left, const void *right)
{
	const struct owned *a = left, *b = right;

	return a->range.base < b->range.base ? -1 : a->range.base > b->range.base;
}

static void own(struct owned **list, size_t *count, uint64_t base, uint64_t size, const char *owner)
{
	*(struct owned *)keep_append(list, count, sizeof(**list)) = (struct owned){ { base, size }, owner };
}

/* Host memory in address order: who has what. */
static void report_memory(FILE *out, const struct appliance *appliance)
{
	struct owned *list = NULL;
	size_t count = 0;

	for (size_t i = 0; i < SLOT_COUNT; i++)
		own(&list, &count, appliance->slots[i].base, appliance->slots[i].size,
		    keep_format("hypervisor, %s", appliance->slots[i].name));
	for (size_t p = 0; p < appliance->pd_count; p++) {
		const struct pd *pd = &appliance->pds[p];

		own(&list, &count, pd->image.store, round_up(pd->image.size, PAGE_SIZE),
		    keep_format("store, image of %s", pd->label));
		for (size_t r = 0; r < pd->region_count; r++)
			own(&list, &count, pd->regions[r].pa, pd->regions[r].size,
			    keep_format("%s, %s%s", pd->label, pd->regions[r].name,
					pd->regions[r].dma ? "  (D bit)" : ""));
	}
	qsort(list, count, sizeof(*list), owned_order);
	fprintf(out, "\nHost memory\n");
	for (size_t i = 0; i < count; i++)
		fprintf(out, "  " ADDR "-" ADDR " %8" PRIu64 " KiB  %s\n", list[i].range.base,
			range_end(list[i].range) - 1, list[i].range.size >> 10, list[i].owner);
}

void report_write(FILE *out, const struct appliance *appliance)
{
	const struct board *board = &appliance->board;
	size_t functions = 0, windows = 0;

	for (size_t p = 0; p < appliance->pd_count; p++) {
		functions += appliance->pds[p].function_count;
		for (size_t f = 0; f < appliance->pds[p].function_count; f++)
			windows += appliance->pds[p].functions[f].window_count;
	}
	fprintf(out, "Mullion appliance, partition table %s\nboard     %s\n", appliance->digest, board->model);
	fprintf(out, "%s, %s, %s; addresses: PD and I/O %u bits, host %u bits\n", count_text(appliance->pd_count, "PD"),
		count_text(functions, "function"), count_text(windows, "window"), appliance->ipa_bits,
		appliance->pa_bits);
	for (size_t p = 0; p < appliance->pd_count; p++)
		report_pd(out, board, &appliance->pds[p]);
	fprintf(out,
		"\nEvery other function reaches nothing: its stream table entry aborts, or its bus has no table.\n");
	report_memory(out, appliance);
}
