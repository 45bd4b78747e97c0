/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device tree of a PD with a `dtb`: what the table gives it and nothing else,
 * at its own addresses, in Linux's bindings; then the table's fragment on top.
 * check_guest.c holds it to what an operating system can use.
 */
#include <libfdt.h>
#include <string.h>

#include "diag.h"
#include "ptc.h"
#include "target.h"
#include "tree.h"
#include "tree_blob.h"

enum { ROOM = 1 << 20 };

/* Memory that a kernel may use for anything: its own, for reading, writing and code. */
bool guest_owns_memory(const struct region *region)
{
	return region->access == (ACCESS_R | ACCESS_W | ACCESS_X) && !region->sharer_count;
}

const struct region *guest_window(const struct pd *pd)
{
	for (size_t f = 0; f < pd->function_count; f++)
		if (pd->functions[f].window_count)
			return pd->functions[f].windows[0];
	return NULL;
}

static void memory_write(struct guest *guest)
{
	for (const struct region *r = guest->pd->regions; r < guest->pd->regions + guest->pd->region_count; r++) {
		struct range range = region_range(r);

		if (!guest_owns_memory(r))
			continue;
		guest_node_at(guest, "memory", range.base);
		guest_string(guest, "device_type", "memory");
		guest_ranges(guest, "reg", &range, 1);
		guest_end(guest);
	}
}

/* linux,pci-probe-only: BARs are where they are, and stay. */
static void chosen_write(struct guest *guest)
{
	const struct pd *pd = guest->pd;
	const struct image *initrd = &pd->images[IMAGE_INITRD];

	guest_node(guest, "chosen");
	if (*pd->bootargs)
		guest_string(guest, "bootargs", pd->bootargs);
	if (pd->has_console)
		guest_string(guest, "stdout-path",
			     keep_format("/serial@%llx", (unsigned long long)pd->console));
	if (initrd->node) {
		guest_number(guest, "linux,initrd-start", initrd->load);
		guest_number(guest, "linux,initrd-end", initrd->load + initrd->size);
	}
	guest_cell(guest, "linux,pci-probe-only", 1);
	guest_end(guest);
}

static void console_write(struct guest *guest)
{
	static const char *const same[] = { "compatible", "interrupts", "clocks", "clock-names", "current-speed" };
	struct range range = console_range(guest->pd);

	if (!guest->pd->has_console)
		return;
	guest_node_at(guest, "serial", range.base);
	guest_ranges(guest, "reg", &range, 1);
	for (size_t i = 0; i < ARRAY_SIZE(same); i++)
		guest_copy(guest, guest->board->console_node, same[i]);
	guest_end(guest);
}

/* Everything that the board's node has: registers and interrupts are the board's for the PD too. */
static void device_write(struct guest *guest, const struct device *device)
{
	guest_node(guest, tree_full_name(device->board_node));
	guest_copy_all(guest, device->board_node);
	guest_end(guest);
}

/* Clocks without registers, which consoles and devices name. */
static void clocks_write(struct guest *guest)
{
	static const char *const same[] = { "compatible", "#clock-cells", "clock-frequency", "clock-output-names",
					    "phandle" };

	for (int node = tree_compatible(-1, "fixed-clock"); node >= 0; node = tree_compatible(node, "fixed-clock")) {
		guest_node(guest, tree_full_name(node));
		for (size_t i = 0; i < ARRAY_SIZE(same); i++)
			guest_copy(guest, node, same[i]);
		guest_end(guest);
	}
}

enum { PCI_MEM32 = 2 << 24, PCI_MEM64 = 3 << 24 };      /* IEEE 1275 PCI binding, 2.2.1.1: phys.hi */

/* A child's address of three cells, ours of two, a size of two. */
static size_t pci_range(uint32_t *cells, uint32_t space, struct range range)
{
	uint32_t entry[] = { space, (uint32_t)(range.base >> 32), (uint32_t)range.base, (uint32_t)(range.base >> 32),
			     (uint32_t)range.base, (uint32_t)(range.size >> 32), (uint32_t)range.size };

	if (!range.size)
		return 0;
	memcpy(cells, entry, sizeof(entry));
	return ARRAY_SIZE(entry);
}

