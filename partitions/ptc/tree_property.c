/* SPDX-License-Identifier: Apache-2.0 */
/* Typed access to the properties of the merged device tree. */
#include <libfdt.h>
#include <string.h>

#include "diag.h"
#include "ptc.h"
#include "tree.h"
#include "tree_blob.h"

static const void *property_get(int node, const char *property, int *size)
{
	const void *value = fdt_getprop(tree_blob, node, property, size);

	if (!value)
		error_at(111, node, NULL, "%s lacks the property '%s'", tree_full_name(node), property);
	return value;
}

/* What is there instead of one string. */
static const char *text_found(const char *text, int size)
{
	int strings = 0;

	if (size < 2)
		return size < 1 ? "no value" : *text ? "1 byte that is no string" : "an empty one";
	for (int i = 0; i < size; i++) {
		bool end = !text[i];

		if (end ? i == 0 || !text[i - 1] : (unsigned char)text[i] < ' ')
			return keep_format("%d bytes that are no string", size);
		strings += end;
	}
	return keep_format(text[size - 1] ? "%d bytes without an end" : "%d strings", text[size - 1] ? size : strings);
}

bool tree_string(int node, const char *property, const char **value)
{
	int size;
	const char *text = property_get(node, property, &size);

	*value = "";
	if (!text)
		return false;
	if (size < 2 || strnlen(text, (size_t)size) != (size_t)size - 1) {
		error_at(112, node, property, "'%s' must be one string, not empty; found %s", property,
			 text_found(text, size));
		return false;
	}
	*value = text;
	return true;
}

int tree_string_idx(int node, const char *property, const char *value)
{
	return fdt_stringlist_search(tree_blob, node, property, value);
}

bool tree_cell_list(int node, const char *property, const uint32_t **cells, size_t *count)
{
	int size;
	const fdt32_t *value = property_get(node, property, &size);
	uint32_t *list;

	*cells = NULL;
	*count = 0;
	if (!value)
		return false;
	if (size == 0 || size % 4) {
		error_at(113, node, property, "'%s' must be a list of cells, found %s", property,
			 size ? count_text((size_t)size, "byte") :
				"none: fill it, or leave it out where nothing is meant");
		return false;
	}
	*count = (size_t)size / 4;
	list = keep_alloc(*count, sizeof(*list));
	for (size_t i = 0; i < *count; i++)
		list[i] = fdt32_ld(&value[i]);
	*cells = list;
	return true;
}

bool tree_cells(int node, const char *property, uint32_t *cells, size_t count)
{
	const uint32_t *list;
	size_t found;

	memset(cells, 0, count * sizeof(*cells));
	if (!tree_cell_list(node, property, &list, &found))
		return false;
	if (found != count) {
		error_at(114, node, property, "'%s' must have %zu cells, found %zu", property, count, found);
		return false;
	}
	memcpy(cells, list, count * sizeof(*cells));
	return true;
}

bool tree_u64(int node, const char *property, uint64_t *value)
{
	uint32_t cells[2];
	bool good = tree_cells(node, property, cells, 2);

	*value = (uint64_t)cells[0] << 32 | cells[1];
	return good;
}

/* Two cells each, and no bus on the way up that moves addresses. */
static bool reg_parent_check(int parent)
{
	static int reported = -1;       /* once is enough for all its children */
	int size = 0;

	/* Without the property, libfdt says 2 addresses, as the specification has it. */
	if (!tree_has(parent, "#address-cells") || fdt_address_cells(tree_blob, parent) != 2 ||
	    fdt_size_cells(tree_blob, parent) != 2) {
		if (parent != reported)
			error_at(115, parent, NULL, "%s needs #address-cells = <2> and #size-cells = <2>",
				 tree_full_name(parent));
		reported = parent;
		return false;
	}
	for (int bus = parent; bus > 0; bus = tree_parent(bus)) {
		if (!fdt_getprop(tree_blob, bus, "ranges", &size) || !size)
			continue;
		error_at(116, bus, "ranges",
			 "'ranges' of %s moves the addresses below it; this release takes an empty one",
			 tree_full_name(bus));
		return false;
	}
	return true;
}

bool tree_reg_count(int node, size_t *count)
{
	const uint32_t *cells;

	*count = 0;
	if (!reg_parent_check(tree_parent(node)))
		return false;
	if (!tree_cell_list(node, "reg", &cells, count))
		return false;
	if (*count % 4) {
		error_at(117, node, "reg", "'reg' must have two address and two size cells a range, found %zu cells",
			 *count);
		return false;
	}
	*count /= 4;
	return true;
}

bool tree_reg(int node, size_t idx, struct range *range)
{
	const uint32_t *cells;
	size_t count;

	*range = (struct range){ 0, 0 };
	if (!tree_reg_count(node, &count) || !tree_cell_list(node, "reg", &cells, &count))
		return false;
	if (count < (idx + 1) * 4) {
		error_at(118, node, "reg", "'reg' must have at least %zu ranges, found %zu", idx + 1, count / 4);
		return false;
	}
	cells += idx * 4;
	range->base = (uint64_t)cells[0] << 32 | cells[1];
	range->size = (uint64_t)cells[2] << 32 | cells[3];
	if (range->size == 0 || range_end(*range) < range->base) {
		error_at(119, node, "reg", "'reg' is empty or wraps: base 0x%llx, size 0x%llx",
			 (unsigned long long)range->base, (unsigned long long)range->size);
		return false;
	}
	return true;
}

bool tree_reg_one(int node, struct range *range)
{
	size_t count;

	if (!tree_reg(node, 0, range))
		return false;
	if (tree_reg_count(node, &count) && count == 1)
		return true;
	error_at(120, node, "reg", "'reg' must have one range, found %zu; give each a node of its own", count);
	return false;
}

bool tree_phandles(int node, const char *property, int **nodes, size_t *count)
{
	const uint32_t *cells;

	if (!tree_cell_list(node, property, &cells, count))
		return false;
	*nodes = keep_alloc(*count, sizeof(**nodes));
	for (size_t i = 0; i < *count; i++) {
		(*nodes)[i] = tree_by_phandle(cells[i]);
		if ((*nodes)[i] < 0) {
			error_at(121, node, property,
				 "entry %zu of '%s' names no node; it takes references, <&label>", i,
				 property);
			*count = i;
			return false;
		}
	}
	return true;
}

void tree_only_properties(int node, const char *const *known)
{
	int offset;

	fdt_for_each_property_offset(offset, tree_blob, node) {
		const char *name;
		size_t i = 0;

		fdt_getprop_by_offset(tree_blob, offset, &name, NULL);
		while (known[i] && strcmp(known[i], name) != 0)
			i++;
		if (!known[i] && strcmp(name, "phandle") != 0)
			error_at(122, node, name, "'%s' is no property of %s; misspelt?", name, tree_full_name(node));
	}
}
