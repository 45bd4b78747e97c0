/* SPDX-License-Identifier: Apache-2.0 */
/* table.c: the typed table of hv/include/mullion/table.h, each entry under where it was declared. emit_pci.c helps. */
#include <inttypes.h>

#include <mullion/table.h>

#include "maps.h"
#include "ptc.h"
#include "tree.h"

#define HEX "0x%" PRIx64

enum { FIRST_SPI = 32 };

static void emit_externs(FILE *out, const struct appliance *appliance)
{
	for (size_t c = 1; c <= appliance->cpu_count; c++)
		fprintf(out, "extern const uint64_t run_root_%zu[];\nextern uint8_t cpu_%zu_stack_top[];\n"
			     "extern struct percpu cpu_%zu_percpu;\n", c, c, c);
	fprintf(out, "extern const uint64_t event_root_%zu[];\n", appliance->housekeeping + 1);
	for (size_t c = 0; c < appliance->cpu_count; c++)
		if (maps_has_reload(appliance, c))
			fprintf(out, "extern const uint64_t reload_root_%zu[];\n", c + 1);
	fprintf(out, "extern struct pd_state pd_0_state;\n");
	for (size_t p = 1; p <= appliance->pd_count; p++)
		fprintf(out, "extern const uint64_t pd_root_%zu[];\nextern struct pd_state pd_%zu_state;\n", p, p);
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
	for (size_t c = 0; c < appliance->cpu_count; c++) {
		const struct used_cpu *use = &appliance->cpus[c];
		const struct cpu *cpu = &appliance->board.cpus[use->cpu];

		fprintf(out, "\t/* %s */\n", tree_place(cpu->node, NULL));
		fprintf(out,
			"\t{ .name = \"%s\", .hw_id = " HEX ", .pd = %zu, .vcpu = %zu, .its_target = %zu,\n"
			"\t  .run_root = AT(run_root_%zu),\n"
			"\t  .stack_top = cpu_%zu_stack_top, .percpu = &cpu_%zu_percpu,\n",
			tree_full_name(cpu->node), cpu->hw_id, use->pd, use->vcpu, use->cpu, c + 1, c + 1, c + 1);
		if (its_lpi_pending(appliance, use))
			fprintf(out, "\t  .lpi_pending = { " HEX " },\n", its_lpi_pending(appliance, use));
		if (c == appliance->housekeeping)
			fprintf(out, "\t  .event_root = AT(event_root_%zu),\n", c + 1);
		if (maps_has_reload(appliance, c))
			fprintf(out, "\t  .reload_root = AT(reload_root_%zu),\n", c + 1);
		fprintf(out, "\t},\n");
	}
	fprintf(out, "};\n\n");
}

static void emit_regions(FILE *out, const struct pd *pd, size_t idx)
{
	fprintf(out, "static const struct table_region regions_%zu[] = {\n", idx);
	for (size_t r = 0; r < pd->region_count; r++) {
		const struct region *region = &pd->regions[r];

		fprintf(out, "\t/* %s */\n\t{ \"%s\", { " HEX " }, { " HEX " }, " HEX ", %u, %u, %s },\n",
			tree_place(region->node, NULL), region->name, region->ipa, region->pa, region->size,
			region->access, region->dma, region->sharer_count ? "true" : "false");
	}
	fprintf(out, "};\n\n");
}

/* By vCPU, what they are in `cpus`. */
static void emit_pd_cpus(FILE *out, const struct appliance *appliance, size_t idx)
{
	const struct pd *pd = &appliance->pds[idx - 1];

	fprintf(out, "static const uint8_t cpus_%zu[] = {", idx);
	for (size_t v = 0; v < pd->cpu_count; v++)
		for (size_t c = 0; c < appliance->cpu_count; c++)
			if (appliance->cpus[c].cpu == pd->cpus[v])
				fprintf(out, " %zu,", c + 1);
	fprintf(out, " };\n\n");
}

static const char *spi_kind_name(unsigned kind)
{
	static const char *const names[] = { [SPI_EDGE] = "SPI_EDGE", [SPI_LEVEL] = "SPI_LEVEL",
					     [SPI_MSI] = "SPI_MSI", [SPI_VIRTUAL] = "SPI_VIRTUAL" };

	return names[kind];
}

