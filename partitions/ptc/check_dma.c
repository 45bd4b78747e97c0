/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the host bridge passes on of the I/O addresses that functions use, where
 * the board says so (`dma-ranges`): all of each window, and the doorbell of MSIs.
 */
#include "diag.h"
#include "ptc.h"

#define HEX(value) ((unsigned long long)(value))

static bool is_passed_on(const struct board *board, struct range range)
{
	for (size_t i = 0; i < board->dma_range_count; i++)
		if (range_within(range.base, range.size, board->dma_ranges[i].base, board->dma_ranges[i].size))
			return true;
	return !board->dma_range_count;
}

static const char *passed_on_text(const struct board *board)
{
	const char *text = "";

	for (size_t i = 0; i < board->dma_range_count; i++)
		text = keep_format("%s%s[0x%llx, 0x%llx)", text, i ? ", " : "", HEX(board->dma_ranges[i].base),
				   HEX(range_end(board->dma_ranges[i])));
	return text;
}

static void check(const struct board *board, int node, const char *what, struct range range, const char *remedy)
{
	if (is_passed_on(board, range))
		return;
	error_at(505, node, NULL,
		 "%s, I/O addresses [0x%llx, 0x%llx), is in no range that the host bridge passes on, %s; %s", what,
		 HEX(range.base), HEX(range_end(range)), passed_on_text(board), remedy);
	note_at(board->pci_node, "dma-ranges", "they are declared here");
}

void dma_check(const struct board *board, const struct pd *pd)
{
	for (const struct region *r = pd->regions; r < pd->regions + pd->region_count; r++)
		if (r->dma)
			check(board, r->node, r->name, region_iova(r), "give it another 'iova'");
	for (const struct function *f = pd->functions; f < pd->functions + pd->function_count; f++)
		if (f->msi_vectors)
			check(board, f->node, keep_format("the MSI frame that %s writes to", f->name),
			      (struct range){ pd->irqchip + IRQCHIP_FRAME, PAGE_SIZE },
			      keep_format("give %s another 'irqchip'", pd->label));
}
