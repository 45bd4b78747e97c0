/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table.c's part of PCI: functions, bridges, and the registers that the
 * hypervisor writes and reads back, in this order: of bridges, parents first,
 * then of functions: BARs; vendors' capabilities, FLR's bit and payload sizes,
 * which are only read. Memory decoding is off meanwhile.
 *
 * A window is closed by a base above its limit. A bridge need have neither an
 * I/O nor a prefetchable window (PCI-to-PCI Bridge 1.2, 3.2.5.6 and 3.2.5.9):
 * one that it lacks reads 0, base and limit. So only the limit is compared, as
 * the lowest there is. If a base above it were not taken, the window would be
 * the first MiB of memory, or 4 KiB of I/O: no address of a host bridge's window
 * that ptc gives out, and I/O decoding stays off. Bits that only say what a
 * window can do are in no mask.
 */
#include <inttypes.h>

#include <mullion/bits.h>
#include <mullion/pci_regs.h>
#include <mullion/table.h>

#include "ptc.h"
#include "tree.h"

#define HEX "0x%" PRIx64

/* Of a bridge (PCI-to-PCI Bridge 1.2, 3.2): 32-bit words, but BRIDGE_IO: 16 bits, below the secondary status. */
enum bridge_reg {
	BRIDGE_IO = 0x1c,
	BRIDGE_MEMORY = 0x20,
	BRIDGE_PREFETCH = 0x24,
	BRIDGE_PREFETCH_BASE_HIGH = 0x28,
	BRIDGE_PREFETCH_LIMIT_HIGH = 0x2c,
	BRIDGE_IO_HIGH = 0x30,
	BRIDGE_CONTROL = 0x3c,          /* in the upper half; below it interrupt pin and line, used by nobody */
};

/* Address bits of base and limit. */
#define BRIDGE_IO_BASE       GENMASK(7, 4)
#define BRIDGE_IO_LIMIT      GENMASK(15, 12)
#define BRIDGE_MEMORY_BASE   GENMASK(15, 4)
#define BRIDGE_MEMORY_LIMIT  GENMASK(31, 20)

/* ISA and VGA addresses, 16-bit VGA; reset of the bus behind (3.2.5.18). */
#define BRIDGE_CONTROL_NONE  (GENMASK(20, 18) | BIT(22))

/* ACS (PCIe 5.0, 7.7.8): the header; capabilities and control in one word, the upper half is control. */
enum { ACS_ID = 0x0d, ACS_CONTROL = 4 };
#define ACS_ENABLES          GENMASK(22, 16)
/* Source validation, translation blocking, request and completion redirect, upstream forwarding; not the others. */
#define ACS_ON               GENMASK(20, 16)

enum { EXPRESS_CAPABILITIES = 4, EXPRESS_CONTROL = 8 };         /* of the device (PCIe 5.0, 7.5.3.3 and 7.5.3.4) */
/* Max_Payload_Size; a reset makes it 0, 128 bytes, and what is above the function sends no more only if it was. */
#define EXPRESS_PAYLOAD      GENMASK(7, 5)

/* Of a vendor-specific capability's first word: its length. */
#define VENDOR_LENGTH        GENMASK(23, 16)

/* `idx` keeps the arrays of functions apart. */
static void emit_bars(FILE *out, const struct function *function, const char *idx)
{
	if (!function->bar_count)
		return;
	fprintf(out, "static const struct table_bar bars_%s[] = {\n", idx);
	for (size_t b = 0; b < function->bar_count; b++)
		fprintf(out, "\t{ %u, %s, " HEX ", " HEX " },\n", function->bars[b].idx,
			function->bars[b].is_64bit ? "true" : "false", function->bars[b].addr, function->bars[b].size);
	fprintf(out, "};\n\n");
}

static void emit_windows(FILE *out, const struct function *function, size_t idx)
{
	if (!function->window_count)
		return;
	fprintf(out, "static const struct table_window windows_%zu[] = {\n", idx);
	for (size_t w = 0; w < function->window_count; w++) {
		const struct region *region = function->windows[w];

		fprintf(out, "\t/* %s */\n\t{ { " HEX " }, { " HEX " }, " HEX ", %u },\n",
			tree_place(region->node, NULL), region->iova, region->pa, region->size, region->dma);
	}
	fprintf(out, "};\n\n");
}

/* Where it is, and what: of functions and bridges. */
static void emit_header(FILE *out, const struct function *function, const char *idx)
{
	fprintf(out, ".name = \"%s\", .bdf = 0x%x, .config = { " HEX " },\n"
		     "\t  .vendor = 0x%x, .device = 0x%x, .class = 0x%06x,\n",
		function->bdf_name, function->bdf, function->config, function->vendor, function->device,
		function->class);
	if (function->bar_count)
		fprintf(out, "\t  .bars = bars_%s, .bar_count = %zu,\n", idx, function->bar_count);
}

