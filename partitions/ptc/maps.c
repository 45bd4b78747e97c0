/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which map has what. The hypervisor's own maps are identity maps: boot can
 * write everything that boot must; a CPU's run map has its own stack and page,
 * and of the PD that it runs the state and the functions' configuration pages:
 * no table, no memory of a PD, no register of IOMMU or interrupt controller.
 * The housekeeping CPU has the console, the IOMMU's registers to read, and
 * every PD's state to read; its event map is its run map with the IOMMU's
 * registers writable. The first CPU of a PD that may be restarted has a reload
 * map: its run map, the PD's own memory, what is copied there, and registers
 * that reset the PD's functions.
 */
#include "maps.h"

#include "diag.h"
#include "ptc.h"
#include "target.h"

enum { R = ACCESS_R, RW = ACCESS_R | ACCESS_W, RX = ACCESS_R | ACCESS_X };

static void map_same(struct radix *radix, struct range range, unsigned access, bool device)
{
	radix_map(radix, range.base, range.base, round_up(range.size, PAGE_SIZE), access, device);
}

static void map_slot(struct radix *radix, const struct appliance *appliance, enum slot_id id, unsigned access)
{
	const struct slot *slot = &appliance->slots[id];

	map_same(radix, (struct range){ slot->base, slot->size }, access, false);
}

/* The upper half of the CPU's block; the lower half is the guard. */
static void map_stack(struct radix *radix, const struct appliance *appliance, size_t cpu)
{
	const struct slot *slot = &appliance->slots[SLOT_STACKS];
	uint64_t block = slot->size / appliance->cpu_count;

	map_same(radix, (struct range){ slot->base + cpu * block + block / 2, block / 2 }, RW, false);
}

/* Text, constants and what every CPU writes, in every map of the hypervisor. */
static void map_common(struct radix *radix, const struct appliance *appliance)
{
	map_slot(radix, appliance, SLOT_TEXT, RX);
	map_slot(radix, appliance, SLOT_RODATA, R);
	map_slot(radix, appliance, SLOT_BOOT_ROOT, RW);
	map_slot(radix, appliance, SLOT_SHARED, RW);
	map_slot(radix, appliance, SLOT_EVENT_QUEUE, R);
}

/* All RAM but the hypervisor's. */
static void map_ram(struct radix *radix, const struct board *board)
{
	for (size_t i = 0; i < board->ram_count; i++) {
		struct range ram = board->ram[i];

		if (!ranges_overlap(ram, board->hypervisor)) {
			map_same(radix, ram, RW, false);
			continue;
		}
		map_same(radix, (struct range){ ram.base, board->hypervisor.base - ram.base }, RW, false);
		map_same(radix,
			 (struct range){ range_end(board->hypervisor), range_end(ram) - range_end(board->hypervisor) },
			 RW, false);
	}
}

/* With the gap between them, which is digested too. */
static void map_tables(struct radix *radix, const struct appliance *appliance)
{
	uint64_t base = appliance->slots[SLOT_TABLES_CPU].base;
	const struct slot *last = &appliance->slots[SLOT_TABLES_IOMMU];

	map_same(radix, (struct range){ base, last->base + last->size - base }, R, false);
}

static struct radix *build_boot(const struct appliance *appliance)
{
	const struct board *board = &appliance->board;
	struct radix *radix = radix_new("boot", &cpu_format, target_start_level(appliance->va_bits));

	map_common(radix, appliance);
	map_tables(radix, appliance);
	map_slot(radix, appliance, SLOT_BOOT, RW);
	map_slot(radix, appliance, SLOT_PERCPU, RW);
	map_slot(radix, appliance, SLOT_PD_STATE, RW);
	for (size_t cpu = 0; cpu < appliance->cpu_count; cpu++)
		map_stack(radix, appliance, cpu);
	map_ram(radix, board);
	map_same(radix, board->console, RW, true);
	map_same(radix, board->iommu, RW, true);
	map_same(radix, board->gicd, RW, true);
	map_same(radix, board->gicr, RW, true);
	map_same(radix, its_control(appliance), RW, true);
	map_slot(radix, appliance, SLOT_ITS, RW);
	map_same(radix, board->ecam, RW, true);
	return radix;
}

