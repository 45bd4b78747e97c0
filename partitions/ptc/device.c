/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Platform devices: nodes of the board that PDs own. A PD gets whole pages of
 * registers at the board's addresses, and interrupts under the board's numbers.
 *
 * What may be given away: a device with no way to memory but by its CPU. A
 * device tree does not say so (a network controller that does DMA can look like
 * a UART), so the devices are listed, by the first and most exact of their
 * `compatible`. A node that names a DMA channel, an IOMMU or memory is refused
 * even so.
 */
#include <mullion/table.h>

#include "board.h"
#include "diag.h"
#include "tree.h"

#define HEX(value) ((unsigned long long)(value))

/* IPs without a bus master port, by their manuals. QEMU's fw_cfg and virtio-mmio have one, past the IOMMU. */
static const char *const without_dma[] = {
	"arm,pl011", "arm,pl031", "arm,pl050", "arm,pl061", "arm,sp804", "arm,sp805", "ns16550a", "snps,dw-apb-uart",
};

static const char *const signs_of_dma[] = { "dmas", "dma-ranges", "dma-coherent", "iommus", "iommu-map",
					    "memory-region", "#dma-cells" };

static bool check_dma(int node, int board_node)
{
	for (size_t i = 0; i < ARRAY_SIZE(signs_of_dma); i++) {
		if (!tree_has(board_node, signs_of_dma[i]))
			continue;
		error_at(801, node, "device",
			 "%s has '%s': it can do DMA that no window bounds; it can be given to nobody",
			 tree_full_name(board_node), signs_of_dma[i]);
		note_at(board_node, signs_of_dma[i], "it is declared here");
		return false;
	}
	for (size_t i = 0; i < ARRAY_SIZE(without_dma); i++)
		if (tree_string_idx(board_node, "compatible", without_dma[i]) == 0)
			return true;
	error_at(802, node, "device",
		 "%s is none of the devices that are known to do no DMA (partitions/ptc/device.c), "
		 "and has no stream that the IOMMU could stop; it can be given to nobody",
		 tree_full_name(board_node));
	note_at(board_node, "compatible", "it is declared here");
	return false;
}

/* The part of the board that the hypervisor keeps and that the node is, or is in. */
static const struct claim *claim_of(const struct board *board, int node)
{
	for (; node > 0; node = tree_parent(node))
		for (size_t i = 0; i < board->claim_count; i++)
			if (board->claims[i].node == node)
				return &board->claims[i];
	return NULL;
}

/* Whether `reg` of the node has addresses of the CPU: every bus above it passes them on. */
static bool has_cpu_addresses(int node)
{
	if (!tree_has(node, "reg"))
		return false;
	for (node = tree_parent(node); node > 0; node = tree_parent(node))
		if (!tree_has(node, "ranges"))
			return false;
	return true;
}

static bool check_node(int node, const struct board *board, int board_node)
{
	const struct claim *claim = claim_of(board, board_node);
	const char *name = tree_full_name(board_node);

	if (claim) {
		error_at(803, node, "device",
			 "%s is %s, or part of it; the hypervisor keeps it: it can be given to nobody", name,
			 claim->what);
		note_at(claim->node, NULL, "it is declared here");
		return false;
	}
	if (!has_cpu_addresses(board_node)) {
		error_at(804, node, "device",
			 "%s is no device of the board: that has a 'reg' with addresses of the CPU", name);
		note_at(board_node, NULL, "it is declared here");
		return false;
	}
	if (!tree_enabled(board_node)) {
		error_at(805, node, "device", "%s is disabled; enable it or name another", name);
		note_at(tree_disabled_by(board_node), "status", "it is disabled here");
		return false;
	}
	return check_dma(node, board_node);
}

void device_read(int node, const struct board *board, struct device *device)
{
	static const char *const known[] = { "device", NULL };
	int *nodes;
	size_t count;

	tree_only_properties(node, known);
	tree_no_children(node);
	device->node = node;
	device->name = tree_name(node);
	device->board_node = -1;
	name_check(node, "device", device->name);
	if (!tree_phandles(node, "device", &nodes, &count))
		return;
	if (count != 1) {
		error_at(806, node, "device", "'device' names %zu nodes; give each a node of its own", count);
		return;
	}
	if (!check_node(node, board, nodes[0]))
		return;
	device->board_node = nodes[0];
	tree_reg_count(nodes[0], &count);
	for (size_t i = 0; i < count; i++)
		tree_reg(nodes[0], i, keep_append(&device->ranges, &device->range_count, sizeof(struct range)));
	interrupts_of_device(board, nodes[0], &device->spis, &device->spi_count);
}

/* The other party of an error about the board's node. */
static void note_device(const struct device *device) { note_at(device->node, "device", "it is given to a PD here"); }

