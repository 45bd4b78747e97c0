/* SPDX-License-Identifier: Apache-2.0 */
/* The board, from standard Linux bindings and the "mullion," nodes of its reserved memory. */
#include <string.h>

#include "diag.h"
#include "ptc.h"
#include "tree.h"

enum { GIC_FIRST_SPI = 32, GIC_FIRST_PPI = 16, INTERRUPT_CELLS = 3, RANGES_CELLS = 7 };

/* The one node with this compatible; reports that there is none. */
static int board_node(const char *compatible, const char *what)
{
	int node = tree_compatible(-1, compatible);

	if (node < 0)
		error_at(tree_node("/"), "model", "the board has no %s: no node is compatible with '%s'", what, compatible);
	return node;
}

/* INTID of entry `idx` of `interrupts` (arm,gic-v3 binding: type, number, flags). */
static uint32_t interrupt_intid(int node, size_t idx)
{
	const uint32_t *cells;
	size_t count;

	if (!tree_cell_list(node, "interrupts", &cells, &count))
		return 0;
	if (count % INTERRUPT_CELLS || count < (idx + 1) * INTERRUPT_CELLS) {
		error_at(node, "interrupts", "'interrupts' must have %d cells for each of at least %zu interrupts, found %zu",
			 INTERRUPT_CELLS, idx + 1, count);
		return 0;
	}
	cells += idx * INTERRUPT_CELLS;
	return cells[1] + (cells[0] ? GIC_FIRST_PPI : GIC_FIRST_SPI);
}

static void read_ram(struct board *board)
{
	int root = tree_node("/");

	for (int node = tree_first_child(root); node >= 0; node = tree_next_child(node)) {
		const char *type;

		if (!tree_has(node, "device_type") || !tree_string(node, "device_type", &type) || strcmp(type, "memory"))
			continue;
		tree_reg(node, 0, keep_append(&board->ram, &board->ram_count, sizeof(*board->ram)));
	}
	if (!board->ram_count)
		error_at(root, "model", "the board has no memory node");
}

static void read_reserved(struct board *board)
{
	int node = board_node("mullion,hypervisor", "memory for the hypervisor");

	if (node >= 0)
		tree_reg(node, 0, &board->hypervisor);
	for (node = tree_compatible(-1, "mullion,bootloader-reserved"); node >= 0;
	     node = tree_compatible(node, "mullion,bootloader-reserved"))
		tree_reg(node, 0, keep_append(&board->bootloader, &board->bootloader_count, sizeof(*board->bootloader)));
}

static void read_cpus(struct board *board)
{
	int cpus = tree_node("/cpus");

	for (int node = tree_first_child(cpus); node >= 0; node = tree_next_child(node)) {
		struct cpu *cpu;
		uint32_t reg;

		if (strcmp(tree_name(node), "cpu"))
			continue;
		tree_cells(node, "reg", &reg, 1);
		cpu = keep_append(&board->cpus, &board->cpu_count, sizeof(*cpu));
		*cpu = (struct cpu){ node, reg };
	}
	if (!board->cpu_count)
		error_at(tree_node("/"), "model", "the board has no cpu node");
}

static void read_interrupt_controller(struct board *board)
{
	int node = board_node("arm,gic-v3", "interrupt controller");
	int timer = board_node("arm,armv8-timer", "timer");

	if (node >= 0) {
		tree_reg(node, 0, &board->gicd);
		tree_reg(node, 1, &board->gicr);
	}
	if (timer >= 0)
		board->timer_intid = interrupt_intid(timer, 2);         /* secure, physical, virtual, hypervisor */
}

static void read_console(struct board *board)
{
	int node = board_node("arm,pl011", "console");

	if (node >= 0)
		tree_reg(node, 0, &board->console);
}

static void read_iommu(struct board *board)
{
	board->iommu_node = board_node("arm,smmu-v3", "IOMMU");
	if (board->iommu_node < 0)
		return;
	tree_reg(board->iommu_node, 0, &board->iommu);
	board->iommu_event_intid = interrupt_intid(board->iommu_node, 0);
	board->iommu_error_intid = interrupt_intid(board->iommu_node, 3);
}