/* Of PD `pd`, at index `idx`. */
static void emit_function(FILE *out, const struct function *function, size_t pd, size_t idx)
{
	fprintf(out, "\t/* %s */\n\t{ ", tree_place(function->node, NULL));
	emit_header(out, function, keep_format("%zu", idx));
	fprintf(out, "\t  .pd = %zu, .pd_bdf = 0x%x, .stream = 0x%x, .vmid = %u,\n", pd, function->pd_bdf,
		function->stream, function->vmid);
	if (function->window_count)
		fprintf(out, "\t  .windows = windows_%zu, .window_count = %zu,\n", idx, function->window_count);
	if (function->has_doorbell)
		fprintf(out, "\t  .has_doorbell = true, .doorbell = { " HEX " },\n", function->doorbell);
	emit_config_space_members(out, function, idx);
	fprintf(out, "\t},\n");
}

static void emit_functions(FILE *out, const struct appliance *appliance)
{
	size_t idx = 1;

	for (size_t p = 0; p < appliance->pd_count; p++) {
		for (size_t f = 0; f < appliance->pds[p].function_count; f++, idx++) {
			emit_bars(out, &appliance->pds[p].functions[f], keep_format("%zu", idx));
			emit_windows(out, &appliance->pds[p].functions[f], idx);
			emit_config_space(out, &appliance->pds[p], &appliance->pds[p].functions[f], idx);
		}
	}
	idx = 1;
	fprintf(out, "static const struct table_function functions[] = {\n\t{ 0 },\n");
	for (size_t p = 0; p < appliance->pd_count; p++)
		for (size_t f = 0; f < appliance->pds[p].function_count; f++)
			emit_function(out, &appliance->pds[p].functions[f], p + 1, idx++);
	fprintf(out, "};\n\n");
}

static const char *bridge_idx(size_t b) { return keep_format("bridge_%zu", b); }

static void emit_bridges(FILE *out, const struct appliance *appliance)
{
	if (!appliance->bridge_count)
		return;
	for (size_t b = 0; b < appliance->bridge_count; b++)
		emit_bars(out, &appliance->bridges[b].is, bridge_idx(b));
	fprintf(out, "static const struct table_bridge bridges[] = {\n");
	for (size_t b = 0; b < appliance->bridge_count; b++) {
		const struct bridge *bridge = &appliance->bridges[b];

		fprintf(out, "\t/* %s */\n\t{ { ", tree_place(bridge->is.node, NULL));
		emit_header(out, &bridge->is, bridge_idx(b));
		fprintf(out, "\t}, 0x%06x },\n",
			bridge->primary | bridge->secondary << 8 | bridge->subordinate << 16);
	}
	fprintf(out, "};\n\n");
}

/* `what` is the function in C. */
static void emit_register(FILE *out, const char *verdict, const char *what, unsigned offset, unsigned bytes,
			  uint64_t value, uint64_t mask)
{
	fprintf(out, "\t{ \"%s\", &%s, 0x%x, %u, 0x%08" PRIx32 ", 0x%08" PRIx32 " },\n", verdict, what, offset, bytes,
		(uint32_t)value, (uint32_t)mask);
}

static void emit_bar_registers(FILE *out, const struct function *function, const char *what)
{
	for (size_t b = 0; b < function->bar_count; b++) {
		const struct bar *bar = &function->bars[b];
		unsigned offset = PCI_BAR + 4 * bar->idx;

		emit_register(out, "pci.bar-address", what, offset, 4, bar->addr, PCI_BAR_ADDR);
		if (bar->is_64bit)
			emit_register(out, "pci.bar-address", what, offset + 4, 4, bar->addr >> 32, UINT32_MAX);
	}
}

/* Id and length of each are where the table says; the rest of the word is where the next one is, and the vendor's. */
static void emit_vendor_registers(FILE *out, const struct function *function, const char *what)
{
	for (const struct vendor *v = function->vendors; v < function->vendors + function->vendor_count; v++)
		emit_register(out, "pci.capability-vendor", what, v->offset, 0,
			      PCI_VENDOR | FIELD_PREP(VENDOR_LENGTH, v->size),
			      PCI_CAPABILITY_ID | VENDOR_LENGTH);
}

/* By what resets Device Control too. */
static bool is_express_reset(const struct function *function)
{
	return function->pcie_offset && (function->reset == RESET_FLR || function->reset == RESET_BUS);
}

