/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Placement, deterministic: largest alignment first, then largest size, then
 * the order of the table; each at the lowest address that is free. Images wait
 * at the top of RAM, away from the bootloader.
 */
#include <stdlib.h>

#include <mullion/table.h>

#include "diag.h"
#include "ptc.h"

enum { BLOCK_SIZE = 2 << 20 };

struct taken {
	struct range *ranges;
	size_t count;
};

static void take(struct taken *taken, struct range range)
{
	*(struct range *)keep_append(&taken->ranges, &taken->count, sizeof(range)) = range;
}

static const struct range *conflict(const struct taken *taken, struct range range)
{
	for (size_t i = 0; i < taken->count; i++)
		if (ranges_overlap(taken->ranges[i], range))
			return &taken->ranges[i];
	return NULL;
}

/* Lowest address in `within` that is free, congruent to `phase` modulo `align`. */
static bool place_low(struct taken *taken, struct range within, uint64_t size, uint64_t align, uint64_t phase,
		      uint64_t *addr)
{
	uint64_t at = round_up(within.base, align) + phase % align;
	const struct range *other;

	while (range_within(at, size, within.base, within.size)) {
		other = conflict(taken, (struct range){ at, size });
		if (!other) {
			take(taken, (struct range){ at, size });
			*addr = at;
			return true;
		}
		at += round_up(range_end(*other) - at, align);
	}
	return false;
}

/* Highest free page-granular address. */
static bool place_high(struct taken *taken, struct range within, uint64_t size, uint64_t *addr)
{
	while (size <= within.size) {
		uint64_t at = range_end(within) - size;
		const struct range *other = conflict(taken, (struct range){ at, size });

		if (!other) {
			take(taken, (struct range){ at, size });
			*addr = at;
			return true;
		}
		if (other->base <= within.base)
			break;
		within.size = other->base - within.base;
	}
	return false;
}

static uint64_t region_align(const struct region *region)
{
	return region->size >= BLOCK_SIZE ? BLOCK_SIZE : PAGE_SIZE;
}

struct wanted {
	uint64_t align, size;
	size_t order;
	void *what;
	const struct function *function;        /* of a BAR */
};

