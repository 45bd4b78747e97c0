/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must be true of every table that ptc accepts, said once more and more
 * simply than the rules say it: everything against everything, nothing shared
 * with ptc but the model's shapes.
 */
#include <mullion/table.h>

#include "../../partitions/ptc/model.h"
#include "fuzz.h"

#define LIMIT (UINT64_C(1) << 48)

struct owned {
	struct range range;
	const void *owner;      /* the same owner may have it twice */
	const char *what;
};

struct list {
	struct owned *all;
	size_t count;
};

enum { LIST_MAX = 8192 };
static struct owned room[LIST_MAX];

static void add(struct list *list, struct range range, const void *owner, const char *what)
{
	list->all = room;
	if (!range.size)
		return;
	if (range.base + range.size < range.base || range.base + range.size > LIMIT)
		fuzz_fail("%s at 0x%llx ends above 2^48", what, (unsigned long long)range.base);
	if (list->count < LIST_MAX)
		list->all[list->count++] = (struct owned){ range, owner, what };
}

static bool meet(struct range a, struct range b)
{
	return a.size && b.size && !(a.base + a.size <= b.base || b.base + b.size <= a.base);
}

static void check_apart(const struct list *list, const char *where)
{
	for (size_t i = 0; i < list->count; i++)
		for (size_t j = 0; j < i; j++)
			if (meet(list->all[i].range, list->all[j].range) && list->all[i].owner != list->all[j].owner)
				fuzz_fail("%s: %s at 0x%llx and %s at 0x%llx overlap", where, list->all[j].what,
					  (unsigned long long)list->all[j].range.base, list->all[i].what,
					  (unsigned long long)list->all[i].range.base);
}

static bool inside(struct range a, struct range b)
{
	return a.base >= b.base && a.size <= b.size && a.base - b.base <= b.size - a.size;
}

static void must(bool good, const char *what)
{
	if (!good)
		fuzz_fail("accepted, although not: %s", what);
}

static bool in_ram(const struct board *board, struct range range)
{
	for (size_t i = 0; i < board->ram_count; i++)
		if (inside(range, board->ram[i]))
			return true;
	return false;
}

