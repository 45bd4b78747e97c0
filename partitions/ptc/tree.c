/* SPDX-License-Identifier: Apache-2.0 */
/* Typed access to the merged device tree. */
#include "tree.h"

#include <errno.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "diag.h"
#include "lines.h"
#include "ptc.h"

static void *blob;

static void *file_read(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	struct stat info;
	char *data;

	if (!file || fstat(fileno(file), &info))
		fatal("cannot read %s: %s", path, strerror(errno));
	if (!S_ISREG(info.st_mode))
		fatal("cannot read %s: it is no file", path);
	*size = (size_t)info.st_size;
	data = keep_alloc(*size + 1, 1);
	if (fread(data, 1, *size, file) != *size)
		fatal("cannot read %s: it changed meanwhile", path);
	fclose(file);
	return data;
}

/* What dtc refuses too, for trees that it did not make: names and phandles are relied on everywhere. */
static void node_check(int node)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789,._+-@";
	const char *name = tree_full_name(node);
	uint32_t phandle = fdt_get_phandle(blob, node);

	if (node && (!*name || name[strspn(name, allowed)]))
		error_at(node, NULL, "node name '%s': it takes letters, digits and any of ,._+-@", name);
	if (phandle && tree_by_phandle(phandle) != node) {
		error_at(node, NULL, "%s has the phandle 0x%x, which is not its own; let dtc choose it", name, phandle);
		if (tree_by_phandle(phandle) >= 0)
			note_at(tree_by_phandle(phandle), NULL, "it is this node's");
	}
}

static void tree_check(void)
{
	uint64_t at, size;

	for (int node = 0; node >= 0; node = fdt_next_node(blob, node, NULL))
		node_check(node);
	if (fdt_num_mem_rsv(blob) > 0 && !fdt_get_mem_rsv(blob, 0, &at, &size))
		error_at(0, NULL, "/memreserve/ of 0x%llx would be ignored; say it as a node of /reserved-memory",
			 (unsigned long long)at);
}

void tree_load(const char *blob_path, const char *lines_path)
{
	size_t size;
	int problem;

	blob = file_read(blob_path, &size);
	problem = fdt_check_full(blob, size);
	if (problem)
		fatal("%s is no device tree: %s", blob_path, fdt_strerror(problem));
	lines_load(file_read(lines_path, &size));
	tree_check();
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
int tree_by_phandle(uint32_t phandle) { return fdt_node_offset_by_phandle(blob, phandle); }
int tree_first_child(int node) { return node < 0 ? node : fdt_first_subnode(blob, node); }
int tree_next_child(int child) { return fdt_next_subnode(blob, child); }
int tree_parent(int node) { return fdt_parent_offset(blob, node); }
const char *tree_full_name(int node) { return node ? fdt_get_name(blob, node, NULL) : "/"; }
bool tree_is_compatible(int node, const char *compatible) { return fdt_node_check_compatible(blob, node, compatible) == 0; }
bool tree_has(int node, const char *property) { return fdt_getprop(blob, node, property, NULL); }

bool tree_enabled(int node)
{
	const char *status = fdt_stringlist_get(blob, node, "status", 0, NULL);

	return !status || !strcmp(status, "okay") || !strcmp(status, "ok");
}

int tree_compatible(int after, const char *compatible)
{
	do
		after = fdt_node_offset_by_compatible(blob, after, compatible);
	while (after >= 0 && !tree_enabled(after));
	return after;
}

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

/* Two cells each, and no bus on the way up that moves addresses. */
static bool reg_parent_check(int parent)
{
	static int reported = -1;       /* once is enough for all its children */
	int size = 0;

	if (fdt_address_cells(blob, parent) != 2 || fdt_size_cells(blob, parent) != 2) {
		if (parent != reported)
			error_at(parent, NULL, "%s needs #address-cells = <2> and #size-cells = <2>", tree_full_name(parent));
		reported = parent;
		return false;
	}
	for (int bus = parent; bus > 0; bus = tree_parent(bus)) {
		if (!fdt_getprop(blob, bus, "ranges", &size) || !size)
			continue;
		error_at(bus, "ranges", "'ranges' of %s moves the addresses below it; this release takes an empty one",
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
		error_at(node, "reg", "'reg' must have two address and two size cells a range, found %zu cells", *count);
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
		error_at(node, "reg", "'reg' must have at least %zu ranges, found %zu", idx + 1, count / 4);
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

bool tree_reg_one(int node, struct range *range)
{
	size_t count;

	if (!tree_reg(node, 0, range))
		return false;
	if (tree_reg_count(node, &count) && count == 1)
		return true;
	error_at(node, "reg", "'reg' must have one range, found %zu; give each a node of its own", count);
	return false;
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
			error_at(node, property, "entry %zu of '%s' names no node; it takes references, <&label>", i, property);
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

void tree_no_children(int node)
{
	for (int child = tree_first_child(node); child >= 0; child = tree_next_child(child))
		error_at(child, NULL, "%s takes no node, found %s", tree_full_name(node), tree_full_name(child));
}
