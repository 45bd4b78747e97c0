/* SPDX-License-Identifier: Apache-2.0 */
/* table.c: the typed table of hv/include/mullion/table.h, each entry under where it was declared. */
#include <inttypes.h>

#include "ptc.h"
#include "tree.h"

#define HEX "0x%" PRIx64

static void emit_externs(FILE *out, const struct appliance *appliance)
{
	for (size_t p = 0; p < appliance->pd_count; p++) {
		fprintf(out, "extern const uint64_t run_root_%zu[], event_root_%zu[], pd_root_%zu[];\n", p + 1, p + 1,
			p + 1);
		fprintf(out, "extern uint8_t cpu_%zu_stack_top[];\nextern struct percpu cpu_%zu_percpu;\n", p + 1,
			p + 1);
	}
	fprintf(out, "extern const uint64_t device_table[];\n\n");
	fprintf(out, "#define AT(symbol) { (uintptr_t)(symbol) }\n\n");
}

static void emit_ram(FILE *out, const struct board *board)
{
	fprintf(out, "static const struct table_range ram[] = {\n");
	for (size_t i = 0; i < board->ram_count; i++)
		fprintf(out, "\t{ { " HEX " }, " HEX " },\n", board->ram[i].base, board->ram[i].size);
	fprintf(out, "};\n\n");
}

static void emit_cpus(FILE *out, const struct appliance *appliance)
{
	fprintf(out, "static const struct table_cpu cpus[] = {\n\t{ 0 },\n");
	for (size_t p = 0; p < appliance->pd_count; p++) {
		const struct cpu *cpu = &appliance->board.cpus[appliance->pds[p].cpu];

		fprintf(out, "\t/* %s */\n", tree_place(cpu->node, NULL));
		fprintf(out,
			"\t{ .hw_id = " HEX ", .pd = %zu, .stack_top = cpu_%zu_stack_top, .percpu = &cpu_%zu_percpu,\n"
			"\t  .run_root = AT(run_root_%zu), .event_root = AT(event_root_%zu) },\n",
			cpu->hw_id, p + 1, p + 1, p + 1, p + 1, p + 1);
	}
	fprintf(out, "};\n\n");
}

static void emit_regions(FILE *out, const struct pd *pd, size_t idx)
{
	fprintf(out, "static const struct table_region regions_%zu[] = {\n", idx);
	for (size_t r = 0; r < pd->region_count; r++) {
		const struct region *region = &pd->regions[r];

		fprintf(out, "\t/* %s */\n\t{ \"%s\", { " HEX " }, { " HEX " }, " HEX ", %u, %u },\n",
			tree_place(region->node, NULL), region->name, region->ipa, region->pa, region->size,
			region->access, region->dma);
	}
	fprintf(out, "};\n\n");
}

