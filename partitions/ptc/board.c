/* SPDX-License-Identifier: Apache-2.0 */
/* The board, from standard Linux bindings and the "mullion," nodes of its reserved memory. */
#include <string.h>

#include "diag.h"
#include "ptc.h"
#include "tree.h"

enum { GIC_FIRST_PPI = 16, GIC_PPI_COUNT = 16, GIC_FIRST_SPI = 32, GIC_SPI_COUNT = 988 };
enum { INTERRUPT_CELLS = 3, RANGES_CELLS = 7 };
/* One bus; and a first level of the device table that is small beside the hypervisor's memory. */
enum { STREAM_BITS_MIN = 8, STREAM_BITS_MAX = 20 };

/* The first node with this compatible; reports that there is none. */
static int board_node(const char *compatible, const char *what)
{
	int node = tree_compatible(-1, compatible);

	if (node < 0)
		error_at(tree_node("/"), "model", "the board has no %s: no node is compatible with '%s'", what, compatible);
	return node;
}

enum interrupt_type { INTERRUPT_SPI, INTERRUPT_PPI };  /* as the binding counts them */

/* INTID of entry `idx` of `interrupts` (arm,gic-v3 binding: type, number, flags). */
static uint32_t interrupt_intid(int node, size_t idx, enum interrupt_type type)
{
	uint32_t limit = type == INTERRUPT_SPI ? GIC_SPI_COUNT : GIC_PPI_COUNT;
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
	if (cells[0] != type || cells[1] >= limit)
		error_at(node, "interrupts", "interrupt %zu is <%u %u ...>; it must be <%u n ...>, n below %u", idx, cells[0],
			 cells[1], type, limit);
	return cells[1] + (type == INTERRUPT_SPI ? GIC_FIRST_SPI : GIC_FIRST_PPI);
}

static void claim(struct board *board, int node, const char *property, const char *what, struct range range)
{
	*(struct claim *)keep_append(&board->claims, &board->claim_count, sizeof(struct claim)) =
		(struct claim){ node, property, what, range };
}

/* Entry `idx` of the reg of a device. */
static void read_device(struct board *board, int node, size_t idx, const char *what, struct range *range)
{
	if (tree_reg(node, idx, range))
		claim(board, node, "reg", what, *range);
}

static void check_page_granular(int node, const char *what, struct range range)
{
	if (!is_page_granular(range.base) || !is_page_granular(range.size))
		error_at(node, "reg", "%s [0x%llx, 0x%llx) is not page granular", what, (unsigned long long)range.base,
			 (unsigned long long)range_end(range));
}

static void read_memory(struct board *board, int node)
{
	size_t count;

	if (!tree_reg_count(node, &count))
		return;
	for (size_t i = 0; i < count; i++) {
		struct range *ram = keep_append(&board->ram, &board->ram_count, sizeof(*ram));

		read_device(board, node, i, "RAM", ram);
		check_page_granular(node, "RAM", *ram);
	}
}

static void read_ram(struct board *board)
{
	int root = tree_node("/");

	for (int node = tree_first_child(root); node >= 0; node = tree_next_child(node)) {
		const char *type;

		if (tree_enabled(node) && tree_has(node, "device_type") && tree_string(node, "device_type", &type) &&
		    !strcmp(type, "memory"))
			read_memory(board, node);
	}
	if (!board->ram_count && !error_count())
		error_at(root, "model", "the board has no memory node");
}

static void read_bootloader(struct board *board, int node)
{
	struct range *range = keep_append(&board->bootloader, &board->bootloader_count, sizeof(*range));

	if (!tree_reg_one(node, range))
		return;
	check_page_granular(node, "the bootloader's memory", *range);
	if (ranges_overlap(*range, board->hypervisor))
		report_overlap(board->hypervisor_node, "reg", "the hypervisor's memory", board->hypervisor, node, "reg",
			       "the bootloader's memory", *range, "it loads the hypervisor: move one of them");
}

static void read_reserved(struct board *board)
{
	board->hypervisor_node = board_node("mullion,hypervisor", "memory for the hypervisor");
	if (board->hypervisor_node >= 0)
		tree_reg_one(board->hypervisor_node, &board->hypervisor);
	for (int node = tree_first_child(tree_node("/reserved-memory")); node >= 0; node = tree_next_child(node)) {
		if (tree_is_compatible(node, "mullion,bootloader-reserved"))
			read_bootloader(board, node);
		else if (node != board->hypervisor_node)
			error_at(node, NULL, "%s is reserved for neither one hypervisor nor the bootloader; take it out of the "
				 "board's RAM instead", tree_full_name(node));
	}
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
		uint32_t frames = 1;

		read_device(board, node, 0, "the distributor", &board->gicd);
		read_device(board, node, 1, "the redistributors", &board->gicr);
		if (tree_has(node, "#redistributor-regions") &&
		    tree_cells(node, "#redistributor-regions", &frames, 1) && frames != 1)
			error_at(node, "#redistributor-regions", "%u ranges of redistributors; this release takes one", frames);
	}
	if (timer >= 0)
		board->timer_intid = interrupt_intid(timer, 2, INTERRUPT_PPI);         /* secure, physical, virtual, hypervisor */
}