/* The page of entry `p` of the emitted table's PDs. */
static void map_pd_state(struct radix *radix, const struct appliance *appliance, size_t p, unsigned access)
{
	map_same(radix, (struct range){ appliance->slots[SLOT_PD_STATE].base + p * PAGE_SIZE, PAGE_SIZE }, access,
		 false);
}

static void map_housekeeping(struct radix *radix, const struct appliance *appliance, size_t own, bool event)
{
	map_same(radix, appliance->board.console, RW, true);
	map_same(radix, appliance->board.iommu, event ? RW : R, true);
	for (size_t p = 0; p <= appliance->pd_count; p++)
		if (p != own)
			map_pd_state(radix, appliance, p, R);
}

/* Not what it shares: that is not started anew. */
static void map_reload(struct radix *radix, const struct pd *pd)
{
	struct range *registers = NULL;
	size_t count = reset_registers(pd, &registers);

	for (const struct region *region = pd->regions; region < pd->regions + pd->region_count; region++)
		if (!region->sharer_count)
			map_same(radix, region_host(region), RW, false);
	for (const struct image *image = image_next(pd, NULL); image; image = image_next(pd, image))
		map_same(radix, (struct range){ image->store, image->size }, R, false);
	for (size_t i = 0; i < count; i++)
		map_same(radix, registers[i], RW, true);
}

bool maps_has_reload(const struct appliance *appliance, size_t cpu)
{
	const struct used_cpu *use = &appliance->cpus[cpu];

	return use->pd && use->vcpu == 0 && appliance->pds[use->pd - 1].restart_count;
}

enum kind { RUN, EVENT, RELOAD };

/* The run map of a CPU, or what it has besides. One that runs no PD writes the null entry's state: its log. */
static struct radix *build_run(const struct appliance *appliance, size_t c, enum kind kind)
{
	static const char *const names[] = { [RUN] = "run", [EVENT] = "event", [RELOAD] = "reload" };
	const struct used_cpu *cpu = &appliance->cpus[c];
	struct radix *radix = radix_new(keep_format("%s_%zu", names[kind], c + 1), &cpu_format,
					target_start_level(appliance->va_bits));

	map_common(radix, appliance);
	map_same(radix, (struct range){ appliance->slots[SLOT_PERCPU].base + c * PAGE_SIZE, PAGE_SIZE }, RW, false);
	map_stack(radix, appliance, c);
	map_pd_state(radix, appliance, cpu->pd, RW);
	if (cpu->pd) {
		const struct pd *pd = &appliance->pds[cpu->pd - 1];

		for (size_t f = 0; f < pd->function_count; f++)
			map_same(radix, (struct range){ pd->functions[f].config, PAGE_SIZE }, RW, true);
		if (kind == RELOAD)
			map_reload(radix, pd);
	}
	if (c == appliance->housekeeping)
		map_housekeeping(radix, appliance, cpu->pd, kind == EVENT);
	return radix;
}

static struct radix *build_pd(const struct appliance *appliance, const struct pd *pd)
{
	struct radix *radix = radix_new(keep_format("pd_%s", identifier(pd->label, false)), &pd_format,
					target_start_level(appliance->ipa_bits));

	for (size_t r = 0; r < pd->region_count; r++)
		radix_map(radix, pd->regions[r].ipa, pd->regions[r].pa, pd->regions[r].size, pd->regions[r].access,
			  false);
	for (size_t f = 0; f < pd->function_count; f++)
		for (size_t b = 0; b < pd->functions[f].bar_count; b++)
			map_same(radix, (struct range){ pd->functions[f].bars[b].addr, pd->functions[f].bars[b].size },
				 RW, true);
	for (size_t d = 0; d < pd->device_count; d++)
		for (size_t r = 0; r < pd->devices[d].range_count; r++)
			map_same(radix, pd->devices[d].ranges[r], RW, true);
	if (pd->msi_count)
		radix_map(radix, pd->irqchip + IRQCHIP_FRAME, pd->msi_frame, PAGE_SIZE, R, false);
	return radix;
}

/* The number keeps a_b of PD `c` and b of PD `c_a` apart. */
static struct radix *build_windows(const struct appliance *appliance, size_t p, const struct function *function)
{
	const char *name = keep_format("windows_%zu_%s_%s", p + 1, identifier(appliance->pds[p].label, false),
				       identifier(function->name, false));
	struct radix *radix = radix_new(name, &window_format, target_start_level(appliance->ipa_bits));

