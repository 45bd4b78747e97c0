/* SPDX-License-Identifier: Apache-2.0 */
/* report.txt: what the table gives to whom, for a person to read and an assessor to keep. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <mullion/table.h>

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

static void report_region(FILE *out, const struct region *region)
{
	fprintf(out, "  region    PD  " ADDR "-" ADDR " -> host " ADDR "-" ADDR " %s  %-8s%s%s", region->ipa,
		region->ipa + region->size - 1, region->pa, region->pa + region->size - 1,
		access_text(region->access), region->name, region->dma ? " D bit: " : " no device",
		region->dma ? access_text(region->dma) : "");
	for (size_t i = 0; i < region->sharer_count; i++)
		fprintf(out, "%s %s of %s", i ? "," : "; shared with", region->sharers[i]->name,
			tree_full_name(tree_parent(region->sharers[i]->node)));
	fprintf(out, "\n");
}

static void report_device(FILE *out, const struct device *device)
{
	fprintf(out, "  device    %s  %s  (%s)\n", tree_full_name(device->board_node), device->name,
		tree_place(device->node, NULL));
	for (size_t r = 0; r < device->range_count; r++)
		fprintf(out, "    registers " ADDR "-" ADDR ", PD and host\n", device->ranges[r].base,
			range_end(device->ranges[r]) - 1);
}

static void report_interrupts(FILE *out, const struct pd *pd)
{
	static const char *const kinds[] = { [SPI_EDGE] = "edge", [SPI_LEVEL] = "level", [SPI_MSI] = "MSI",
					     [SPI_VIRTUAL] = "virtual" };

	fprintf(out, "  interrupts");
	for (size_t s = 0; s < pd->spi_count; s++)
		fprintf(out, "%s %" PRIu32 " %s", s ? "," : "", pd->spis[s].intid, kinds[pd->spis[s].kind]);
	fprintf(out, "%s; controller at PD " ADDR ", configuration space at PD " ADDR "\n",
		pd->spi_count ? "" : " none", pd->irqchip, pd->ecam);
}

static void report_pd(FILE *out, const struct board *board, const struct pd *pd)
{
	static const char *const policies[] = { [POLICY_REPORT] = "report", [POLICY_QUARANTINE] = "quarantine",
						[POLICY_STOP] = "stop" };

	fprintf(out, "\nPD %s  on ", pd->label);
	for (size_t v = 0; v < pd->cpu_count; v++)
		fprintf(out, "%s%s", v ? ", " : "", tree_full_name(board->cpus[pd->cpus[v]].node));
	fprintf(out, "  (%s)\n", tree_place(pd->node, NULL));
	fprintf(out, "  faults    DMA: %s; crash: %s\n", policies[pd->on_dma_fault], policies[pd->on_crash]);
	fprintf(out, "  image     %s, 0x%" PRIx64 " bytes, at PD " ADDR ", kept at host " ADDR "\n", pd->image.file,
		pd->image.size, pd->image.load, pd->image.store);
	if (pd->has_console)
		fprintf(out, "  console   virtual PL011 at PD " ADDR "\n", pd->console);
	report_interrupts(out, pd);
	for (size_t r = 0; r < pd->region_count; r++)
		report_region(out, &pd->regions[r]);
	for (size_t d = 0; d < pd->device_count; d++)
		report_device(out, &pd->devices[d]);
	for (size_t f = 0; f < pd->function_count; f++) {
		report_function(out, pd, &pd->functions[f]);
		its_report_function(out, board, pd, &pd->functions[f]);
	}
}

struct owned {
	struct range range;
	const char *owner;
};

static int owned_order(const void *left, const void *right)
{
	const struct owned *a = left, *b = right;

	if (a->range.base != b->range.base)
		return a->range.base < b->range.base ? -1 : 1;
	return strcmp(a->owner, b->owner);      /* shared memory has several */
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
		if (appliance->slots[i].size)
			own(&list, &count, appliance->slots[i].base, appliance->slots[i].size,
		    keep_format("hypervisor, %s", appliance->slots[i].name));
	for (size_t p = 0; p < appliance->pd_count; p++) {
		const struct pd *pd = &appliance->pds[p];

		own(&list, &count, pd->image.store, round_up(pd->image.size, PAGE_SIZE),
		    keep_format("store, image of %s", pd->label));
		for (size_t r = 0; r < pd->region_count; r++)
			own(&list, &count, pd->regions[r].pa, pd->regions[r].size,
			    keep_format("%s, %s%s%s", pd->label, pd->regions[r].name,
					pd->regions[r].dma ? "  (D bit)" : "",
					pd->regions[r].sharer_count ? "  (shared)" : ""));
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
	fprintf(out, "\nConsole and IOMMU events  on %s%s\n",
		tree_full_name(board->cpus[appliance->cpus[appliance->housekeeping].cpu].node),
		appliance->has_housekeeping ? ", which runs no PD" : "");
	for (size_t p = 0; p < appliance->pd_count; p++)
		report_pd(out, board, &appliance->pds[p]);
	fprintf(out,
		"\nEvery other function reaches nothing: its stream table entry aborts, or its bus has no table.\n");
	report_memory(out, appliance);
}
