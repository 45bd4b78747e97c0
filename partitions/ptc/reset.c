/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a restart makes a PD's functions forget all that they were told: function
 * level reset, a reset of the bus behind a port, or writes to registers of the
 * function's own. All come to steps, a write and a wait, taken in the order of
 * the table. check_reset.c has the rules, restart.c the PDs.
 */
#include <string.h>

#include <mullion/bits.h>
#include <mullion/table.h>

#include "diag.h"
#include "ptc.h"
#include "tree.h"

enum { DRAIN_US = 100000, DRAIN_US_MAX = 10000000, WRITE_CELLS = 4 };

/* Device Control of PCI Express, its bit of FLR; a function is back after 100 ms (PCIe 5.0, 7.5.3.4 and 6.6.2). */
enum { EXPRESS_CONTROL = 8, FLR_US = 100000 };
#define EXPRESS_CONTROL_FLR BIT(15)

/*
 * Bridge Control, whose other bits boot compares with 0 (emit_pci.c). The bit
 * stays set for 1 ms at least; behind a port functions are back after 100 ms
 * (PCIe 5.0, 7.5.1.3.13 and 6.6.1), conventional ones after 2^25 clocks of 33 MHz
 * (PCI 3.0, 4.3.2, Trhfa).
 */
enum { BRIDGE_CONTROL = 0x3e, BUS_RESET_US = 2000, BUS_US = 100000, BUS_CONVENTIONAL_US = 1050000 };
#define BRIDGE_CONTROL_RESET BIT(6)

enum { WRITES_US = 1000 };              /* after the last one */

static const char *const names[] = { [RESET_FLR] = "flr", [RESET_BUS] = "bus", [RESET_WRITES] = "writes" };

/* NULL: none is declared. */
const char *reset_name(enum reset reset) { return names[reset]; }

static enum reset read_kind(int node)
{
	const char *text;

	if (!tree_has(node, "reset") || !tree_string(node, "reset", &text))
		return RESET_NONE;
	for (size_t i = RESET_FLR; i < ARRAY_SIZE(names); i++)
		if (!strcmp(text, names[i]))
			return (enum reset)i;
	error_at(681, node, "reset", "'reset' is \"%s\"; it takes one of \"flr\", \"bus\", \"writes\"", text);
	return RESET_NONE;
}

/* reset-writes = <bar offset bits value>, ... */
static void read_writes(int node, struct function *function)
{
	const uint32_t *cells;
	size_t count;

	if (!tree_has(node, "reset-writes") || !tree_cell_list(node, "reset-writes", &cells, &count))
		return;
	if (count % WRITE_CELLS) {
		error_at(682, node, "reset-writes",
			 "'reset-writes' must have four cells a write (BAR, offset, bits, value); found %zu cells",
			 count);
		return;
	}
	for (; count; cells += WRITE_CELLS, count -= WRITE_CELLS)
		*(struct reset_write *)keep_append(&function->reset_writes, &function->reset_write_count,
						   sizeof(struct reset_write)) =
			(struct reset_write){ .bar = cells[0], .offset = cells[1], .bits = cells[2],
					      .value = cells[3] };
}

void reset_read(int node, struct function *function)
{
	uint32_t us = DRAIN_US;

	function->reset = read_kind(node);
	read_writes(node, function);
	if (tree_has(node, "drain-us") && tree_cells(node, "drain-us", &us, 1) && us > DRAIN_US_MAX)
		error_at(683, node, "drain-us", "'drain-us' is %u; it takes at most %d microseconds, 10 seconds", us,
			 DRAIN_US_MAX);
	function->drain_us = us;
}

/* The port that resets the bus of a function, at the first function there, which resets all. */
static const struct bridge *port_at(const struct pd *pd, const struct function *function)
{
	if (function->reset != RESET_BUS)
		return NULL;
	for (const struct function *f = pd->functions; f < function; f++)
		if (f->bridge == function->bridge)
			return NULL;
	return function->bridge;
}

static const struct bar *bar_of(const struct function *function, const struct reset_write *write)
{
	const struct bar *bar = function->bars;

	while (bar->idx != write->bar)
		bar++;
	return bar;
}

struct steps {
	struct table_reset *all;
	size_t count;
};

static void add_step(struct steps *steps, uint64_t at, unsigned bytes, uint64_t value, uint32_t wait_us)
{
	*(struct table_reset *)keep_append(&steps->all, &steps->count, sizeof(*steps->all)) =
		(struct table_reset){ { at }, (uint8_t)bytes, (uint32_t)value, wait_us };
}

static void add_bus(struct steps *steps, const struct bridge *port)
{
	uint64_t control = port->is.config + BRIDGE_CONTROL;

	add_step(steps, control, 2, BRIDGE_CONTROL_RESET, BUS_RESET_US);
	add_step(steps, control, 2, 0, port->type == BRIDGE_PCIE_PCI ? BUS_CONVENTIONAL_US : BUS_US);
}

static void add_writes(struct steps *steps, const struct function *function)
{
	const struct reset_write *end = function->reset_writes + function->reset_write_count;

	for (const struct reset_write *w = function->reset_writes; w < end; w++)
		add_step(steps, bar_of(function, w)->addr + w->offset, w->bits / 8, w->value,
			 w == end - 1 ? WRITES_US : 0);
}

size_t reset_steps(const struct pd *pd, struct table_reset **all)
{
	struct steps steps = { NULL, 0 };

	for (const struct function *f = pd->functions; f < pd->functions + pd->function_count; f++) {
		if (f->reset == RESET_FLR)
			add_step(&steps, f->config + f->pcie_offset + EXPRESS_CONTROL, 2, EXPRESS_CONTROL_FLR, FLR_US);
		else if (port_at(pd, f))
			add_bus(&steps, f->bridge);
		else if (f->reset == RESET_WRITES)
			add_writes(&steps, f);
	}
	*all = steps.all;
	return steps.count;
}

static bool writes_bar(const struct function *function, const struct bar *bar)
{
	for (size_t w = 0; w < function->reset_write_count; w++)
		if (bar_of(function, &function->reset_writes[w]) == bar)
			return true;
	return false;
}

size_t reset_registers(const struct pd *pd, struct range **registers)
{
	size_t count = 0;

	*registers = NULL;
	for (const struct function *f = pd->functions; f < pd->functions + pd->function_count; f++) {
		if (port_at(pd, f))
			*(struct range *)keep_append(registers, &count, sizeof(struct range)) =
				(struct range){ f->bridge->is.config, PAGE_SIZE };
		for (const struct bar *bar = f->bars; bar < f->bars + f->bar_count; bar++)
			if (writes_bar(f, bar))
				*(struct range *)keep_append(registers, &count, sizeof(struct range)) =
					(struct range){ bar->addr, bar->size };
	}
	return count;
}
