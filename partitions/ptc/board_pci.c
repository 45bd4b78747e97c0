/* SPDX-License-Identifier: Apache-2.0 */
/* The board's PCI host bridge: its buses, memory windows, and the streams of its functions. */
#include "board.h"
#include "diag.h"
#include "tree.h"

enum { RANGES_CELLS = 7 };
/* One bus; and a first level of the device table that is small beside the hypervisor's memory. */
enum { STREAM_BITS_MIN = 8, STREAM_BITS_MAX = 20 };

/* A second window would be one where nothing keeps PDs' memory away from the bus. */
static void read_pci_window(struct board *board, unsigned space, struct range range, uint64_t cpu)
{
	struct range *window = space == 2 ? &board->pci_mem32 : &board->pci_mem64;
	int node = board->pci_node;

	if (window->size)
		error_at(221, node, "ranges", "two memory windows of space %u; this release takes one", space);
	if (range.base != cpu)
		error_at(222, node, "ranges",
			 "memory window 0x%llx is at CPU address 0x%llx; this release takes windows where both are the "
			 "same", (unsigned long long)range.base, (unsigned long long)cpu);
	if (range.size == 0 || range_end(range) < range.base || (space == 2 && range_end(range) > UINT64_C(1) << 32))
		error_at(223, node, "ranges", "memory window 0x%llx, size 0x%llx, must have bytes and end by 2^%d",
			 (unsigned long long)range.base, (unsigned long long)range.size, space == 2 ? 32 : 48);
	*window = range;
	board_claim(board, node, "ranges", "the host bridge's memory window", range);
}

/* An entry of `ranges` and `dma-ranges`: space code, 64-bit bus address, 64-bit CPU address, 64-bit size. */
static struct range range_of(const uint32_t *cells, uint64_t *cpu)
{
	*cpu = (uint64_t)cells[3] << 32 | cells[4];
	return (struct range){ (uint64_t)cells[1] << 32 | cells[2], (uint64_t)cells[5] << 32 | cells[6] };
}

static void read_pci_ranges(struct board *board)
{
	const uint32_t *cells;
	size_t count;

	if (!tree_cell_list(board->pci_node, "ranges", &cells, &count))
		return;
	if (count % RANGES_CELLS)
		error_at(224, board->pci_node, "ranges", "'ranges' must have %d cells a range, found %zu in all",
			 RANGES_CELLS, count);
	for (; count >= RANGES_CELLS; cells += RANGES_CELLS, count -= RANGES_CELLS) {
		uint64_t cpu;
		struct range range = range_of(cells, &cpu);
		unsigned space = cells[0] >> 24 & 3;

		if (space >= 2)
			read_pci_window(board, space, range, cpu);
	}
}

/* Which I/O addresses reach the IOMMU; without the property, all. */
static void read_dma_ranges(struct board *board)
{
	int node = board->pci_node;
	const uint32_t *cells;
	size_t count;

	if (!tree_has(node, "dma-ranges") || !tree_cell_list(node, "dma-ranges", &cells, &count))
		return;
	if (count % RANGES_CELLS)
		error_at(231, node, "dma-ranges", "'dma-ranges' must have %d cells a range, found %zu in all",
			 RANGES_CELLS, count);
	for (; count >= RANGES_CELLS; cells += RANGES_CELLS, count -= RANGES_CELLS) {
		uint64_t cpu;
		struct range range = range_of(cells, &cpu);

		if (range.base != cpu || !range.size || range_end(range) < range.base)
			error_at(232, node, "dma-ranges",
				 "I/O addresses from 0x%llx on, 0x%llx bytes, are passed on as 0x%llx; this release "
				 "takes ranges that have bytes, end, and are passed on as they are",
				 (unsigned long long)range.base, (unsigned long long)range.size,
				 (unsigned long long)cpu);
		*(struct range *)keep_append(&board->dma_ranges, &board->dma_range_count, sizeof(range)) = range;
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
		error_at(225, board->pci_node, "iommu-map-mask",
			 "'iommu-map-mask' gives functions the same stream; this release takes none");
	if (map[0] != 0 || map[3] == 0)
		error_at(226, board->pci_node, "iommu-map", "'iommu-map' must begin at requester 0 and not be empty");
	if (board->iommu_node >= 0 && tree_by_phandle(map[1]) != board->iommu_node) {
		error_at(227, board->pci_node, "iommu-map",
			 "'iommu-map' must name the board's IOMMU; it names another node");
		note_at(board->iommu_node, NULL, "the IOMMU is declared here");
	}
	if (end > UINT64_C(1) << STREAM_BITS_MAX)
		error_at(228, board->pci_node, "iommu-map",
			 "'iommu-map' goes up to stream 0x%llx; this release builds tables for %d bits",
			 (unsigned long long)end - 1, STREAM_BITS_MAX);
	board->stream_base = map[2];
	board->requester_count = map[3];
	board->stream_bits = STREAM_BITS_MIN;
	while (board->stream_bits < STREAM_BITS_MAX && UINT64_C(1) << board->stream_bits < end)
		board->stream_bits++;
}

static void check_ecam(const struct board *board)
{
	uint64_t needed = (uint64_t)(board->bus_last - board->bus_first + 1) << 20;

	if (!board->ecam.size || board->ecam.size >= needed)
		return;
	error_at(230, board->pci_node, "reg",
		 "configuration space has 0x%llx bytes; the buses %u to %u need 0x%llx: take fewer buses",
		 (unsigned long long)board->ecam.size, board->bus_first, board->bus_last, (unsigned long long)needed);
	note_at(board->pci_node, "bus-range", "the buses are declared here");
}

/* The IOMMU has no streams of its functions, and nothing else would deny their DMA. Bridges are below theirs. */
static void check_other_host_bridges(int ours, const char *compatible)
{
	int table = tree_node("/partitions");

	for (int node = 0; node >= 0; node = tree_next_node(node)) {
		if (tree_string_idx(node, "device_type", "pci") != 0 || tree_is_compatible(node, compatible) ||
		    !tree_enabled(node) || tree_is_below(node, ours) || tree_is_below(node, table))
			continue;
		error_at(217, node, NULL,
			 "%s is another PCI host bridge, whose functions nothing denies; take it away, or disable it, "
			 "status = \"disabled\"", tree_full_name(node));
		note_at(ours, NULL, "the one that the hypervisor drives is here");
	}
}

void board_read_pci(struct board *board)
{
	static const char compatible[] = "pci-host-ecam-generic";
	uint32_t buses[2];

	board->pci_node = board_node(0, compatible, "PCI host bridge");
	if (board->pci_node < 0)
		return;
	check_other_host_bridges(board->pci_node, compatible);
	board_read_device(board, board->pci_node, 0, "configuration space", &board->ecam);
	read_pci_ranges(board);
	read_dma_ranges(board);
	if (tree_cells(board->pci_node, "bus-range", buses, 2)) {
		board->bus_first = buses[0];
		board->bus_last = buses[1];
		if (buses[0] > buses[1] || buses[1] > 255)
			error_at(229, board->pci_node, "bus-range",
				 "'bus-range' must go up and end at 255 at the most");
		else
			check_ecam(board);
	}
	read_streams(board);
}
