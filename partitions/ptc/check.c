/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of the PDs that need no address of the compiler's choice. One function a rule. */
#include <mullion/table.h>

#include "diag.h"
#include "overlap.h"
#include "ptc.h"
#include "tree.h"

#define HEX(value) ((unsigned long long)(value))

void check_pages(int node, const char *property, const char *what, uint64_t value)
{
	if (!is_page_granular(value))
		error_at(401, node, property, "%s 0x%llx is not a multiple of the page size 0x%x", what, HEX(value),
			 PAGE_SIZE);
}

static void check_region(const struct region *region)
{
	check_pages(region->node, "reg", "address", region->ipa);
	check_pages(region->node, "reg", "size", region->size);
	if (region->iova != region->ipa)
		check_pages(region->node, "iova", "I/O address", region->iova);
	if (region->fixed)
		check_pages(region->node, "phys", "host address", region->pa);
	if (!below_limit(region_range(region)))
		error_at(402, region->node, "reg", "%s ends above 2^48; move it down", region->name);
	if (region->iova != region->ipa && !below_limit(region_iova(region)))
		error_at(403, region->node, "iova", "%s ends above 2^48 as a window; give it a lower 'iova'",
			 region->name);
	if (region->iova != region->ipa && !region->dma)
		error_at(404, region->node, "iova",
			 "%s has an 'iova' but no D bit: add dma = \"r\", \"w\" or \"rw\" to it",
			 region->name);
}

static void report_fixed(const void *first, const void *second, const void *context)
{
	const struct region *a = first, *b = second;

	(void)context;
	if (shared_between(a, b))
		return;
	report_overlap(405, a->node, "phys", a->name, region_host(a), b->node, "phys", b->name, region_host(b),
		       tree_parent(a->node) == tree_parent(b->node) ?
		       "a byte of host memory is one region's: move one" :
		       "a byte of host memory has one owner: move one, or let each name the other, shared-with");
}

/* Of regions that are one memory, the first that has `phys` itself. */
static bool says_phys(const struct region *region)
{
	if (!tree_has(region->node, "phys"))
		return false;
	for (size_t i = 0; i < region->sharer_count; i++)
		if (region->sharers[i]->node < region->node && tree_has(region->sharers[i]->node, "phys"))
			return false;
	return true;
}

/* `phys` of all regions, of whatever PD. */
static void check_fixed_apart(const struct appliance *appliance)
{
	struct spans spans = { 0 };

	for (size_t p = 0; p < appliance->pd_count; p++) {
		for (size_t r = 0; r < appliance->pds[p].region_count; r++) {
			const struct region *region = &appliance->pds[p].regions[r];

			if (region->fixed && says_phys(region))
				span_add(&spans, region_host(region), region);
		}
	}
	spans_overlaps(&spans, report_fixed, NULL);
}

static void check_fixed(const struct board *board, const struct region *region)
{
	if (!region->fixed)
		return;
	if (!ram_holds(board, region_host(region))) {
		error_at(406, region->node, "phys",
			 "%s, 0x%llx bytes at host address 0x%llx, is not in the board's RAM; move it there, or leave "
			 "'phys' out", region->name, HEX(region->size), HEX(region->pa));
		note_ram(board);
	} else if (ranges_overlap(region_host(region), board->hypervisor)) {
		report_overlap(407, board->hypervisor_node, "reg", "the hypervisor's memory", board->hypervisor,
			       region->node, "phys", region->name, region_host(region), "move the region");
	}
}

void check_bars(const struct function *function, unsigned registers)
{
	unsigned used = 0;

	for (size_t i = 0; i < function->bar_count; i++) {
		const struct bar *bar = &function->bars[i];
		unsigned takes = bar->is_64bit ? 2 : 1;
		unsigned mask = bar->idx < registers ? ((1u << takes) - 1) << bar->idx : 0;

		if (!mask || bar->idx + takes > registers)
			error_at(621, function->node, "bars",
				 "BAR %u does not exist: registers are 0 to %u, MEM64 takes two", bar->idx,
				 registers - 1);
		else if (used & mask)
			error_at(622, function->node, "bars",
				 "BAR %u uses a register that another BAR of %s uses; they are 0 to %u, one each, two "
				 "for MEM64", bar->idx, function->name, registers - 1);
		used |= mask;
		if (bar->size < 16 || (bar->size & (bar->size - 1)))
			error_at(623, function->node, "bars",
				 "BAR %u: size 0x%llx is no power of two from 16 on", bar->idx,
				 HEX(bar->size));
	}
}

static void report_unaddressable(const struct function *function, const struct region *window)
{
	error_at(501, function->node, "dma-bits",
		 "%s ends at 0x%llx, which %s cannot address with %u bits; give it a lower 'iova'", window->name,
		 HEX(range_end(region_iova(window)) - 1), function->name, function->dma_bits);
	note_at(window->node, window->iova == window->ipa ? "reg" : "iova", "%s is declared here", window->name);
}