static void read_console(struct board *board)
{
	int node = board_node("arm,pl011", "console");

	if (node >= 0)
		read_device(board, node, 0, "the console", &board->console);
}

static void read_iommu(struct board *board)
{
	board->iommu_node = board_node("arm,smmu-v3", "IOMMU");
	if (board->iommu_node < 0)
		return;
	read_device(board, board->iommu_node, 0, "the IOMMU", &board->iommu);
	board->iommu_event_intid = interrupt_intid(board->iommu_node, 0, INTERRUPT_SPI);
	board->iommu_error_intid = interrupt_intid(board->iommu_node, 3, INTERRUPT_SPI);
}

/* A second window would be one where nothing keeps PDs' memory away from the bus. */
static void read_pci_window(struct board *board, unsigned space, struct range range, uint64_t cpu)
{
	struct range *window = space == 2 ? &board->pci_mem32 : &board->pci_mem64;
	int node = board->pci_node;

	if (window->size)
		error_at(node, "ranges", "two memory windows of space %u; this release takes one", space);
	if (range.base != cpu)
		error_at(node, "ranges", "memory window 0x%llx is at CPU address 0x%llx: windows that move addresses are not "
			 "supported", (unsigned long long)range.base, (unsigned long long)cpu);
	if (range.size == 0 || range_end(range) < range.base || (space == 2 && range_end(range) > UINT64_C(1) << 32))
		error_at(node, "ranges", "memory window 0x%llx, size 0x%llx, is empty or ends above its space",
			 (unsigned long long)range.base, (unsigned long long)range.size);
	*window = range;
	claim(board, node, "ranges", "the host bridge's memory window", range);
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

		if (space >= 2)
			read_pci_window(board, space, range, cpu);
	}
}

/* `iommu-map`: requester base, IOMMU, stream base, length. */
static void read_streams(struct board *board)
{
	uint32_t map[4];
	uint64_t end;

	if (!tree_cells(board->pci_node, "iommu-map", map, 4))
		return;
	end = (uint64_t)map[2] + map[3];
	if (tree_has(board->pci_node, "iommu-map-mask"))
		error_at(board->pci_node, "iommu-map-mask",
			 "'iommu-map-mask' gives functions the same stream; this release takes none");
	if (map[0] != 0 || map[3] == 0)
		error_at(board->pci_node, "iommu-map", "'iommu-map' must begin at requester 0 and not be empty");
	if (board->iommu_node >= 0 && tree_by_phandle(map[1]) != board->iommu_node) {
		error_at(board->pci_node, "iommu-map", "'iommu-map' names another node than the board's IOMMU");
		note_at(board->iommu_node, NULL, "the IOMMU is declared here");
	}
	if (end > UINT64_C(1) << STREAM_BITS_MAX)
		error_at(board->pci_node, "iommu-map",
			 "'iommu-map' goes up to stream 0x%llx; this release builds tables for %d bits",
			 (unsigned long long)end - 1, STREAM_BITS_MAX);
	board->stream_base = map[2];
	board->requester_count = map[3];
	board->stream_bits = STREAM_BITS_MIN;
	while (board->stream_bits < STREAM_BITS_MAX && UINT64_C(1) << board->stream_bits < end)
		board->stream_bits++;
}

static void read_pci(struct board *board)
{
	uint32_t buses[2];

	board->pci_node = board_node("pci-host-ecam-generic", "PCI host bridge");
	if (board->pci_node < 0)
		return;
	read_device(board, board->pci_node, 0, "configuration space", &board->ecam);
	read_pci_ranges(board);
	if (tree_cells(board->pci_node, "bus-range", buses, 2)) {
		board->bus_first = buses[0];
		board->bus_last = buses[1];
		if (buses[0] > buses[1] || buses[1] > 255)
			error_at(board->pci_node, "bus-range", "'bus-range' must go up and end at 255 at the most");
		else if (board->ecam.size && board->ecam.size < (uint64_t)(buses[1] - buses[0] + 1) << 20)
			error_at(board->pci_node, "reg", "'reg' is too small for the buses of 'bus-range': 1 MiB each");
	}
	read_streams(board);
}

static void read_flash(struct board *board)
{
	int node = board_node("cfi-flash", "flash");
	int parts = board_node("fixed-partitions", "partitions in its flash");

	if (node < 0 || parts < 0)
		return;
	read_device(board, node, 0, "the flash", &board->flash);
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
	else if (board->flash.size && (board->flash_env.base || range_end(board->flash_env) > board->flash_fit.base ||
				       range_end(board->flash_fit) > board->flash.size))
		error_at(parts, NULL, "'u-boot-env' must begin the flash, 'fit' come after it and end within the flash");
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