static int wanted_order(const void *left, const void *right)
{
	const struct wanted *a = left, *b = right;

	if (a->align != b->align)
		return a->align > b->align ? -1 : 1;
	if (a->size != b->size)
		return a->size > b->size ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

static void place_regions(struct appliance *appliance, struct taken *taken)
{
	const struct board *board = &appliance->board;
	struct wanted *wanted = NULL;
	size_t count = 0;

	for (size_t p = 0; p < appliance->pd_count; p++) {
		struct pd *pd = &appliance->pds[p];

		for (size_t r = 0; r < pd->region_count; r++) {
			struct region *region = &pd->regions[r];
			size_t order = count;

			if (shared_first(region) != region)
				continue;
			if (region->fixed)
				take(taken, region_host(region));
			else
				*(struct wanted *)keep_append(&wanted, &count, sizeof(*wanted)) =
					(struct wanted){ region_align(region), region->size, order, region, NULL };
		}
	}
	if (count)
		qsort(wanted, count, sizeof(*wanted), wanted_order);
	for (size_t i = 0; i < count; i++) {
		struct region *region = wanted[i].what;
		bool placed = false;

		for (size_t m = 0; m < board->ram_count && !placed; m++)
			placed = place_low(taken, board->ram[m], region->size, wanted[i].align, region->ipa,
					   &region->pa);
		if (!placed)
			error_at(region->node, "reg",
				 "no room in the board's RAM for %s: 0x%llx bytes aligned to 0x%llx", region->name,
				 (unsigned long long)region->size, (unsigned long long)wanted[i].align);
	}
	for (size_t p = 0; p < appliance->pd_count; p++)
		for (size_t r = 0; r < appliance->pds[p].region_count; r++)
			appliance->pds[p].regions[r].pa = shared_first(&appliance->pds[p].regions[r])->pa;
}

static void place_image(const struct appliance *appliance, const struct taken *regions, struct pd *pd)
{
	const struct board *board = &appliance->board;
	struct taken taken = { 0 };
	bool placed = false;

	for (size_t i = 0; i < regions->count; i++)
		take(&taken, regions->ranges[i]);
	for (size_t i = 0; i < board->bootloader_count; i++)
		take(&taken, board->bootloader[i]);
	for (size_t i = 0; i < appliance->pd_count; i++)
		if (appliance->pds[i].image.store)
			take(&taken, (struct range){ appliance->pds[i].image.store,
						     round_up(appliance->pds[i].image.size, PAGE_SIZE) });
	for (size_t m = board->ram_count; m-- && !placed;)
		placed = place_high(&taken, board->ram[m], round_up(pd->image.size, PAGE_SIZE), &pd->image.store);
	if (!placed)
		error_at(pd->image.node, "file", "no room in the board's RAM to store %s, 0x%llx bytes", pd->image.file,
			 (unsigned long long)pd->image.size);
	for (size_t r = 0; r < pd->region_count; r++)
		if (range_within(pd->image.load, pd->image.size, pd->regions[r].ipa, pd->regions[r].size))
			pd->image.load_pa = pd->regions[r].pa + (pd->image.load - pd->regions[r].ipa);
}

/* A BAR's pages have one owner, so it is placed as if it were a page at least. */
static uint64_t bar_pages(const struct bar *bar) { return bar->size < PAGE_SIZE ? PAGE_SIZE : bar->size; }

static void place_bars(struct appliance *appliance)
{
	struct taken taken = { 0 };
	struct wanted *wanted = NULL;
	size_t count = 0;

	for (size_t p = 0; p < appliance->pd_count; p++) {
		for (size_t f = 0; f < appliance->pds[p].function_count; f++) {
			struct function *function = &appliance->pds[p].functions[f];

			for (size_t b = 0; b < function->bar_count; b++) {
				struct bar *bar = &function->bars[b];
				size_t order = count;

				*(struct wanted *)keep_append(&wanted, &count, sizeof(*wanted)) =
					(struct wanted){ bar_pages(bar), bar_pages(bar), order, bar, function };
			}
		}
	}
	if (count)
		qsort(wanted, count, sizeof(*wanted), wanted_order);
	for (size_t i = 0; i < count; i++) {
		struct bar *bar = wanted[i].what;
		struct range space = bar->is_64bit && appliance->board.pci_mem64.size ? appliance->board.pci_mem64 :
											appliance->board.pci_mem32;

		if (place_low(&taken, space, wanted[i].size, wanted[i].align, 0, &bar->addr))
			continue;
		error_at(wanted[i].function->node, "bars",
			 "no room in the host bridge's memory window for BAR %u, 0x%llx bytes", bar->idx,
			 (unsigned long long)bar->size);
		note_at(appliance->board.pci_node, "ranges", "the window is declared here");
	}
}

/* Tags of translations: hardware is sure to have 255. */
_Static_assert(TABLE_PDS_MAX + TABLE_FUNCTIONS_MAX <= 255, "a tag for each PD and function");

static void place_functions(struct appliance *appliance)
{
	const struct board *board = &appliance->board;
	unsigned vmid = 0;

	for (size_t p = 0; p < appliance->pd_count; p++)
		appliance->pds[p].vmid = ++vmid;
	for (size_t p = 0; p < appliance->pd_count; p++) {
		for (size_t f = 0; f < appliance->pds[p].function_count; f++) {
			struct function *function = &appliance->pds[p].functions[f];

			function->stream = board->stream_base + function->bdf;
			function->config =
				board->ecam.base + (((uint64_t)function->bdf - (board->bus_first << 8)) << PAGE_SHIFT);
			function->vmid = ++vmid;
		}
	}
}

void memory_place(struct appliance *appliance)
{
	struct taken taken = { 0 };

	take(&taken, appliance->board.hypervisor);
	place_regions(appliance, &taken);
	for (size_t p = 0; p < appliance->pd_count; p++)
		if (appliance->pds[p].image.path)
			place_image(appliance, &taken, &appliance->pds[p]);
	place_bars(appliance);
	place_functions(appliance);
}