/* `ranges`: space code, 64-bit bus address, 64-bit CPU address, 64-bit size. */
static void read_pci_ranges(struct board *board)
{
	const uint32_t *cells;
	size_t count;

	if (!tree_cell_list(board->pci_node, "ranges", &cells, &count))
		return;
	if (count % RANGES_CELLS)
		error_at(board->pci_node, "ranges", "'ranges' must have %d cells a range, found %zu in all", RANGES_CELLS, count);
	for (; count >= RANGES_CELLS; cells += RANGES_CELLS, count -= RANGES_CELLS) {
		uint64_t bus = (uint64_t)cells[1] << 32 | cells[2];
		uint64_t cpu = (uint64_t)cells[3] << 32 | cells[4];
		struct range range = { bus, (uint64_t)cells[5] << 32 | cells[6] };
		unsigned space = cells[0] >> 24 & 3;

		if (space == 2)
			board->pci_mem32 = range;
		else if (space == 3)
			board->pci_mem64 = range;
		if (space >= 2 && bus != cpu)
			error_at(board->pci_node, "ranges", "memory window 0x%llx is at CPU address 0x%llx: windows that move "
				 "addresses are not supported", (unsigned long long)bus, (unsigned long long)cpu);
	}
}

static void read_pci(struct board *board)
{
	uint32_t map[4], buses[2];

	board->pci_node = board_node("pci-host-ecam-generic", "PCI host bridge");
	if (board->pci_node < 0)
		return;
	tree_reg(board->pci_node, 0, &board->ecam);
	read_pci_ranges(board);
	if (tree_cells(board->pci_node, "bus-range", buses, 2)) {
		board->bus_first = buses[0];
		board->bus_last = buses[1];
		if (buses[0] > buses[1] || buses[1] > 255)
			error_at(board->pci_node, "bus-range", "'bus-range' must go up and end at 255 at the most");
		else if (board->ecam.size < (uint64_t)(buses[1] - buses[0] + 1) << 20)
			error_at(board->pci_node, "reg", "'reg' is too small for the buses of 'bus-range': 1 MiB each");
	}
	/* requester base, IOMMU, stream base, length */
	if (tree_cells(board->pci_node, "iommu-map", map, 4)) {
		if (map[0] != 0)
			error_at(board->pci_node, "iommu-map", "'iommu-map' must begin at requester 0");
		board->stream_base = map[2];
		while (board->stream_bits < 32 && UINT64_C(1) << board->stream_bits < (uint64_t)map[2] + map[3])
			board->stream_bits++;
	}
}

static void read_flash(struct board *board)
{
	int node = board_node("cfi-flash", "flash");
	int parts = board_node("fixed-partitions", "partitions in its flash");

	if (node < 0 || parts < 0)
		return;
	tree_reg(node, 0, &board->flash);
	for (int part = tree_first_child(parts); part >= 0; part = tree_next_child(part)) {
		const char *label;
		uint32_t reg[2];

		if (!tree_string(part, "label", &label) || !tree_cells(part, "reg", reg, 2))
			continue;
		if (!strcmp(label, "u-boot-env"))
			board->flash_env = (struct range){ reg[0], reg[1] };
		else if (!strcmp(label, "fit"))
			board->flash_fit = (struct range){ reg[0], reg[1] };
	}
	if (!board->flash_env.size || !board->flash_fit.size)
		error_at(parts, NULL, "the board's flash needs the partitions 'u-boot-env' and 'fit'");
}

void board_read(struct board *board)
{
	tree_string(tree_node("/"), "model", &board->model);
	read_ram(board);
	read_reserved(board);
	read_cpus(board);
	read_interrupt_controller(board);
	read_console(board);
	read_iommu(board);
	read_pci(board);
	read_flash(board);
}
