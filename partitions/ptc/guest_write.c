/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes and properties of a PD's device tree: libfdt's writer, with every value in the tree's byte order. */
#include <inttypes.h>
#include <libfdt.h>
#include <string.h>

#include "diag.h"
#include "guest.h"
#include "ptc.h"
#include "tree_blob.h"

static void must(int result)
{
	if (result)
		fatal("a PD's device tree cannot be written: %s", fdt_strerror(result));
}

void guest_node(struct guest *guest, const char *name) { must(fdt_begin_node(guest->blob, name)); }

void guest_node_at(struct guest *guest, const char *name, uint64_t address)
{
	guest_node(guest, keep_format("%s@%" PRIx64, name, address));
}

void guest_end(struct guest *guest) { must(fdt_end_node(guest->blob)); }

void guest_bytes(struct guest *guest, const char *property, const void *bytes, size_t size)
{
	must(fdt_property(guest->blob, property, bytes, (int)size));
}

void guest_empty(struct guest *guest, const char *property) { guest_bytes(guest, property, NULL, 0); }

void guest_string(struct guest *guest, const char *property, const char *value)
{
	guest_bytes(guest, property, value, strlen(value) + 1);
}

void guest_cells(struct guest *guest, const char *property, const uint32_t *cells, size_t count)
{
	fdt32_t *values = keep_alloc(count, sizeof(*values));

	for (size_t i = 0; i < count; i++)
		values[i] = cpu_to_fdt32(cells[i]);
	guest_bytes(guest, property, values, count * sizeof(*values));
}

void guest_cell(struct guest *guest, const char *property, uint32_t value) { guest_cells(guest, property, &value, 1); }

void guest_number(struct guest *guest, const char *property, uint64_t value)
{
	uint32_t cells[] = { (uint32_t)(value >> 32), (uint32_t)value };

	guest_cells(guest, property, cells[0] ? cells : cells + 1, cells[0] ? 2 : 1);
}

void guest_ranges(struct guest *guest, const char *property, const struct range *ranges, size_t count)
{
	uint32_t *cells = keep_alloc(count, 4 * sizeof(*cells));

	for (size_t i = 0; i < count; i++) {
		cells[4 * i] = (uint32_t)(ranges[i].base >> 32);
		cells[4 * i + 1] = (uint32_t)ranges[i].base;
		cells[4 * i + 2] = (uint32_t)(ranges[i].size >> 32);
		cells[4 * i + 3] = (uint32_t)ranges[i].size;
	}
	guest_cells(guest, property, cells, 4 * count);
}

void guest_copy(struct guest *guest, int node, const char *property)
{
	int size;
	const void *value = fdt_getprop(tree_blob, node, property, &size);

	if (value)
		guest_bytes(guest, property, value, (size_t)size);
}

void guest_copy_all(struct guest *guest, int node)
{
	int at;

	fdt_for_each_property_offset(at, tree_blob, node) {
		const char *name;
		int size;
		const void *value = fdt_getprop_by_offset(tree_blob, at, &name, &size);

		if (strcmp(name, "interrupt-parent") != 0)
			guest_bytes(guest, name, value, (size_t)size);
	}
}

void guest_sizes(struct guest *guest, uint32_t address, uint32_t size)
{
	guest_cell(guest, "#address-cells", address);
	guest_cell(guest, "#size-cells", size);
}
