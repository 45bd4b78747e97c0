/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PD with a device tree of its own runs an operating system. One host bridge
 * with one `dma-ranges` is all that it can be told of windows, and where it takes
 * memory for DMA from follows from the window's end alone: Linux on arm64 makes
 * all memory below the next power of two its DMA zone.
 */
#include <mullion/table.h>

#include "diag.h"
#include "ptc.h"
#include "target.h"

#define HEX(value) ((unsigned long long)(value))

/* 0 for 2^64, which nothing is below. */
static uint64_t power_of_two_from(uint64_t value)
{
	uint64_t power = PAGE_SIZE;

	while (power && power < value)
		power <<= 1;
	return power;
}

static void check_same_windows(const struct pd *pd, const struct region *window)
{
	for (const struct function *f = pd->functions; f < pd->functions + pd->function_count; f++) {
		if (f->window_count == 1 && f->windows[0] == window)
			continue;
		error_at(362, f->node, f->window_count ? "windows" : NULL,
			 "%s has %s; where the PD has a dtb, its functions have one window and the same one, which its "
			 "host bridge's dma-ranges names: windows = <&...> of %s", f->name,
			 f->window_count ? count_text(f->window_count, "window") : "no window", window->name);
		note_at(pd->images[IMAGE_DTB].node, NULL, "the dtb is declared here");
	}
}

/* The kernel takes it for memory like any other: it may run code there, too. */
static bool check_window(const struct pd *pd, const struct region *window)
{
	if (guest_owns_memory(window) && window->dma == (ACCESS_R | ACCESS_W) && window->iova == window->ipa)
		return true;
	error_at(363, window->node, window->iova != window->ipa ? "iova" : "access",
		 "%s is the window of a PD with a dtb: it takes access = \"rwx\", dma = \"rw\" and no other iova; it "
		 "has %s, %s, and I/O addresses from 0x%llx on for PD addresses from 0x%llx on", window->name,
		 access_text(window->access), access_text(window->dma), HEX(window->iova), HEX(window->ipa));
	note_at(pd->images[IMAGE_DTB].node, NULL, "the dtb is declared here");
	return false;
}

static void check_zone(const struct pd *pd, const struct region *window)
{
	uint64_t end = power_of_two_from(range_end(region_range(window))), all = 0;

	for (const struct region *region = pd->regions; region < pd->regions + pd->region_count; region++) {
		if (!guest_owns_memory(region))
			continue;
		all += region->size;
		if (region == window || region->ipa >= end)
			continue;
		error_at(364, region->node, "reg",
			 "%s [0x%llx, 0x%llx) is below 0x%llx, the power of two above the window: the kernel would "
			 "take it for memory that devices reach; move it up, or the window down",
			 region->name, HEX(region->ipa), HEX(range_end(region_range(region))), HEX(end));
		note_at(window->node, "reg", "the window, %s, is declared here", window->name);
	}
	if (window->size <= all / 2)
		return;
	error_at(365, window->node, "reg",
		 "the window %s is 0x%llx of the 0x%llx bytes of memory that %s has; make it half at the most",
		 window->name, HEX(window->size), HEX(all), pd->label);
	note_at(pd->node, NULL, "%s is declared here", pd->label);
}

static void check_memory(const struct pd *pd)
{
	for (const struct region *region = pd->regions; region < pd->regions + pd->region_count; region++)
		if (guest_owns_memory(region))
			return;
	error_at(366, pd->images[IMAGE_DTB].node, NULL,
		 "%s has a dtb but no memory to name there: give it a region with access = \"rwx\" that is not shared",
		 pd->label);
}

void guest_check(const struct pd *pd)
{
	const struct region *window = guest_window(pd);

	if (!pd->images[IMAGE_DTB].node) {
		if (pd->images[IMAGE_INITRD].node)
			error_at(361, pd->images[IMAGE_INITRD].node, NULL,
				 "%s has an initrd but no dtb that would say where it is: add dtb { load = <...>; }",
				 pd->label);
		return;
	}
	check_memory(pd);
	if (pd->images[IMAGE_PROGRAM].size)
		target_program_check(pd);
	if (!window)
		return;
	check_same_windows(pd, window);
	if (check_window(pd, window))
		check_zone(pd, window);
}