static void emit_spis(FILE *out, const struct pd *pd, size_t idx)
{
	if (!pd->spi_count)
		return;
	fprintf(out, "static const struct table_spi spis_%zu[] = {\n", idx);
	for (size_t s = 0; s < pd->spi_count; s++)
		fprintf(out, "\t/* %s */\n\t{ %" PRIu32 ", %s },\n", tree_place(pd->spis[s].node, NULL),
			pd->spis[s].intid, spi_kind_name(pd->spis[s].kind));
	fprintf(out, "};\n\nstatic const uint8_t spi_of_intid_%zu[%" PRIu32 "] = {\n", idx,
		pd->intid_end - FIRST_SPI);
	for (size_t s = 0; s < pd->spi_count; s++)
		fprintf(out, "\t[%" PRIu32 "] = %zu,\n", pd->spis[s].intid - FIRST_SPI, s + 1);
	fprintf(out, "};\n\n");
}

static void emit_pd_images(FILE *out, const struct pd *pd, size_t idx)
{
	fprintf(out, "static const struct table_image images_%zu[] = {\n", idx);
	for (const struct image *image = image_next(pd, NULL); image; image = image_next(pd, image)) {
		fprintf(out, "\t/* %s */\n\t{ .name = \"%s\", .store = { " HEX " }, .load = { " HEX " }, "
			     ".size = " HEX ",\n",
			tree_place(image->node, NULL), image->name, image->store, image->load_pa, image->size);
		emit_image_digest(out, image);
		fprintf(out, "\t},\n");
	}
	fprintf(out, "};\n\n");
}

static void emit_pd_interrupts(FILE *out, const struct pd *pd, size_t idx)
{
	fprintf(out, "\t  .distributor = { " HEX " }, .redistributors = { " HEX " }, .intid_end = %" PRIu32 ",\n",
		pd->irqchip, pd->irqchip + IRQCHIP_REDISTRIBUTORS, pd->intid_end);
	if (pd->spi_count)
		fprintf(out, "\t  .spis = spis_%zu, .spi_count = %zu, .spi_of_intid = spi_of_intid_%zu,\n", idx,
			pd->spi_count, idx);
	if (pd->has_console)
		fprintf(out, "\t  .has_console = true, .console = { " HEX " }, .console_spi = %zu,\n", pd->console,
			pd->console_spi);
	if (pd->has_watchdog)
		fprintf(out, "\t  .has_watchdog = true, .watchdog = { " HEX " }, .watchdog_spi = %zu,\n", pd->watchdog,
			pd->watchdog_spi);
}

/* `first` is the index of its first function. */
static void emit_pd(FILE *out, const struct pd *pd, size_t idx, size_t first)
{
	static const char *const policies[] = { [POLICY_REPORT] = "POLICY_REPORT",
						[POLICY_QUARANTINE] = "POLICY_QUARANTINE",
						[POLICY_STOP] = "POLICY_STOP",
						[POLICY_RESTART] = "POLICY_RESTART" };

	fprintf(out, "\t/* %s */\n", tree_place(pd->node, NULL));
	fprintf(out, "\t{ .label = \"%s\", .cpus = cpus_%zu, .cpu_count = %zu, .vmid = %u, .state = &pd_%zu_state,\n",
		pd->label, idx, pd->cpu_count, pd->vmid, idx);
	fprintf(out, "\t  .memory_root = AT(pd_root_%zu), .entry = { " HEX " }, .argument = { " HEX " },\n", idx,
		pd->images[IMAGE_PROGRAM].load, pd->images[IMAGE_DTB].load);
	fprintf(out, "\t  .images = images_%zu, .image_count = sizeof(images_%zu) / sizeof(images_%zu[0]),\n", idx, idx,
		idx);
	fprintf(out, "\t  .regions = regions_%zu, .region_count = %zu, .ecam = { " HEX " },\n", idx, pd->region_count,
		pd->ecam);
	if (pd->function_count)
		fprintf(out, "\t  .first_function = %zu, .function_count = %zu,\n", first, pd->function_count);
	emit_pd_interrupts(out, pd, idx);
	restart_emit_members(out, pd, idx);
	fprintf(out, "\t  .on_dma_fault = %s, .on_crash = %s,\n\t},\n", policies[pd->on_dma_fault],
		policies[pd->on_crash]);
}

/* The null entry: the hypervisor's own label and log, for a CPU that runs no PD. */
static void emit_pds(FILE *out, const struct appliance *appliance)
{
	size_t first = 1;

	for (size_t p = 0; p < appliance->pd_count; p++) {
		emit_pd_cpus(out, appliance, p + 1);
		emit_regions(out, &appliance->pds[p], p + 1);
		emit_spis(out, &appliance->pds[p], p + 1);
		emit_pd_images(out, &appliance->pds[p], p + 1);
		restart_emit(out, &appliance->pds[p], p + 1);
	}
	fprintf(out, "static const struct table_pd pds[] = {\n"
		     "\t{ .label = \"mullion\", .state = &pd_0_state },\n");
	for (size_t p = 0; p < appliance->pd_count; p++) {
		emit_pd(out, &appliance->pds[p], p + 1, first);
		first += appliance->pds[p].function_count;
	}
	fprintf(out, "};\n\n");
}

