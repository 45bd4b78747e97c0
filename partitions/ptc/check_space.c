/* SPDX-License-Identifier: Apache-2.0 */
/* The PD's address space: regions, BARs, devices, and what the hypervisor plays there, are apart. */
#include <mullion/table.h>

#include "diag.h"
#include "overlap.h"
#include "ptc.h"
#include "tree.h"

#define HEX(value) ((unsigned long long)(value))

struct part {
	int node;
	const char *property, *what;
	struct range range;
	const char *remedy;     /* for whatever overlaps it */
};

struct space {
	struct part *parts;
	size_t count;
	size_t board_count;     /* of the board, which are apart by other rules */
};

static void add(struct space *space, int node, const char *property, const char *what, struct range range,
		const char *remedy)
{
	*(struct part *)keep_append(&space->parts, &space->count, sizeof(struct part)) =
		(struct part){ node, property, what, range, remedy };
}

/* In the order in which the later of two parts that overlap is the one to be moved. */
static void collect(struct space *space, const struct board *board, const struct pd *pd)
{
	static const char move[] = "move one of them";
	const struct range bars[] = { board->pci_mem32, board->pci_mem64 };

	for (size_t i = 0; i < ARRAY_SIZE(bars); i++)
		add(space, board->pci_node, "ranges", "the host bridge's memory window", bars[i],
		    "BARs appear there; move the other");
	for (size_t d = 0; d < pd->device_count; d++)
		for (size_t r = 0; r < pd->devices[d].range_count; r++)
			add(space, pd->devices[d].node, "device", pd->devices[d].name, pd->devices[d].ranges[r],
			    "a device stays at the board's address; move the other");
	space->board_count = space->count;
	add(space, pd->node, "irqchip", "the virtual interrupt controller", irqchip_range(pd), move);
	add(space, pd->node, "ecam", "the virtual configuration space", ecam_range(pd), move);
	add(space, pd->node, "console", "the virtual console", console_range(pd), move);
	add(space, pd->node, "watchdog", "the virtual watchdog", watchdog_range(pd), move);
	for (size_t r = 0; r < pd->region_count; r++)
		add(space, pd->regions[r].node, "reg", pd->regions[r].name, region_range(&pd->regions[r]), move);
}

static void report_parts(const void *first, const void *second, const void *context)
{
	const struct space *space = context;
	const struct part *a = first, *b = second;

	if (b >= space->parts + space->board_count)
		report_overlap(441, a->node, a->property, a->what, a->range, b->node, b->property, b->what, b->range,
			       a->remedy);
}

static void check_apart(const struct space *space)
{
	struct spans spans = { 0 };

	for (size_t i = 0; i < space->count; i++)
		span_add(&spans, space->parts[i].range, &space->parts[i]);
	spans_overlaps(&spans, report_parts, space);
}

/* As devices see it: a write may go to peers before the IOMMU sees it, or be an MSI. */
static void check_windows(const struct board *board, const struct pd *pd)
{
	const struct range bars[] = { board->pci_mem32, board->pci_mem64 };
	const struct range frame = { pd->irqchip + IRQCHIP_FRAME, IRQCHIP_REDISTRIBUTORS - IRQCHIP_FRAME };

	for (const struct region *region = pd->regions; region != pd->regions + pd->region_count; region++) {
		if (!region->dma || region->iova == region->ipa)
			continue;
		for (size_t i = 0; i < ARRAY_SIZE(bars); i++)
			if (ranges_overlap(region_iova(region), bars[i]))
				report_overlap(442, board->pci_node, "ranges", "the host bridge's memory window",
					       bars[i],
					       region->node, "iova", region->name, region_iova(region),
					       "a bridge could claim accesses there before the IOMMU sees them; "
					       "choose another 'iova'");
		if (ranges_overlap(region_iova(region), frame))
			report_overlap(443, pd->node, "irqchip", "the PD's MSI frame", frame, region->node, "iova",
				       region->name, region_iova(region),
				       "MSIs are written there; choose another 'iova'");
	}
}

static void check_placed(const struct pd *pd, const char *property, const char *what, struct range range,
			 uint64_t align)
{
	if (range.base % align)
		error_at(444, pd->node, property, "%s at 0x%llx is not aligned to 0x%llx", what, HEX(range.base),
			 HEX(align));
	if (!below_limit(range))
		error_at(445, pd->node, property, "%s ends above 2^48; move it down", what);
}

void space_check(const struct board *board, const struct pd *pd)
{
	struct space space = { 0 };

	check_placed(pd, "irqchip", "the virtual interrupt controller", irqchip_range(pd), IRQCHIP_FRAME);
	check_placed(pd, "ecam", "the virtual configuration space", ecam_range(pd), PCI_BUS_SIZE);
	check_placed(pd, "console", "the virtual console", console_range(pd), PAGE_SIZE);
	check_placed(pd, "watchdog", "the virtual watchdog", watchdog_range(pd), PAGE_SIZE);
	if (pd->has_console && board->console_intid >= TABLE_PD_INTIDS_MAX) {
		error_at(446, pd->node, "console",
			 "the virtual console would have the board's interrupt, INTID %u; a PD sees those up to %d: "
			 "take it away", board->console_intid, TABLE_PD_INTIDS_MAX - 1);
		note_at(board->console_node, "interrupts", "it is declared here");
	}
	collect(&space, board, pd);
	check_apart(&space);
	check_windows(board, pd);
}