static void report_windows(const void *first, const void *second, const void *context)
{
	const struct region *a = first, *b = second;
	const struct function *function = context;

	if (a == b) {
		error_at(502, function->node, "windows", "%s is listed twice; once is enough", a->name);
		return;
	}
	report_overlap(503, a->node, a->iova == a->ipa ? "reg" : "iova", a->name, region_iova(a), b->node,
		       b->iova == b->ipa ? "reg" : "iova", b->name, region_iova(b),
		       keep_format("both are windows of %s: give one another 'iova'", function->name));
}

static void check_windows(const struct function *function)
{
	struct spans spans = { 0 };

	for (size_t i = 0; i < function->window_count; i++) {
		const struct region *window = function->windows[i];

		span_add(&spans, region_iova(window), window);
		if (!window->dma) {
			error_at(504, function->node, "windows",
				 "%s is a window of %s but has no D bit: add dma = \"r\", \"w\" or \"rw\" to it",
				 window->name, function->name);
			note_at(window->node, NULL, "%s is declared here", window->name);
		}
		if (function->dma_bits < 64 && (range_end(region_iova(window)) - 1) >> function->dma_bits)
			report_unaddressable(function, window);
	}
	spans_overlaps(&spans, report_windows, function);
}

bool check_bdf(const struct board *board, const struct function *function)
{
	unsigned bus = function->bdf >> 8;

	if (function->bridge || bus == board->bus_first)
		return true;
	if (bus < board->bus_first || bus > board->bus_last) {
		error_at(624, function->node, "bdf", "bus %u is not one of the board's, %u to %u", bus,
			 board->bus_first,
			 board->bus_last);
		note_at(board->pci_node, "bus-range", "they are declared here");
		return false;
	}
	error_at(625, function->node, "bdf",
		 "%s is behind a bridge, where ptc gives the numbers: 'bdf' is for bus %u; "
		 "say bridge = <&...>; devfn = <...>; instead", function->name, board->bus_first);
	return false;
}

static void check_function(const struct board *board, const struct function *function)
{
	check_bdf(board, function);
	if ((function->class >> 16) == 0x06)
		error_at(626, function->node, "class",
			 "%s is a bridge (class 0x%06x); bridges belong to nobody: they are nodes of /partitions",
			 function->name, function->class);
	if (function->requester >= board->requester_count) {
		error_at(627, function->node, function_place(function),
			 "%s is requester 0x%x, which 'iommu-map' gives no stream: it must be below 0x%x",
			 function->bdf_name, function->requester, board->requester_count);
		note_at(board->pci_node, "iommu-map", "it is declared here");
	}
	check_bars(function, BARS_MAX);
	function_check_capabilities(function);
	check_windows(function);
}

/* Against all functions before, of whatever PD. */
static void check_function_apart(const struct appliance *appliance, const struct function *b)
{
	for (size_t p = 0; p < appliance->pd_count; p++) {
		const struct pd *pd = &appliance->pds[p];

		for (const struct function *a = pd->functions; a != pd->functions + pd->function_count; a++) {
			if (a == b)
				return;
			if (a->bdf != b->bdf)
				continue;
			error_at(628, b->node, function_place(b),
				 "function %s is declared twice; it has one owner: take one declaration away",
				 b->bdf_name);
			note_at(a->node, function_place(a), "the first declaration is here, in %s", pd->label);
		}
	}
}

static void check_functions(const struct appliance *appliance, const struct pd *pd)
{
	for (size_t i = 0; i < pd->function_count; i++) {
		const struct function *a = &pd->functions[i];

		check_function(&appliance->board, a);
		check_function_apart(appliance, a);
		for (size_t j = i + 1; j < pd->function_count; j++)
			check_names_differ(a->node, "function", a->name, pd->functions[j].node, "function",
					   pd->functions[j].name);
	}
}

static void check_counts(const struct appliance *appliance)
{
	size_t functions = 0;

	for (size_t p = 0; p < appliance->pd_count; p++)
		functions += appliance->pds[p].function_count;
	if (functions > TABLE_FUNCTIONS_MAX - 1)
		error_at(629, tree_node("/partitions"), NULL,
			 "the table has %zu functions; the hypervisor takes %d: leave some out", functions,
			 TABLE_FUNCTIONS_MAX - 1);
}

static void check_pd(const struct appliance *appliance, const struct pd *pd)
{
	for (size_t r = 0; r < pd->region_count; r++) {
		check_region(&pd->regions[r]);
		check_fixed(&appliance->board, &pd->regions[r]);
	}
	space_check(&appliance->board, pd);
	msi_check(&appliance->board, pd);
	dma_check(&appliance->board, pd);
	check_names(pd);
	images_check(pd);
	guest_check(pd);
	check_functions(appliance, pd);
	resets_check(appliance, pd);
	restart_check(appliance, pd);
	doubts_check(pd);
}

void rules_check(const struct appliance *appliance)
{
	check_labels(appliance);
	check_counts(appliance);
	check_fixed_apart(appliance);
	cpus_check(appliance);
	for (size_t p = 0; p < appliance->pd_count; p++)
		check_pd(appliance, &appliance->pds[p]);
	bridges_check(appliance);
	shared_check(appliance);
	devices_check(appliance);
}