static void pci_write_ranges(struct guest *guest)
{
	const struct region *window = guest_window(guest->pd);
	uint32_t cells[14];
	size_t count = pci_range(cells, PCI_MEM32, guest->board->pci_mem32);

	count += pci_range(cells + count, PCI_MEM64, guest->board->pci_mem64);
	guest_cells(guest, "ranges", cells, count);
	if (window)
		guest_cells(guest, "dma-ranges", cells, pci_range(cells, PCI_MEM64, region_range(window)));
}

/* One bus. Its devices are coherent with the CPUs' caches: an IOMMU that is not is refused at boot. */
static void pci_write(struct guest *guest)
{
	uint32_t bus = guest->board->bus_first, buses[] = { bus, bus };
	struct range ecam = ecam_range(guest->pd);

	if (!guest->pd->function_count)
		return;
	guest_node_at(guest, "pcie", ecam.base);
	guest_string(guest, "compatible", "pci-host-ecam-generic");
	guest_string(guest, "device_type", "pci");
	guest_sizes(guest, 3, 2);
	guest_ranges(guest, "reg", &ecam, 1);
	guest_cells(guest, "bus-range", buses, ARRAY_SIZE(buses));
	guest_cell(guest, "linux,pci-domain", 0);
	pci_write_ranges(guest);
	guest_empty(guest, "dma-coherent");
	if (guest->msi_frame)
		guest_cell(guest, "msi-parent", guest->msi_frame);
	guest_end(guest);
}

static void root_write(struct guest *guest)
{
	guest_node(guest, "");
	guest_string(guest, "model", keep_format("Mullion PD %s", guest->pd->label));
	guest_string(guest, "compatible", "mullion,pd-view");
	guest_sizes(guest, 2, 2);
	guest_cell(guest, "interrupt-parent", guest->irqchip);
	chosen_write(guest);
	memory_write(guest);
	target_guest_nodes(guest);
	clocks_write(guest);
	console_write(guest);
	for (size_t d = 0; d < guest->pd->device_count; d++)
		device_write(guest, &guest->pd->devices[d]);
	pci_write(guest);
	guest_end(guest);
}

/* Phandles of the board stay, for what refers to them; what is new gets new ones. */
static void choose_phandles(struct guest *guest)
{
	uint32_t most = 0;

	fdt_find_max_phandle(tree_blob, &most);
	guest->irqchip = fdt_get_phandle(tree_blob, guest->board->irqchip_node);
	if (!guest->irqchip)
		guest->irqchip = ++most;
	for (size_t f = 0; f < guest->pd->function_count; f++)
		if (guest->pd->functions[f].msi_vectors)
			guest->msi_frame = most + 1;
}

/* Properties and nodes of `from` go into the node of the same path, in place of what is there. */
static void merge(void *blob, int to, int from)
{
	int property, result = 0;

	fdt_for_each_property_offset(property, tree_blob, from) {
		const char *name;
		int size;
		const void *value = fdt_getprop_by_offset(tree_blob, property, &name, &size);

		result = result ? result : fdt_setprop(blob, to, name, value, size);
	}
	for (int child = tree_first_child(from); child >= 0; child = tree_next_child(child)) {
		int below = fdt_subnode_offset(blob, to, tree_full_name(child));

		if (below == -FDT_ERR_NOTFOUND)
			below = fdt_add_subnode(blob, to, tree_full_name(child));
		if (below < 0)
			result = below;
		else
			merge(blob, below, child);
	}
	if (result)
		fatal("%s: the fragment is too large", tree_place(from, NULL));
}

void guest_tree_make(const struct appliance *appliance, struct pd *pd)
{
	struct image *dtb = &pd->images[IMAGE_DTB];
	struct guest guest = { keep_alloc(ROOM, 1), &appliance->board, pd, 0, 0 };

	if (!dtb->node)
		return;
	choose_phandles(&guest);
	if (fdt_create(guest.blob, ROOM) || fdt_finish_reservemap(guest.blob))
		fatal("no device tree of %d bytes", ROOM);
	root_write(&guest);
	if (fdt_finish(guest.blob) || fdt_open_into(guest.blob, guest.blob, ROOM))
		fatal("the device tree of %s is larger than %d bytes", pd->label, ROOM);
	if (tree_first_child(dtb->node) >= 0)
		merge(guest.blob, 0, tree_first_child(dtb->node));
	fdt_pack(guest.blob);
	dtb->bytes = guest.blob;
	dtb->size = fdt_totalsize(guest.blob);
}
