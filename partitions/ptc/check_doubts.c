/* SPDX-License-Identifier: Apache-2.0 */
/* What is legal in a PD and rarely meant: warnings, each with its number. Others are where their subject is. */
#include "diag.h"
#include "ptc.h"

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

/* Not the image: that is refused. */
static void check_device_code(const struct pd *pd, const struct region *region)
{
	if (ranges_overlap(image_range(&pd->image), region_range(region)))
		return;
	if ((region->access & ACCESS_X) && (region->dma & ACCESS_W))
		warning_at(5, region->node, "dma",
			   "%s is executable and devices can write it: they could make the PD run their code; "
			   "take away x, or the D bit's w", region->name);
}

void doubts_check(const struct pd *pd)
{
	check_unused_windows(pd);
	check_private_memory(pd);
	for (size_t r = 0; r < pd->region_count; r++)
		check_device_code(pd, &pd->regions[r]);
}