static struct range pages(struct range range)
{
	return (struct range){ range.base, (range.size + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE };
}

/* All sharers have one owner: the first of them in memory. */
static const void *region_owner(const struct region *region)
{
	const struct region *first = region;

	for (size_t i = 0; i < region->sharer_count; i++)
		if (region->sharers[i] < first)
			first = region->sharers[i];
	return first;
}

static void check_host(const struct appliance *appliance)
{
	const struct board *board = &appliance->board;
	struct list list = { 0 };

	add(&list, board->hypervisor, board, "the hypervisor");
	must(in_ram(board, board->hypervisor), "the hypervisor is in RAM");
	for (const struct pd *pd = appliance->pds; pd != appliance->pds + appliance->pd_count; pd++) {
		for (const struct image *image = image_next(pd, NULL); image; image = image_next(pd, image)) {
			struct range store = pages((struct range){ image->store, image->size });

			add(&list, store, image, "an image");
			must(store.size && in_ram(board, store), "the image is in RAM");
		}
		for (const struct region *r = pd->regions; r != pd->regions + pd->region_count; r++) {
			add(&list, (struct range){ r->pa, r->size }, region_owner(r), r->name);
			must(in_ram(board, (struct range){ r->pa, r->size }), "a region is in RAM");
			must(r->size && r->pa % PAGE_SIZE == 0 && r->size % PAGE_SIZE == 0, "regions are pages");
			must(!r->dma || !r->sharer_count, "no device reaches what is shared");
		}
	}
	check_apart(&list, "host memory");
	list.count = 0;
	for (size_t i = 0; i < SLOT_COUNT; i++) {
		const struct slot *slot = &appliance->slots[i];

		add(&list, (struct range){ slot->base, slot->size }, slot, slot->name);
		must(!slot->size || inside((struct range){ slot->base, slot->size }, board->hypervisor),
		     "slots are in the hypervisor's memory");
		must(slot->base % PAGE_SIZE == 0, "slots are pages");
	}
	check_apart(&list, "slots");
}

/* What the board has is apart by pages, and apart from memory. */
static void check_devices(const struct appliance *appliance)
{
	const struct board *board = &appliance->board;
	struct list list = { 0 };

	add(&list, pages(board->console), &board->console, "the console");
	add(&list, pages(board->gicd), &board->gicd, "the distributor");
	add(&list, pages(board->gicr), &board->gicr, "the redistributors");
	add(&list, pages(board->iommu), &board->iommu, "the IOMMU");
	add(&list, pages(board->its), &board->its, "the ITS");
	add(&list, board->ecam, &board->ecam, "configuration space");
	add(&list, board->pci_mem32, &board->pci_mem32, "the lower memory window");
	add(&list, board->pci_mem64, &board->pci_mem64, "the upper memory window");
	for (size_t i = 0; i < board->ram_count; i++)
		add(&list, board->ram[i], &board->ram[i], "RAM");
	for (const struct pd *pd = appliance->pds; pd != appliance->pds + appliance->pd_count; pd++)
		for (const struct device *d = pd->devices; d != pd->devices + pd->device_count; d++)
			for (size_t r = 0; r < d->range_count; r++)
				add(&list, d->ranges[r], d, d->name);
	check_apart(&list, "the board");
}

static void check_bar(const struct appliance *appliance, const struct function *f, const struct bar *bar)
{
	struct range range = { bar->addr, bar->size };

	must(bar->idx + bar->is_64bit < BARS_MAX, "the BAR exists");
	must(bar->size && bar->addr % bar->size == 0, "BARs are aligned");
	must(bar->is_64bit || bar->addr + bar->size <= UINT64_C(1) << 32, "32-bit BARs");
	must(inside(range, appliance->board.pci_mem32) || inside(range, appliance->board.pci_mem64),
	     "BARs are in a window of the host bridge");
	for (const struct bridge *b = f->bridge; b; b = b->is.bridge)
		must(inside(range, b->memory), "BARs are in the windows of the bridges above them");
}

static void add_bars(const struct appliance *appliance, struct list *list, const struct function *f)
{
	for (const struct bar *bar = f->bars; bar != f->bars + f->bar_count; bar++) {
		check_bar(appliance, f, bar);
		add(list, pages((struct range){ bar->addr, bar->size }), bar, "a BAR");
	}
	/* A bridge claims its window: of two on the way to a BAR, one is above the other. */
	for (size_t b = 0; b < appliance->bridge_count; b++) {
		const struct bridge *bridge = &appliance->bridges[b], *above = f->bridge;

		while (above && above != bridge)
			above = above->is.bridge;
		for (size_t i = 0; i < f->bar_count && !above; i++)
			must(!meet((struct range){ f->bars[i].addr, f->bars[i].size }, bridge->memory),
			     "BARs are in no other bridge's window");
	}
}

static void check_bars(const struct appliance *appliance)
{
	struct list list = { 0 };

	for (const struct pd *pd = appliance->pds; pd != appliance->pds + appliance->pd_count; pd++)
		for (const struct function *f = pd->functions; f != pd->functions + pd->function_count; f++)
			add_bars(appliance, &list, f);
	for (size_t b = 0; b < appliance->bridge_count; b++)
		add_bars(appliance, &list, &appliance->bridges[b].is);
	check_apart(&list, "BARs");
}

/* Buses behind a bridge are within those of the one above it, and each is one bridge's. */
static void check_bridges(const struct appliance *appliance)
{
	const struct board *board = &appliance->board;

	for (size_t i = 0; i < appliance->bridge_count; i++) {
		const struct bridge *a = &appliance->bridges[i], *above = a->is.bridge;

		must(a->primary < a->secondary && a->secondary <= a->subordinate && a->subordinate <= board->bus_last,
		     "bus numbers go up, to the board's last at the most");
		must(a->primary == (above ? above->secondary : board->bus_first) && a->is.bdf >> 8 == a->primary,
		     "a bridge is on the bus above it");
		must(!above || a->subordinate <= above->subordinate, "its buses are among those of the bridge above");
		must(!above || inside(a->memory, above->memory) || !a->memory.size, "so is its window");
		must(!a->memory.size || inside(a->memory, board->pci_mem32), "windows are in the host bridge's");
		for (size_t j = 0; j < i; j++)
			must(appliance->bridges[j].secondary != a->secondary &&
			     appliance->bridges[j].is.bdf != a->is.bdf, "a bridge has its own place and bus");
	}
}

static bool has_region(const struct pd *pd, const struct region *region)
{
	return region >= pd->regions && region < pd->regions + pd->region_count;
}

static bool passed_on(const struct board *board, struct range range)
{
	for (size_t i = 0; i < board->dma_range_count; i++)
		if (inside(range, board->dma_ranges[i]))
			return true;
	return !board->dma_range_count;
}

/* What a function reaches is apart from where MSIs and peers are. */
static void check_windows(const struct appliance *appliance, const struct pd *pd, const struct function *f)
{
	struct list list = { 0 };

	add(&list, appliance->board.pci_mem32, &appliance->board.pci_mem32, "the lower memory window");
	add(&list, appliance->board.pci_mem64, &appliance->board.pci_mem64, "the upper memory window");
	must(!f->msi_vectors || f->has_doorbell, "what has MSIs has a doorbell");
	must(!f->msix_count || f->bar_count, "what has MSI-X has a BAR for its table");
	if (f->has_doorbell)
		add(&list, (struct range){ f->doorbell, PAGE_SIZE }, f, "the doorbell");
	for (size_t w = 0; w < f->window_count; w++) {
		const struct region *region = f->windows[w];

		must(has_region(pd, region) && region->dma, "windows are regions of the owner with the D bit");
		must(region->iova % PAGE_SIZE == 0, "windows are pages");
		must(f->dma_bits == 64 || region->iova + region->size - 1 < UINT64_C(1) << f->dma_bits,
		     "the function can address its windows");
		must(region->iova + region->size <= UINT64_C(1) << appliance->ipa_bits, "I/O addresses fit");
		must(passed_on(&appliance->board, (struct range){ region->iova, region->size }),
		     "windows are passed on");
		add(&list, (struct range){ region->iova, region->size }, region, region->name);
		for (size_t i = 0; i < w; i++)
			must(f->windows[i] != region, "a window is named once");
	}
	check_apart(&list, f->bdf_name);
}

/* It lies in one region, which no device and no other PD reaches. */
static void check_image(const struct pd *pd, const struct image *image)
{
	struct range range = { image->load, image->size };
	bool home = false;

	for (const struct region *r = pd->regions; r != pd->regions + pd->region_count; r++) {
		if (!meet(range, (struct range){ r->ipa, r->size }))
			continue;
		must(inside(range, (struct range){ r->ipa, r->size }) && (r->access & ACCESS_R) && !r->dma &&
		     !r->sharer_count, "the image's region is the PD's own");
		must((r->access & ACCESS_X) || image != &pd->images[IMAGE_PROGRAM], "the program's region is code");
		home = image->load_pa == r->pa + (image->load - r->ipa);
	}
	must(home, "the image is in a region, and copied there");
	for (const struct image *other = image_next(pd, NULL); other != image; other = image_next(pd, other))
		must(!meet(range, (struct range){ other->load, other->size }), "images are apart");
}

static void check_space(const struct appliance *appliance, const struct pd *pd)
{
	struct list list = { 0 };

	add(&list, (struct range){ pd->irqchip, 0x20000 + pd->cpu_count * 0x20000 }, &pd->irqchip, "irqchip");
	add(&list, (struct range){ pd->ecam, 1 << 20 }, &pd->ecam, "ecam");
	add(&list, (struct range){ pd->console, pd->has_console ? PAGE_SIZE : 0 }, &pd->console, "console");
	add(&list, (struct range){ pd->watchdog, pd->has_watchdog ? 2 * PAGE_SIZE : 0 }, &pd->watchdog, "watchdog");
	for (const struct region *r = pd->regions; r != pd->regions + pd->region_count; r++)
		add(&list, (struct range){ r->ipa, r->size }, r, r->name);
	for (const struct image *image = image_next(pd, NULL); image; image = image_next(pd, image))
		check_image(pd, image);
	for (const struct device *d = pd->devices; d != pd->devices + pd->device_count; d++)
		for (size_t r = 0; r < d->range_count; r++)
			add(&list, d->ranges[r], d, d->name);
	for (const struct function *f = pd->functions; f != pd->functions + pd->function_count; f++)
		for (const struct bar *bar = f->bars; bar != f->bars + f->bar_count; bar++)
			add(&list, pages((struct range){ bar->addr, bar->size }), bar, "a BAR");
	for (size_t i = 0; i < list.count; i++)
		must(range_end(list.all[i].range) <= UINT64_C(1) << appliance->ipa_bits, "PD addresses fit");
	check_apart(&list, pd->label);
}

static void check_function(const struct appliance *appliance, const struct function *f)
{
	const struct board *board = &appliance->board;
	bool bridged = f->bridge;

	must(f->stream == board->stream_base + f->requester, "streams are requesters'");
	must(f->stream >> board->stream_bits == 0 && f->requester < board->requester_count, "streams are in the table");
	must(f->bdf >> 8 == (bridged ? f->bridge->secondary : board->bus_first), "the bus is the bridge's");
	must(f->pd_bdf >> 8 == board->bus_first && (bridged || f->pd_bdf == f->bdf), "PDs see the first bus");
	must(inside((struct range){ f->config, PAGE_SIZE }, board->ecam), "the configuration page is the board's");
	must(!f->msi_vectors || (board->its.size && f->requester < board->msi_requester_count),
	     "who sends MSIs is known");
}

/* The IOMMU cannot tell them apart, so they must be one in all that it does. */
static void check_same_stream(const struct function *a, const struct function *b)
{
	must(a->vmid == b->vmid && a->has_doorbell == b->has_doorbell && a->window_count == b->window_count,
	     "functions of a stream reach the same");
	for (size_t w = 0; w < a->window_count; w++) {
		bool found = false;

		for (size_t i = 0; i < b->window_count; i++)
			found |= b->windows[i] == a->windows[w];
		must(found, "functions of a stream have the same windows");
	}
}

static void check_pair(const struct function *a, const struct function *b, bool same_owner)
{
	must(a->bdf != b->bdf && a->config != b->config, "a function has one owner");
	must(a->pd_bdf != b->pd_bdf || !same_owner, "a PD sees each at its own place");
	must((a->vmid == b->vmid) == (a->stream == b->stream), "a tag is a stream's");
	must(a->stream != b->stream || same_owner, "a stream has one owner");
	if (a->stream == b->stream)
		check_same_stream(a, b);
}

static void check_functions(const struct appliance *appliance)
{
	const struct function *seen[TABLE_FUNCTIONS_MAX];
	const struct pd *owner[TABLE_FUNCTIONS_MAX];
	size_t count = 0, server = appliance->cpus[appliance->housekeeping].pd;

	for (const struct pd *pd = appliance->pds; pd != appliance->pds + appliance->pd_count; pd++) {
		for (const struct function *f = pd->functions; f != pd->functions + pd->function_count; f++) {
			must(!server || &appliance->pds[server - 1] == pd, "nobody pays for others' refused DMA");
			check_function(appliance, f);
			check_windows(appliance, pd, f);
			must(count < TABLE_FUNCTIONS_MAX - 1, "few enough functions");
			for (size_t i = 0; i < count; i++)
				check_pair(seen[i], f, owner[i] == pd);
			for (size_t p = 0; p < appliance->pd_count; p++)
				must(appliance->pds[p].vmid != f->vmid && f->vmid, "a function has no PD's tag");
			for (size_t b = 0; b < appliance->bridge_count; b++)
				must(appliance->bridges[b].is.bdf != f->bdf, "no function is where a bridge is");
			owner[count] = pd;
			seen[count++] = f;
		}
	}
}

static void check_interrupts(const struct appliance *appliance)
{
	const struct board *board = &appliance->board;
	uint8_t owner[1024] = { 0 };

	for (const struct pd *pd = appliance->pds; pd != appliance->pds + appliance->pd_count; pd++) {
		uint8_t seen[TABLE_PD_INTIDS_MAX] = { 0 };

		must(pd->spi_count <= TABLE_PD_SPIS_MAX && pd->intid_end <= TABLE_PD_INTIDS_MAX, "few enough SPIs");
		for (const struct spi *s = pd->spis; s != pd->spis + pd->spi_count; s++) {
			must(s->intid >= 32 && s->intid < pd->intid_end && !seen[s->intid], "an SPI comes once");
			seen[s->intid] = 1;
			if (s->kind != SPI_EDGE && s->kind != SPI_LEVEL)
				continue;
			must(!owner[s->intid], "a wire has one owner");
			must(s->intid != board->console_intid && s->intid != board->iommu_event_intid &&
			     s->intid != board->iommu_error_intid, "the hypervisor's interrupts are nobody's");
			owner[s->intid] = 1;
		}
		must(!pd->has_console || (pd->spis[pd->console_spi].kind == SPI_VIRTUAL &&
					  pd->spis[pd->console_spi].intid == board->console_intid),
		     "the console has its SPI");
		must(!pd->has_watchdog || (pd->spis[pd->watchdog_spi].kind == SPI_VIRTUAL &&
					   !(pd->has_console && pd->console_spi == pd->watchdog_spi)),
		     "the watchdog has its SPI");
	}
}

static void check_write(const struct function *f, const struct reset_write *w)
{
	bool found = false;

	must(w->bits == 8 || w->bits == 16 || w->bits == 32, "a write is of a register");
	for (const struct bar *bar = f->bars; bar != f->bars + f->bar_count; bar++)
		found |= bar->idx == w->bar && (uint64_t)w->offset + w->bits / 8 <= bar->size;
	must(found && w->offset % (w->bits / 8) == 0, "a write is to a BAR of the function");
	must(w->bits == 32 || w->value < 1u << w->bits, "a write has the bits of its value");
}

/* A reset of what is behind a port hits nothing but what has it as its own. */
static void check_bus_reset(const struct appliance *appliance, const struct pd *owner, const struct bridge *port)
{
	must(port, "the first bus is not reset");
	for (size_t b = 0; b < appliance->bridge_count; b++)
		must(appliance->bridges[b].is.bridge != port, "no bridge is reset");
	for (const struct pd *pd = appliance->pds; pd != appliance->pds + appliance->pd_count; pd++)
		for (const struct function *f = pd->functions; f != pd->functions + pd->function_count; f++)
			must(f->bridge != port || (pd == owner && f->reset == RESET_BUS), "who is reset asked for it");
}

static void check_restarts(const struct appliance *appliance, const struct pd *pd)
{
	must(pd->restart_count || (pd->on_crash != POLICY_RESTART && pd->on_dma_fault != POLICY_RESTART),
	     "a restart has a limit");
	must(!(pd->restart_count || pd->has_watchdog) ||
	     appliance->cpus[appliance->housekeeping].cpu != pd->cpus[0], "restarts and watchdogs hold up no console");
	for (const struct function *f = pd->functions; f != pd->functions + pd->function_count; f++) {
		must(!pd->restart_count || f->reset != RESET_NONE, "what is restarted is reset");
		must(f->reset != RESET_FLR || f->pcie_offset, "FLR is of PCI Express");
		must((f->reset == RESET_WRITES) == (f->reset_write_count != 0), "writes are for a reset by writes");
		if (f->reset == RESET_BUS)
			check_bus_reset(appliance, pd, f->bridge);
		for (size_t w = 0; w < f->reset_write_count; w++)
			check_write(f, &f->reset_writes[w]);
	}
}

/* Whether the vCPU's CPU is used for it, and for nothing else. */
static bool runs(const struct appliance *appliance, size_t p, size_t vcpu)
{
	for (size_t c = 0; c < appliance->cpu_count; c++)
		if (appliance->cpus[c].cpu == appliance->pds[p].cpus[vcpu])
			return appliance->cpus[c].pd == p + 1 && appliance->cpus[c].vcpu == vcpu;
	return false;
}

static void check_cpus(const struct appliance *appliance)
{
	const struct board *board = &appliance->board;
	bool housekeeping_runs = false;

	must(appliance->cpu_count > 0 && appliance->cpu_count < TABLE_CPUS_MAX, "few enough CPUs");
	must(appliance->pd_count > 0 && appliance->pd_count < TABLE_PDS_MAX, "few enough PDs");
	for (size_t i = 0; i < appliance->cpu_count; i++) {
		const struct used_cpu *a = &appliance->cpus[i];

		must(a->cpu < board->cpu_count && a->pd <= appliance->pd_count, "the CPU and its PD exist");
		must(!a->pd || appliance->pds[a->pd - 1].cpus[a->vcpu] == a->cpu, "the CPU is the PD's vCPU");
		housekeeping_runs |= i == appliance->housekeeping && a->pd;
		for (size_t j = 0; j < i; j++)
			must(appliance->cpus[j].cpu != a->cpu &&
			     board->cpus[appliance->cpus[j].cpu].hw_id != board->cpus[a->cpu].hw_id,
			     "a CPU has one owner");
	}
	must(housekeeping_runs != appliance->has_housekeeping, "a housekeeping CPU runs no PD");
	for (size_t p = 0; p < appliance->pd_count; p++) {
		must(appliance->pds[p].cpu_count && appliance->pds[p].cpu_count <= TABLE_VCPUS_MAX, "vCPUs of a PD");
		for (size_t v = 0; v < appliance->pds[p].cpu_count; v++)
			must(runs(appliance, p, v), "a CPU is one PD's one vCPU");
	}
}

void oracle_model(const struct appliance *appliance)
{
	check_cpus(appliance);
	check_host(appliance);
	check_devices(appliance);
	check_bars(appliance);
	check_bridges(appliance);
	check_functions(appliance);
	check_interrupts(appliance);
	for (size_t p = 0; p < appliance->pd_count; p++)
		check_space(appliance, &appliance->pds[p]);
	for (size_t p = 0; p < appliance->pd_count; p++)
		check_restarts(appliance, &appliance->pds[p]);
}
