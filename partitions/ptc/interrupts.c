/* SPDX-License-Identifier: Apache-2.0 */
/* Which entry of a node's `interrupts` is which, and its INTID (arm,gic-v3 binding: type, number, flags). */
#include "board.h"
#include "diag.h"
#include "tree.h"

#include <mullion/table.h>

enum { INTERRUPT_CELLS = 3, EDGE_RISING = 1, LEVEL_HIGH = 4 };

struct interrupt_type {
	uint32_t code;          /* in the binding */
	uint32_t first, count;  /* INTIDs */
};

static const struct interrupt_type spi = { 0, 32, 988 }, ppi = { 1, 16, 16 };

/* Whether an interrupt has the name; reports that none has. */
static bool interrupt_named(int node, const char *name, size_t *idx)
{
	int found = tree_string_idx(node, "interrupt-names", name);

	if (found < 0) {
		error_at(261, node, "interrupt-names",
			 "%s has no interrupt named '%s'; add it to 'interrupt-names', in the order of 'interrupts'",
			 tree_full_name(node), name);
		return false;
	}
	*idx = (size_t)found;
	return true;
}

/* The cells of an entry; NULL, after a report, if there is no such entry. */
static const uint32_t *interrupt_cells(int node, size_t idx)
{
	const uint32_t *cells;
	size_t count;

	if (!tree_cell_list(node, "interrupts", &cells, &count))
		return NULL;
	if (count % INTERRUPT_CELLS == 0 && count >= (idx + 1) * INTERRUPT_CELLS)
		return cells + idx * INTERRUPT_CELLS;
	error_at(262, node, "interrupts",
		 "'interrupts' must have %d cells for each of at least %zu interrupts, found %zu",
		 INTERRUPT_CELLS, idx + 1, count);
	return NULL;
}

static uint32_t interrupt_intid(int node, size_t idx, const uint32_t *cells, const struct interrupt_type *type)
{
	if (cells[0] == type->code && cells[1] < type->count)
		return type->first + cells[1];
	error_at(263, node, "interrupts", "interrupt %zu is <%u %u ...>; it must be <%u n ...>, n below %u",
		 idx, cells[0],
		 cells[1], type->code, type->count);
	return 0;
}

uint32_t interrupt_of_timer(int node, const char *name, size_t unnamed_idx)
{
	size_t idx = unnamed_idx;
	const uint32_t *cells;

	if (tree_has(node, "interrupt-names") && !interrupt_named(node, name, &idx))
		return 0;
	cells = interrupt_cells(node, idx);
	return cells ? interrupt_intid(node, idx, cells, &ppi) : 0;
}

uint32_t interrupt_of_controller(int node)
{
	const uint32_t *cells = interrupt_cells(node, 0);

	return cells ? interrupt_intid(node, 0, cells, &ppi) : 0;
}

uint32_t interrupt_of_console(int node)
{
	const uint32_t *cells = interrupt_cells(node, 0);

	if (!cells)
		return 0;
	if (cells[2] != LEVEL_HIGH)
		error_at(264, node, "interrupts",
			 "interrupt 0, of the console, has the flags %u; it is level-triggered, <%u n %d>", cells[2],
			 spi.code, LEVEL_HIGH);
	return interrupt_intid(node, 0, cells, &spi);
}

uint32_t interrupt_of_iommu(int node, const char *name)
{
	size_t idx;
	const uint32_t *cells;

	if (!interrupt_named(node, name, &idx))
		return 0;
	cells = interrupt_cells(node, idx);
	if (!cells)
		return 0;
	if (cells[2] != EDGE_RISING)
		error_at(265, node, "interrupts",
			 "interrupt %zu, '%s', has the flags %u; this release takes edge-triggered ones, <%u n %d>",
			 idx, name, cells[2], spi.code, EDGE_RISING);
	return interrupt_intid(node, idx, cells, &spi);
}

/* The node that the interrupts go to, by the nearest 'interrupt-parent'. */
static int interrupt_parent(int node)
{
	int *parents;
	size_t count;

	while (node > 0 && !tree_has(node, "interrupt-parent"))
		node = tree_parent(node);
	return tree_has(node, "interrupt-parent") && tree_phandles(node, "interrupt-parent", &parents, &count) ?
		       parents[0] : -1;
}

static void device_interrupt(int node, size_t idx, const uint32_t *cells, struct spi *interrupt)
{
	*interrupt = (struct spi){ node, interrupt_intid(node, idx, cells, &spi),
				   cells[2] == EDGE_RISING ? SPI_EDGE : SPI_LEVEL };
	if (cells[2] != EDGE_RISING && cells[2] != LEVEL_HIGH)
		error_at(266, node, "interrupts",
			 "interrupt %zu has the flags %u; an SPI takes %d, rising edge, or %d, high level", idx,
			 cells[2], EDGE_RISING, LEVEL_HIGH);
}

void interrupts_of_device(const struct board *board, int node, struct spi **spis, size_t *count)
{
	const uint32_t *cells;
	size_t cell_count;

	if (tree_has(node, "interrupts-extended"))
		error_at(267, node, "interrupts-extended",
			 "%s has 'interrupts-extended'; this release takes 'interrupts'",
			 tree_full_name(node));
	if (!tree_has(node, "interrupts") || !tree_cell_list(node, "interrupts", &cells, &cell_count))
		return;
	if (interrupt_parent(node) != board->irqchip_node) {
		error_at(268, node, "interrupts",
			 "interrupts of %s must go to the board's interrupt controller; they go elsewhere",
			 tree_full_name(node));
		note_at(board->irqchip_node, NULL, "it is declared here");
		return;
	}
	if (cell_count % INTERRUPT_CELLS)
		error_at(269, node, "interrupts",
			 "'interrupts' must have %d cells each, found %zu in all", INTERRUPT_CELLS,
			 cell_count);
	for (size_t i = 0; i < cell_count / INTERRUPT_CELLS; i++)
		device_interrupt(node, i, cells + i * INTERRUPT_CELLS, keep_append(spis, count, sizeof(**spis)));
}