/* The slots of all constants follow each other. */
static void emit_ranges(FILE *out, const struct appliance *appliance)
{
	const struct slot *cpu = &appliance->slots[SLOT_TABLES_CPU];
	const struct slot *iommu = &appliance->slots[SLOT_TABLES_IOMMU];
	const struct slot *rodata = &appliance->slots[SLOT_RODATA];
	uint64_t end = iommu->base + iommu->size;

	fprintf(out, "\t.constants = { { " HEX " }, " HEX " },\n", cpu->base, end - cpu->base);
	fprintf(out, "\t.integrity = { { " HEX " }, " HEX " },\n", rodata->base, end - rodata->base);
}

/* One more than the highest interrupt by wire. */
static uint32_t intid_end(const struct appliance *appliance)
{
	const struct board *board = &appliance->board;
	uint32_t highest = board->console_intid;

	if (board->iommu_event_intid > highest)
		highest = board->iommu_event_intid;
	if (board->iommu_error_intid > highest)
		highest = board->iommu_error_intid;
	for (const struct pd *pd = appliance->pds; pd < appliance->pds + appliance->pd_count; pd++)
		for (const struct spi *spi = pd->spis; spi < pd->spis + pd->spi_count; spi++)
			if ((spi->kind == SPI_EDGE || spi->kind == SPI_LEVEL) && spi->intid > highest)
				highest = spi->intid;
	return highest + 1;
}

void emit_table(FILE *out, const struct appliance *appliance)
{
	const struct board *board = &appliance->board;

	fprintf(out, "/* Made by ptc from the partition table %s. */\n#include <mullion/table.h>\n\n",
		appliance->digest);
	emit_externs(out, appliance);
	emit_ram(out, board);
	emit_cpus(out, appliance);
	emit_pci(out, appliance);
	emit_pds(out, appliance);
	its_emit_lpis(out, appliance);
	fprintf(out, "const struct table table = {\n");
	fprintf(out, "\t.board = \"%s\",\n\t.digest = \"%s\",\n", c_string(board->model), appliance->digest);
	fprintf(out, "\t.console = { " HEX " },\n\t.console_intid = %u,\n\t.housekeeping = %zu,\n",
		board->console.base, board->console_intid, appliance->housekeeping + 1);
	fprintf(out, "\t.timer_intid = %u,\n\t.hyp_timer_intid = %u,\n", board->timer_intid, board->hyp_timer_intid);
	fprintf(out, "\t.ipa_bits = %u,\n\t.pa_bits = %u,\n", appliance->ipa_bits, appliance->pa_bits);
	emit_ranges(out, appliance);
	fprintf(out, "\t.irqchip = { .distributor = { " HEX " }, .redistributors = { " HEX " },\n"
		     "\t\t     .redistributors_size = " HEX ", .maintenance_intid = %u, .intid_end = %" PRIu32 ",\n",
		board->gicd.base, board->gicr.base, board->gicr.size, board->maintenance_intid, intid_end(appliance));
	its_emit_irqchip(out, appliance);
	fprintf(out, "\t},\n");
	fprintf(out,
		"\t.iommu = { .base = { " HEX " }, .event_intid = %u, .error_intid = %u,\n"
		"\t\t   .device_root = AT(device_table), .id_bits = %u, .pa_bits = %u },\n",
		board->iommu.base, board->iommu_event_intid, board->iommu_error_intid, board->stream_bits,
		appliance->pa_bits);
	emit_pci_member(out, appliance);
	if (appliance->its.lpi_count)
		fprintf(out, "\t.lpis = lpis,\n\t.lpi_count = sizeof(lpis) / sizeof(lpis[0]),\n");
	fprintf(out, "\t.ram = ram,\n\t.ram_count = sizeof(ram) / sizeof(ram[0]),\n");
	fprintf(out, "\t.cpus = cpus,\n\t.cpu_count = sizeof(cpus) / sizeof(cpus[0]),\n");
	fprintf(out, "\t.pds = pds,\n\t.pd_count = sizeof(pds) / sizeof(pds[0]),\n");
	fprintf(out, "\t.functions = functions,\n\t.function_count = sizeof(functions) / sizeof(functions[0]),\n};\n");
}
