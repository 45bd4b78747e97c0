/* SPDX-License-Identifier: Apache-2.0 */
/* Typed access to the merged device tree. */
#include "tree.h"

#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "lines.h"
#include "ptc.h"

static void *blob;

static void *file_read(const char *path, long *size)
{
	FILE *file = fopen(path, "rb");
	char *data;

	if (!file || fseek(file, 0, SEEK_END) || (*size = ftell(file)) < 0 || fseek(file, 0, SEEK_SET))
		fatal("cannot read %s", path);
	data = keep_alloc((size_t)*size + 1, 1);
	if (fread(data, 1, (size_t)*size, file) != (size_t)*size)
		fatal("cannot read %s", path);
	fclose(file);
	return data;
}

void tree_load(const char *blob_path, const char *lines_path)
{
	long size;
	int problem;

	blob = file_read(blob_path, &size);
	problem = fdt_check_full(blob, (size_t)size);
	if (problem)
		fatal("%s is no device tree: %s", blob_path, fdt_strerror(problem));
	lines_load(file_read(lines_path, &size));
}

uint64_t tree_digest(void)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (uint32_t i = 0; i < fdt_totalsize(blob); i++)
		hash = (hash ^ ((const uint8_t *)blob)[i]) * UINT64_C(0x100000001b3);
	return hash;
}

const char *tree_place(int node, const char *property)
{
	char path[1024];
	const char *place;

	if (!blob || node < 0 || fdt_get_path(blob, node, path, sizeof(path)))
		return "table";
	place = property ? lines_find(path, property) : NULL;
	if (!place)
		place = lines_find(path, "");
	return place ? place : keep_format("%s", path);
}

int tree_node(const char *path) { return fdt_path_offset(blob, path); }
int tree_compatible(int after, const char *compatible) { return fdt_node_offset_by_compatible(blob, after, compatible); }
int tree_first_child(int node) { return fdt_first_subnode(blob, node); }
int tree_next_child(int child) { return fdt_next_subnode(blob, child); }
int tree_parent(int node) { return fdt_parent_offset(blob, node); }
const char *tree_full_name(int node) { return fdt_get_name(blob, node, NULL); }
bool tree_is_compatible(int node, const char *compatible) { return fdt_node_check_compatible(blob, node, compatible) == 0; }
bool tree_has(int node, const char *property) { return fdt_getprop(blob, node, property, NULL); }

const char *tree_name(int node)
{
	const char *name = tree_full_name(node);

	return keep_format("%.*s", (int)strcspn(name, "@"), name);
}

static const void *property_get(int node, const char *property, int *size)
{
	const void *value = fdt_getprop(blob, node, property, size);

	if (!value)
		error_at(node, NULL, "%s lacks the property '%s'", tree_full_name(node), property);
	return value;
}

bool tree_string(int node, const char *property, const char **value)
{
	int size;
	const char *text = property_get(node, property, &size);

	*value = "";
	if (!text)
		return false;
	if (size < 2 || strnlen(text, (size_t)size) != (size_t)size - 1) {
		error_at(node, property, "'%s' must be one string, not empty", property);
		return false;
	}
	*value = text;
	return true;
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
		error_at(node, property, "'%s' must be a list of cells, found %d bytes", property, size);
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
		error_at(node, property, "'%s' must have %zu cells, found %zu", property, count, found);
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

bool tree_reg(int node, size_t idx, struct range *range)
{
	const uint32_t *cells;
	size_t count;

	*range = (struct range){ 0, 0 };
	if (!tree_cell_list(node, "reg", &cells, &count))
		return false;
	if (count % 4 || count < (idx + 1) * 4) {
		error_at(node, "reg", "'reg' must have two address and two size cells for each of at least %zu ranges, "
			 "found %zu cells", idx + 1, count);
		return false;
	}
	cells += idx * 4;
	range->base = (uint64_t)cells[0] << 32 | cells[1];
	range->size = (uint64_t)cells[2] << 32 | cells[3];
	if (range->size == 0 || range_end(*range) < range->base) {
		error_at(node, "reg", "'reg' is empty or wraps: base 0x%llx, size 0x%llx", (unsigned long long)range->base,
			 (unsigned long long)range->size);
		return false;
	}
	return true;
}

bool tree_phandles(int node, const char *property, int **nodes, size_t *count)
{
	const uint32_t *cells;

	if (!tree_cell_list(node, property, &cells, count))
		return false;
	*nodes = keep_alloc(*count, sizeof(**nodes));
	for (size_t i = 0; i < *count; i++) {
		(*nodes)[i] = fdt_node_offset_by_phandle(blob, cells[i]);
		if ((*nodes)[i] < 0) {
			error_at(node, property, "entry %zu of '%s' names no node", i, property);
			*count = i;
			return false;
		}
	}
	return true;
}

void tree_only_properties(int node, const char *const *known)
{
	int offset;

	fdt_for_each_property_offset(offset, blob, node) {
		const char *name;
		size_t i = 0;

		fdt_getprop_by_offset(blob, offset, &name, NULL);
		while (known[i] && strcmp(known[i], name))
			i++;
		if (!known[i] && strcmp(name, "phandle"))
			error_at(node, name, "'%s' is no property of %s; misspelt?", name, tree_full_name(node));
	}
}