static void emit_bars(FILE *out, const struct function *function, size_t idx)
{
	if (!function->bar_count)
		return;
	fprintf(out, "static const struct table_bar bars_%zu[] = {\n", idx);
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

/* Of PD `pd`, at index `idx`. */
static void emit_function(FILE *out, const struct function *function, size_t pd, size_t idx)
{
	fprintf(out, "\t/* %s */\n", tree_place(function->node, NULL));
	fprintf(out,
		"\t{ .name = \"%s\", .pd = %zu, .bdf = 0x%x, .stream = 0x%x, .vmid = %u, .config = { " HEX " },\n"
		"\t  .vendor = 0x%x, .device = 0x%x, .class = 0x%06x,\n",
		function->bdf_name, pd, function->bdf, function->stream, function->vmid, function->config,
		function->vendor, function->device, function->class);
	if (function->bar_count)
		fprintf(out, "\t  .bars = bars_%zu, .bar_count = %zu,\n", idx, function->bar_count);
	if (function->window_count)
		fprintf(out, "\t  .windows = windows_%zu, .window_count = %zu,\n", idx, function->window_count);
	fprintf(out, "\t},\n");
}

static void emit_functions(FILE *out, const struct appliance *appliance)
{
	size_t idx = 1;

	for (size_t p = 0; p < appliance->pd_count; p++) {
		for (size_t f = 0; f < appliance->pds[p].function_count; f++, idx++) {
			emit_bars(out, &appliance->pds[p].functions[f], idx);
			emit_windows(out, &appliance->pds[p].functions[f], idx);
		}
	}
	idx = 1;
	fprintf(out, "static const struct table_function functions[] = {\n\t{ 0 },\n");
	for (size_t p = 0; p < appliance->pd_count; p++)
		for (size_t f = 0; f < appliance->pds[p].function_count; f++)
			emit_function(out, &appliance->pds[p].functions[f], p + 1, idx++);
	fprintf(out, "};\n\n");
}

static void emit_pds(FILE *out, const struct appliance *appliance)
{
	for (size_t p = 0; p < appliance->pd_count; p++)
		emit_regions(out, &appliance->pds[p], p + 1);
	fprintf(out, "static const struct table_pd pds[] = {\n\t{ 0 },\n");
	for (size_t p = 0; p < appliance->pd_count; p++) {
		const struct pd *pd = &appliance->pds[p];

		fprintf(out, "\t/* %s */\n", tree_place(pd->node, NULL));
		fprintf(out,
			"\t{ .label = \"%s\", .cpu = %zu, .vmid = %u, .memory_root = AT(pd_root_%zu), "
			".entry = { " HEX " },\n"
			"\t  .store = { " HEX " }, .load = { " HEX " }, .image_size = " HEX ",\n"
			"\t  .regions = regions_%zu, .region_count = %zu, .has_console = %s, "
			".console = { " HEX " } },\n",
			pd->label, p + 1, pd->vmid, p + 1, pd->image.load, pd->image.store, pd->image.load_pa,
			pd->image.size, p + 1, pd->region_count, pd->has_console ? "true" : "false", pd->console);
	}
	fprintf(out, "};\n\n");
}

void emit_table(FILE *out, const struct appliance *appliance)
{
	const struct board *board = &appliance->board;
	const struct slot *cpu = &appliance->slots[SLOT_TABLES_CPU];
	const struct slot *iommu = &appliance->slots[SLOT_TABLES_IOMMU];

	fprintf(out, "/* Made by ptc from the partition table %s. */\n#include <mullion/table.h>\n\n",
		appliance->digest);
	emit_externs(out, appliance);
	emit_ram(out, board);
	emit_cpus(out, appliance);
	emit_functions(out, appliance);
	emit_pds(out, appliance);
	fprintf(out, "const struct table table = {\n");
	fprintf(out, "\t.board = \"%s\",\n\t.digest = \"%s\",\n", c_string(board->model), appliance->digest);
	fprintf(out, "\t.console = { " HEX " },\n\t.timer_intid = %u,\n", board->console.base, board->timer_intid);
	fprintf(out, "\t.ipa_bits = %u,\n\t.pa_bits = %u,\n", appliance->ipa_bits, appliance->pa_bits);
	fprintf(out, "\t.constants = { { " HEX " }, " HEX " },\n", cpu->base, iommu->base + iommu->size - cpu->base);
	fprintf(out, "\t.irqchip = { { " HEX " }, { " HEX " }, " HEX " },\n", board->gicd.base, board->gicr.base,
		board->gicr.size);
	fprintf(out,
		"\t.iommu = { .base = { " HEX " }, .event_intid = %u, .error_intid = %u,\n"
		"\t\t   .device_root = AT(device_table), .id_bits = %u, .pa_bits = %u },\n",
		board->iommu.base, board->iommu_event_intid, board->iommu_error_intid, board->stream_bits,
		appliance->pa_bits);
	fprintf(out, "\t.pci = { { " HEX " }, %u, %u },\n", board->ecam.base, board->bus_first, board->bus_last);
	fprintf(out, "\t.ram = ram,\n\t.ram_count = sizeof(ram) / sizeof(ram[0]),\n");
	fprintf(out, "\t.cpus = cpus,\n\t.cpu_count = sizeof(cpus) / sizeof(cpus[0]),\n");
	fprintf(out, "\t.pds = pds,\n\t.pd_count = sizeof(pds) / sizeof(pds[0]),\n");
	fprintf(out, "\t.functions = functions,\n\t.function_count = sizeof(functions) / sizeof(functions[0]),\n};\n");
}