/* Registers of another node in one of the device's pages. */
static void check_neighbour(const struct device *device, struct range range, int other)
{
	size_t count;
	struct range theirs;

	if (other == device->board_node || !has_cpu_addresses(other) || !tree_reg_count(other, &count))
		return;
	for (size_t i = 0; i < count; i++) {
		if (!tree_reg(other, i, &theirs) || !ranges_overlap(range, theirs))
			continue;
		report_overlap(807, other, "reg", tree_full_name(other), theirs, device->board_node, "reg",
			       device->name, range, "a page with registers of two devices can be given to nobody");
		note_device(device);
	}
}

static void check_range(const struct board *board, const struct device *device, struct range range)
{
	if (!is_page_granular(range.base) || !is_page_granular(range.size)) {
		error_at(808, device->board_node, "reg",
			 "%s [0x%llx, 0x%llx) is not page granular: a PD would get what else is there; it can be given "
			 "to nobody", device->name, HEX(range.base), HEX(range_end(range)));
		note_device(device);
		return;
	}
	if (!below_limit(range)) {
		error_at(809, device->board_node, "reg",
			 "%s ends above 2^48, where no map reaches: it can be given to nobody", device->name);
		note_device(device);
	}
	for (size_t i = 0; i < board->claim_count; i++) {
		const struct claim *claim = &board->claims[i];

		if (!ranges_overlap(range, claim->range))
			continue;
		report_overlap(810, claim->node, claim->property, claim->what, claim->range, device->board_node, "reg",
			       device->name, range, "parts of the board have pages of their own: name another device");
		note_device(device);
	}
	for (int node = tree_next_node(0); node >= 0; node = tree_next_node(node))
		if (!claim_of(board, node))
			check_neighbour(device, range, node);
}

static void check_spi(const struct board *board, const struct device *device, const struct spi *spi)
{
	const struct {
		uint32_t intid;
		int node;
		const char *what;
	} ours[] = {
		{ board->console_intid, board->console_node, "the console" },
		{ board->iommu_event_intid, board->iommu_node, "the IOMMU" },
		{ board->iommu_error_intid, board->iommu_node, "the IOMMU" },
	};

	if (spi->intid >= TABLE_PD_INTIDS_MAX) {
		error_at(811, spi->node, "interrupts",
			 "%s has the interrupt INTID %u; a PD sees those up to %d: it can be given to nobody",
			 device->name, spi->intid, TABLE_PD_INTIDS_MAX - 1);
		note_device(device);
	}
	for (size_t i = 0; i < ARRAY_SIZE(ours); i++) {
		if (ours[i].intid != spi->intid)
			continue;
		error_at(812, spi->node, "interrupts",
			 "%s has the interrupt INTID %u, which is one of %s, and the hypervisor's: "
			 "it can be given to nobody", device->name, spi->intid, ours[i].what);
		note_at(ours[i].node, "interrupts", "%s has it here", ours[i].what);
		note_device(device);
		return;
	}
}

/* An interrupt has one owner, and a PD must be able to tell its own apart. */
static void check_shared_spis(const struct device *a, const struct device *b)
{
	for (size_t i = 0; i < a->spi_count; i++) {
		for (size_t j = 0; j < (a == b ? i : b->spi_count); j++) {
			if (a->spis[i].intid != b->spis[j].intid)
				continue;
			error_at(813, a->spis[i].node, "interrupts",
				 "%s has the interrupt INTID %u, which %s has too; %s", a->name, a->spis[i].intid,
				 b->name, a == b ? "it can be given to nobody" : "give only one of them to a PD");
			note_at(b->spis[j].node, "interrupts", "%s has it here", b->name);
			note_device(a);
			if (a != b)
				note_device(b);
		}
	}
}

/* Two declarations; `b` comes first in the table. */
static void check_pair(const struct device *a, const struct pd *a_pd, const struct device *b, const struct pd *b_pd)
{
	if (a->board_node == b->board_node && a != b) {
		error_at(814, a->node, "device", "%s is given to %s and to %s; a device has one owner: take one away",
			 tree_full_name(a->board_node), b_pd->label, a_pd->label);
		note_at(b->node, "device", "it is given to %s here", b_pd->label);
		return;
	}
	check_shared_spis(a, b);
}

static void check_device(const struct appliance *appliance, const struct pd *pd, const struct device *device)
{
	for (size_t r = 0; r < device->range_count; r++)
		check_range(&appliance->board, device, device->ranges[r]);
	for (size_t s = 0; s < device->spi_count; s++)
		check_spi(&appliance->board, device, &device->spis[s]);
	for (const struct pd *other = appliance->pds; other <= pd; other++)
		for (const struct device *b = other->devices; b != other->devices + other->device_count; b++) {
			check_pair(device, pd, b, other);
			if (b == device)
				break;
		}
}

void devices_check(const struct appliance *appliance)
{
	for (size_t p = 0; p < appliance->pd_count; p++)
		for (size_t d = 0; d < appliance->pds[p].device_count; d++)
			check_device(appliance, &appliance->pds[p], &appliance->pds[p].devices[d]);
}
