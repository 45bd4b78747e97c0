/* SPDX-License-Identifier: Apache-2.0 */
/* What is legal in a PD and rarely meant: warnings, each with its number. Others are where their subject is. */
#include <string.h>

#include "diag.h"
#include "ptc.h"
#include "tree.h"

static void check_unused_windows(const struct pd *pd)
{
	bool *used = keep_alloc(pd->region_count, sizeof(*used));

	for (size_t f = 0; f < pd->function_count; f++)
		for (size_t w = 0; w < pd->functions[f].window_count; w++)
			used[pd->functions[f].windows[w] - pd->regions] = true;
	for (size_t r = 0; r < pd->region_count; r++)
		if (pd->regions[r].dma && !used[r])
			warning_at(1, pd->regions[r].node, "dma",
				   "%s has the D bit but is no function's window: take 'dma' away, or add it to "
				   "'windows'", pd->regions[r].name);
}

/* The region of the image has none, so it is never all RAM; but stacks and data are in what can be written. */
static void check_private_memory(const struct pd *pd)
{
	const struct region *dma = NULL;

	for (const struct region *region = pd->regions; region < pd->regions + pd->region_count; region++) {
		if (!(region->access & ACCESS_W))
			continue;
		if (!region->dma)
			return;
		dma = region;
	}
	if (dma)
		warning_at(4, dma->node, "dma",
			   "all memory that %s can write has the D bit, stack and data too: its devices reach them; "
			   "give it a writable region without", pd->label);
}

/* Not an image: that is refused. */
static void check_device_code(const struct pd *pd, const struct region *region)
{
	for (const struct image *image = image_next(pd, NULL); image; image = image_next(pd, image))
		if (ranges_overlap(image_range(image), region_range(region)))
			return;
	if ((region->access & ACCESS_X) && (region->dma & ACCESS_W))
		warning_at(5, region->node, "dma",
			   "%s is executable and devices can write it: they could make the PD run their code; "
			   "take away x, or the D bit's w", region->name);
}

/* Devicetree Specification 0.4, 2.2.1: it is the first address of reg. Reviewers read it; nothing else does. */
static void check_unit_address(const struct region *region)
{
	const char *unit = strchr(tree_full_name(region->node), '@');
	const char *address = keep_format("%llx", (unsigned long long)region->ipa);

	if (unit && strcmp(unit + 1, address) != 0)
		warning_at(6, region->node, "reg", "%s is at 0x%s: name it %s@%s, or correct 'reg'",
			   tree_full_name(region->node), address, region->name, address);
}

void doubts_check(const struct pd *pd)
{
	check_unused_windows(pd);
	check_private_memory(pd);
	for (size_t r = 0; r < pd->region_count; r++)
		check_device_code(pd, &pd->regions[r]);
	for (size_t r = 0; r < pd->region_count; r++)
		check_unit_address(&pd->regions[r]);
}