	for (size_t w = 0; w < function->window_count; w++) {
		const struct region *region = function->windows[w];

		radix_map(radix, region->iova, region->pa, region->size, region->dma, false);
	}
	if (function->has_doorbell)
		radix_map(radix, function->doorbell, its_doorbell(&appliance->board), PAGE_SIZE, ACCESS_W, true);
	return radix;
}

static void append(const char ***list, size_t *count, const char *symbol)
{
	*(const char **)keep_append(list, count, sizeof(symbol)) = symbol;
}

static void build_all(struct maps *maps, const struct appliance *appliance)
{
	size_t runs = 0, reloads = 0, pds = 0, windows = 0;

	*maps = (struct maps){ .cpu = pool_new(), .iommu = pool_new() };
	for (size_t p = 0; p < appliance->pd_count; p++) {
		const struct pd *pd = &appliance->pds[p];

		append(&maps->pd_roots, &pds, pool_add(maps->cpu, build_pd(appliance, pd)));
		for (size_t f = 0; f < pd->function_count; f++)
			append(&maps->window_roots, &windows,
			       pool_add(maps->iommu, build_windows(appliance, p, &pd->functions[f])));
	}
	for (size_t c = 0; c < appliance->cpu_count; c++)
		append(&maps->run_roots, &runs, pool_add(maps->cpu, build_run(appliance, c, RUN)));
	maps->event_root = pool_add(maps->cpu, build_run(appliance, appliance->housekeeping, EVENT));
	for (size_t c = 0; c < appliance->cpu_count; c++)
		append(&maps->reload_roots, &reloads, maps_has_reload(appliance, c) ?
		       pool_add(maps->cpu, build_run(appliance, c, RELOAD)) : NULL);
	maps->boot = build_boot(appliance);
	pool_add_below(maps->cpu, maps->boot, "boot_root", NULL);
}

void maps_build(struct maps *maps, struct appliance *appliance)
{
	size_t cpu_pages = 1, iommu_pages = 1;

	for (int round = 0; round < 8; round++) {
		slots_place(appliance, cpu_pages * PAGE_SIZE + its_constants_size(appliance),
			     device_table_size(appliance) + iommu_pages * PAGE_SIZE);
		if (error_count())
			return;
		build_all(maps, appliance);
		if (pool_pages(maps->cpu) == cpu_pages && pool_pages(maps->iommu) == iommu_pages)
			return;
		cpu_pages = pool_pages(maps->cpu);
		iommu_pages = pool_pages(maps->iommu);
	}
	fatal("internal: the size of the tables does not settle");
}

void maps_emit(const struct maps *maps, const struct appliance *appliance, FILE *out)
{
	fprintf(out, "// Made by ptc from the partition table %s. Every translation and device table.\n",
		appliance->digest);
	fprintf(out, "\n\t.section .tables.iommu, \"a\"\n");
	device_table_emit(out, appliance, maps->window_roots);
	pool_emit(maps->iommu, out);
	fprintf(out, "\n\t.section .boot_root, \"aw\"\n");
	pool_add_below(maps->cpu, maps->boot, "boot_root", out);
	fprintf(out, "\n\t.section .tables.cpu, \"a\"\n");
	its_emit_constants(out, appliance);
	pool_emit(maps->cpu, out);

	fprintf(out, "\n");
	for (size_t p = 0; p < appliance->pd_count; p++)
		fprintf(out, "\t.global pd_root_%zu\n\t.set pd_root_%zu, %s\n", p + 1, p + 1, maps->pd_roots[p]);
	for (size_t c = 0; c < appliance->cpu_count; c++)
		fprintf(out, "\t.global run_root_%zu\n\t.set run_root_%zu, %s\n", c + 1, c + 1, maps->run_roots[c]);
	fprintf(out, "\t.global event_root_%zu\n\t.set event_root_%zu, %s\n", appliance->housekeeping + 1,
		appliance->housekeeping + 1, maps->event_root);
	for (size_t c = 0; c < appliance->cpu_count; c++)
		if (maps->reload_roots[c])
			fprintf(out, "\t.global reload_root_%zu\n\t.set reload_root_%zu, %s\n", c + 1, c + 1,
				maps->reload_roots[c]);
}
