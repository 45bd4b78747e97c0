/* SPDX-License-Identifier: Apache-2.0 */
/* PCI functions as nodes of the table: a PD's, and what bridges have in common with them. */
#include "diag.h"
#include "ptc.h"
#include "tree.h"

/* On the first bus: bdf = <bus device function>. */
static void read_bdf(int node, struct function *function)
{
	uint32_t bdf[3];

	if (!tree_cells(node, "bdf", bdf, 3))
		return;
	if (bdf[0] > 255 || bdf[1] > 31 || bdf[2] > 7)
		error_at(601, node, "bdf", "'bdf' is <%u %u %u>; it takes <bus device function>, at most <255 31 7>",
			 bdf[0], bdf[1], bdf[2]);
	function->bdf = (uint16_t)((bdf[0] & 255) << 8 | (bdf[1] & 31) << 3 | (bdf[2] & 7));
}

/* Behind a bridge: bridge = <&bridge>; devfn = <device function>; bridges_number() knows the bus. */
static void read_devfn(int node, struct function *function)
{
	uint32_t devfn[2];
	int *nodes;
	size_t count;

	if (tree_phandles(node, "bridge", &nodes, &count)) {
		if (count == 1)
			function->bridge_node = nodes[0];
		else
			error_at(602, node, "bridge", "'bridge' names %zu nodes; a function is behind one", count);
	}
	if (!tree_cells(node, "devfn", devfn, 2))
		return;
	if (devfn[0] > 31 || devfn[1] > 7)
		error_at(603, node, "devfn", "'devfn' is <%u %u>; it takes <device function>, at most <31 7>",
			 devfn[0], devfn[1]);
	function->bdf = (uint16_t)((devfn[0] & 31) << 3 | (devfn[1] & 7));
}

static void read_place(int node, struct function *function)
{
	const char *other = tree_has(node, "bridge") ? "bridge" : "devfn";

	if (!tree_has(node, "bdf")) {
		if (tree_has(node, "bridge"))
			read_devfn(node, function);
		else
			error_at(604, node, NULL,
				 "%s is nowhere: it takes 'bdf', on the first bus, or 'bridge' and 'devfn', behind a "
				 "bridge", tree_full_name(node));
		return;
	}
	read_bdf(node, function);
	if (tree_has(node, other)) {
		error_at(605, node, other, "%s has 'bdf' and '%s': it is on the first bus, or behind a bridge",
			 tree_full_name(node), other);
		note_at(node, "bdf", "'bdf' is here; take one of them away");
	}
}

/* bars = <idx 32|64 size>, ... */
static void read_bars(int node, struct function *function)
{
	const uint32_t *cells;
	size_t count;

	if (!tree_has(node, "bars") || !tree_cell_list(node, "bars", &cells, &count))
		return;
	if (count % 3 || count / 3 > BARS_MAX) {
		error_at(606, node, "bars",
			 "'bars' must have three cells a BAR (number, MEM32 or MEM64, size) and at most %d BARs",
			 BARS_MAX);
		return;
	}
	for (; count; cells += 3, count -= 3) {
		struct bar *bar = &function->bars[function->bar_count++];

		*bar = (struct bar){ .idx = cells[0], .is_64bit = cells[1] == 64, .size = cells[2] };
		if (cells[1] != 32 && cells[1] != 64)
			error_at(607, node, "bars", "BAR %u: type %u; it takes MEM32 or MEM64", bar->idx, cells[1]);
	}
}

void function_read_header(int node, struct function *function)
{
	uint32_t id[2], class;

	function->node = node;
	read_place(node, function);
	tree_cells(node, "id", id, 2);
	tree_cells(node, "class", &class, 1);
	if (id[0] >= 0xffff || id[1] > 0xffff)
		error_at(608, node, "id",
			 "'id' is <0x%x 0x%x>; it takes <vendor device>, 16 bits each, and not vendor 0xffff, which is "
			 "what reads where no function is", id[0], id[1]);
	if (class > 0xffffff)
		error_at(609, node, "class", "'class' has 24 bits, found 0x%x", class);
	function->vendor = (uint16_t)id[0];
	function->device = (uint16_t)id[1];
	function->class = class;
	read_bars(node, function);
}

static void read_windows(int node, struct pd *pd, struct function *function)
{
	int *nodes;
	size_t count;

	if (!tree_has(node, "windows") || !tree_phandles(node, "windows", &nodes, &count))
		return;
	function->windows = keep_alloc(count, sizeof(struct region *));
	for (size_t i = 0; i < count; i++) {
		struct region *region = NULL;

		for (size_t r = 0; r < pd->region_count; r++)
			if (pd->regions[r].node == nodes[i])
				region = &pd->regions[r];
		if (region) {
			function->windows[function->window_count++] = region;
			continue;
		}
		error_at(610, node, "windows",
			 "%s is no region of %s: a window must lie in the RAM of the PD that owns the function",
			 tree_full_name(nodes[i]), pd->label);
		note_at(nodes[i], NULL, "it is declared here; give %s a region of its own", pd->label);
	}
}

void function_read(int node, struct pd *pd, struct function *function)
{
	static const char *const known[] = { "bdf", "bridge", "devfn", "id", "class", "bars", "windows", "dma-bits",
					     "msi", "msix", "pcie", "pm", "vendor", "reset", "reset-writes",
					     "drain-us", NULL };
	uint32_t bits = 64;

	tree_only_properties(node, known);
	tree_no_children(node);
	function->name = tree_name(node);
	name_check(node, "function", function->name);
	function_read_header(node, function);
	if (tree_has(node, "dma-bits") && tree_cells(node, "dma-bits", &bits, 1) && (bits < 12 || bits > 64))
		error_at(611, node, "dma-bits", "'dma-bits' must be 12 to 64, found %u", bits);
	function->dma_bits = bits;
	function_read_msi(node, function);
	function_read_capabilities(node, function);
	reset_read(node, function);
	read_windows(node, pd, function);
}

const char *function_place(const struct function *function) { return function->bridge_node ? "devfn" : "bdf"; }