static void emit_function_registers(FILE *out, const struct function *function, const char *what)
{
	emit_bar_registers(out, function, what);
	emit_vendor_registers(out, function, what);
	if (function->reset == RESET_FLR)
		emit_register(out, "pci.flr", what, function->pcie_offset + EXPRESS_CAPABILITIES, 0, PCI_EXPRESS_FLR,
			      PCI_EXPRESS_FLR);
	if (is_express_reset(function))
		emit_register(out, "pci.payload-size", what, function->pcie_offset + EXPRESS_CONTROL, 0, 0,
			      EXPRESS_PAYLOAD);
}

static void emit_bridge_registers(FILE *out, const struct bridge *bridge, const char *what)
{
	uint64_t closed = BRIDGE_MEMORY_BASE, memory = closed;

	if (bridge->memory.size)
		memory = (bridge->memory.base >> 16 & BRIDGE_MEMORY_BASE) |
			 ((range_end(bridge->memory) - 1) & BRIDGE_MEMORY_LIMIT);
	emit_bar_registers(out, &bridge->is, what);
	emit_register(out, "pci.bridge-memory", what, BRIDGE_MEMORY, 4, memory,
		      BRIDGE_MEMORY_BASE | BRIDGE_MEMORY_LIMIT);
	emit_register(out, "pci.bridge-prefetch", what, BRIDGE_PREFETCH, 4, closed, BRIDGE_MEMORY_LIMIT);
	emit_register(out, "pci.bridge-prefetch", what, BRIDGE_PREFETCH_BASE_HIGH, 4, 0, UINT32_MAX);
	emit_register(out, "pci.bridge-prefetch", what, BRIDGE_PREFETCH_LIMIT_HIGH, 4, 0, UINT32_MAX);
	emit_register(out, "pci.bridge-io", what, BRIDGE_IO, 2, BRIDGE_IO_BASE, BRIDGE_IO_LIMIT);
	emit_register(out, "pci.bridge-io", what, BRIDGE_IO_HIGH, 4, 0, UINT32_MAX);
	emit_register(out, "pci.bridge-control", what, BRIDGE_CONTROL, 4, 0, BRIDGE_CONTROL_NONE);
	if (!bridge->acs)
		return;
	emit_register(out, "pci.acs-capability", what, bridge->acs, 0, ACS_ID, PCI_EXTENDED_ID);
	emit_register(out, "pci.acs", what, bridge->acs + ACS_CONTROL, 4, ACS_ON, ACS_ENABLES);
}

static bool has_registers(const struct appliance *appliance)
{
	bool any = appliance->bridge_count;

	for (size_t p = 0; p < appliance->pd_count; p++)
		for (size_t f = 0; f < appliance->pds[p].function_count; f++)
			any |= appliance->pds[p].functions[f].bar_count ||
			       appliance->pds[p].functions[f].vendor_count ||
			       is_express_reset(&appliance->pds[p].functions[f]);
	return any;
}

static void emit_registers(FILE *out, const struct appliance *appliance)
{
	size_t idx = 1;

	if (!has_registers(appliance))
		return;
	fprintf(out, "static const struct table_pci_register pci_registers[] = {\n");
	for (size_t b = 0; b < appliance->bridge_count; b++)
		emit_bridge_registers(out, &appliance->bridges[b], keep_format("bridges[%zu].is", b));
	for (size_t p = 0; p < appliance->pd_count; p++)
		for (size_t f = 0; f < appliance->pds[p].function_count; f++)
			emit_function_registers(out, &appliance->pds[p].functions[f],
						keep_format("functions[%zu]", idx++));
	fprintf(out, "};\n\n");
}

void emit_pci(FILE *out, const struct appliance *appliance)
{
	emit_functions(out, appliance);
	emit_bridges(out, appliance);
	emit_registers(out, appliance);
}

void emit_pci_member(FILE *out, const struct appliance *appliance)
{
	const struct board *board = &appliance->board;

	fprintf(out, "\t.pci = { .ecam = { " HEX " }, .bus_first = %u, .bus_last = %u,\n", board->ecam.base,
		board->bus_first, board->bus_last);
	if (appliance->bridge_count)
		fprintf(out, "\t\t .bridges = bridges, .bridge_count = sizeof(bridges) / sizeof(bridges[0]),\n");
	if (has_registers(appliance))
		fprintf(out, "\t\t .registers = pci_registers,\n"
			     "\t\t .register_count = sizeof(pci_registers) / sizeof(pci_registers[0]),\n");
	fprintf(out, "\t},\n");
}
