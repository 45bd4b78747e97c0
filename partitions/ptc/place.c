/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Placement, deterministic: largest alignment first, then largest size, then
 * the order of the table; each at the lowest address that is free. Images wait
 * at the top of RAM, away from the bootloader. place_pci.c places BARs.
 */
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "place.h"

enum { BLOCK_SIZE = 2 << 20 };

/* The first that does not end before `base`, by halves: they are sorted, and none touches another. */
static size_t taken_from(const struct taken *taken, uint64_t base)
{
	size_t low = 0, high = taken->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (range_end(taken->ranges[middle]) < base)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* What it overlaps or touches becomes one with it. */
void place_take(struct taken *taken, struct range range)
{
	size_t first = taken_from(taken, range.base), end = first;
	uint64_t base = range.base, top = range_end(range);
	struct range *at;

	for (; end < taken->count && taken->ranges[end].base <= top; end++) {
		base = taken->ranges[end].base < base ? taken->ranges[end].base : base;
		top = range_end(taken->ranges[end]) > top ? range_end(taken->ranges[end]) : top;
	}
	if (first == end) {
		keep_append(&taken->ranges, &taken->count, sizeof(range));
		at = taken->ranges + first;
		memmove(at + 1, at, (taken->count - 1 - first) * sizeof(range));
	} else {
		at = taken->ranges + first;
		memmove(at + 1, taken->ranges + end, (taken->count - end) * sizeof(range));
		taken->count -= end - first - 1;
	}
	*at = (struct range){ base, top - base };
}

const struct range *place_conflict(const struct taken *taken, struct range range)
{
	for (size_t i = taken_from(taken, range.base); i < taken->count; i++)
		if (taken->ranges[i].base >= range_end(range))
			return NULL;
		else if (ranges_overlap(taken->ranges[i], range))
			return &taken->ranges[i];
	return NULL;
}

bool place_low(struct taken *taken, struct range within, uint64_t size, uint64_t align, uint64_t phase,
	       uint64_t *addr)
{
	uint64_t at = round_up(within.base, align) + phase % align;
	const struct range *other;

	while (range_within(at, size, within.base, within.size)) {
		other = place_conflict(taken, (struct range){ at, size });
		if (!other) {
			place_take(taken, (struct range){ at, size });
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
		const struct range *other = place_conflict(taken, (struct range){ at, size });

		if (!other) {
			place_take(taken, (struct range){ at, size });
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

static int wanted_order(const void *left, const void *right)
{
	const struct wanted *a = left, *b = right;

	if (a->align != b->align)
		return a->align > b->align ? -1 : 1;
	if (a->size != b->size)
		return a->size > b->size ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

void place_want(struct wanted **list, size_t *count, uint64_t align, uint64_t size, void *what)
{
	size_t order = *count;

	*(struct wanted *)keep_append(list, count, sizeof(**list)) = (struct wanted){ align, size, order, what };
}

void place_sort(struct wanted *list, size_t count)
{
	if (count)
		qsort(list, count, sizeof(*list), wanted_order);
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

			if (shared_first(region) != region)
				continue;
			if (region->fixed)
				place_take(taken, region_host(region));
			else
				place_want(&wanted, &count, region_align(region), region->size, region);
		}
	}
	place_sort(wanted, count);
	for (size_t i = 0; i < count; i++) {
		struct region *region = wanted[i].what;
		bool placed = false;

		for (size_t m = 0; m < board->ram_count && !placed; m++)
			placed = place_low(taken, board->ram[m], region->size, wanted[i].align, region->ipa,
					   &region->pa);
		if (!placed) {
			error_at(901, region->node, "reg",
				 "no room in the board's RAM for %s: 0x%llx bytes aligned to 0x%llx; make regions "
				 "smaller", region->name, (unsigned long long)region->size,
				 (unsigned long long)wanted[i].align);
			note_ram(board);
		}
	}
	for (size_t p = 0; p < appliance->pd_count; p++)
		for (size_t r = 0; r < appliance->pds[p].region_count; r++)
			appliance->pds[p].regions[r].pa = shared_first(&appliance->pds[p].regions[r])->pa;
}

static void place_image(const struct appliance *appliance, const struct taken *regions, const struct pd *pd,
			struct image *image)
{
	const struct board *board = &appliance->board;
	struct taken taken = { 0 };
	bool placed = false;

	for (size_t i = 0; i < regions->count; i++)
		place_take(&taken, regions->ranges[i]);
	for (size_t i = 0; i < board->bootloader_count; i++)
		place_take(&taken, board->bootloader[i]);
	for (const struct pd *p = appliance->pds; p < appliance->pds + appliance->pd_count; p++)
		for (const struct image *other = image_next(p, NULL); other; other = image_next(p, other))
			if (other->store)
				place_take(&taken, (struct range){ other->store, round_up(other->size, PAGE_SIZE) });
	for (size_t m = board->ram_count; m-- && !placed;)
		placed = place_high(&taken, board->ram[m], round_up(image->size, PAGE_SIZE), &image->store);
	if (!placed) {
		error_at(902, image->node, "file",
			 "no room in the board's RAM to store %s, 0x%llx bytes; make regions or images smaller",
			 image->file, (unsigned long long)image->size);
		note_ram(board);
	}
	for (const struct region *home = pd->regions; home < pd->regions + pd->region_count; home++)
		if (range_within(image->load, image->size, home->ipa, home->size))
			image->load_pa = home->pa + (image->load - home->ipa);
}

void memory_place(struct appliance *appliance)
{
	struct taken taken = { 0 };

	place_take(&taken, appliance->board.hypervisor);
	place_regions(appliance, &taken);
	for (struct pd *pd = appliance->pds; pd < appliance->pds + appliance->pd_count; pd++)
		for (struct image *image = pd->images; image < pd->images + IMAGE_KINDS; image++)
			if (image->size)
				place_image(appliance, &taken, pd, image);
}
