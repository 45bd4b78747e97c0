/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which map has what. The hypervisor's own maps are identity maps: boot can
 * write everything that boot must; a run map has no table, no PD memory and no
 * IOMMU control writable; an event map is its run map with the IOMMU's
 * registers writable.
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
	uint64_t block = slot->size / appliance->pd_count;

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
	map_same(radix, appliance->board.console, RW, true);
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

static struct radix *build_boot(const struct appliance *appliance)
{
	const struct board *board = &appliance->board;
	struct radix *radix = radix_new("boot", &cpu_format, target_start_level(appliance->va_bits));

	map_common(radix, appliance);
	map_slot(radix, appliance, SLOT_TABLES_CPU, R);
	map_slot(radix, appliance, SLOT_TABLES_IOMMU, R);
	map_slot(radix, appliance, SLOT_BOOT, RW);
	map_slot(radix, appliance, SLOT_PERCPU, RW);
	for (size_t cpu = 0; cpu < appliance->pd_count; cpu++)
		map_stack(radix, appliance, cpu);
	map_ram(radix, board);
	map_same(radix, board->iommu, RW, true);
	map_same(radix, board->gicd, RW, true);
	map_same(radix, board->gicr, RW, true);
	map_same(radix, board->ecam, RW, true);
	return radix;
}

/* The run map of the PD's CPU; with `event`, its event map. */
static struct radix *build_run(const struct appliance *appliance, size_t p, bool event)
{
	const struct pd *pd = &appliance->pds[p];
	struct radix *radix = radix_new(keep_format("%s_%s", event ? "event" : "run", identifier(pd->label, false)),
					&cpu_format, target_start_level(appliance->va_bits));

	map_common(radix, appliance);
	map_same(radix, (struct range){ appliance->slots[SLOT_PERCPU].base + p * PAGE_SIZE, PAGE_SIZE }, RW, false);
	map_stack(radix, appliance, p);
	map_same(radix, appliance->board.iommu, event ? RW : R, true);
	for (size_t f = 0; f < pd->function_count; f++)
		map_same(radix, (struct range){ pd->functions[f].config, PAGE_SIZE }, RW, true);
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
	return radix;
}

static struct radix *build_windows(const struct appliance *appliance, const struct pd *pd,
				   const struct function *function)
{
	const char *name =
		keep_format("windows_%s_%s", identifier(pd->label, false), identifier(function->name, false));
	struct radix *radix = radix_new(name, &window_format, target_start_level(appliance->ipa_bits));

	for (size_t w = 0; w < function->window_count; w++) {
		const struct region *region = function->windows[w];

		radix_map(radix, region->iova, region->pa, region->size, region->dma, false);
	}
	return radix;
}

static void append(const char ***list, size_t *count, const char *symbol)
{
	*(const char **)keep_append(list, count, sizeof(symbol)) = symbol;
}

static void build_all(struct maps *maps, const struct appliance *appliance)
{
	size_t runs = 0, events = 0, pds = 0, windows = 0;

	*maps = (struct maps){ .cpu = pool_new(), .iommu = pool_new() };
	for (size_t p = 0; p < appliance->pd_count; p++) {
		const struct pd *pd = &appliance->pds[p];

		append(&maps->pd_roots, &pds, pool_add(maps->cpu, build_pd(appliance, pd)));
		append(&maps->run_roots, &runs, pool_add(maps->cpu, build_run(appliance, p, false)));
		append(&maps->event_roots, &events, pool_add(maps->cpu, build_run(appliance, p, true)));
		for (size_t f = 0; f < pd->function_count; f++)
			append(&maps->window_roots, &windows,
			       pool_add(maps->iommu, build_windows(appliance, pd, &pd->functions[f])));
	}
	maps->boot = build_boot(appliance);
	pool_add_below(maps->cpu, maps->boot, "boot_root", NULL);
}

void maps_build(struct maps *maps, struct appliance *appliance)
{
	size_t cpu_pages = 1, iommu_pages = 1;

	for (int round = 0; round < 8; round++) {
		slots_place(appliance, cpu_pages * PAGE_SIZE, device_table_size(appliance) + iommu_pages * PAGE_SIZE);
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
	pool_emit(maps->cpu, out);

	fprintf(out, "\n");
	for (size_t p = 0; p < appliance->pd_count; p++) {
		fprintf(out, "\t.global run_root_%zu, event_root_%zu, pd_root_%zu\n", p + 1, p + 1, p + 1);
		fprintf(out, "\t.set run_root_%zu, %s\n", p + 1, maps->run_roots[p]);
		fprintf(out, "\t.set event_root_%zu, %s\n", p + 1, maps->event_roots[p]);
		fprintf(out, "\t.set pd_root_%zu, %s\n", p + 1, maps->pd_roots[p]);
	}
}
