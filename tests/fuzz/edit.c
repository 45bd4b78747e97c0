/* SPDX-License-Identifier: Apache-2.0 */
#include "edit.h"

#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state;

void dice_seed(unsigned seed) { state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1; }

size_t dice(size_t count)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return count ? (size_t)((state >> 11) % count) : 0;
}

/* Nodes of the subtree, itself included; or the one at `idx` of them. */
static int subtree(const void *tree, int root, int idx)
{
	int depth = 0, count = 0;

	for (int node = root; node >= 0 && depth >= 0; node = fdt_next_node(tree, node, &depth)) {
		if (count == idx)
			return node;
		count++;
	}
	return count;
}

int edit_pick_node(const void *tree)
{
	int root = dice(3) ? fdt_path_offset(tree, "/partitions") : 0;

	if (root < 0)
		root = 0;
	return subtree(tree, root, (int)dice((size_t)subtree(tree, root, -1)));
}

bool edit_property(void *tree, int node, const char *name, struct place *place)
{
	*place = (struct place){ .node = node, .name = name };
	place->value = fdt_getprop_w(tree, node, name, &place->size);
	return place->value;
}

bool edit_pick_property(void *tree, struct place *place)
{
	int node = edit_pick_node(tree), offset, count = 0, idx;
	const char *name = NULL;

	fdt_for_each_property_offset(offset, tree, node)
		count++;
	idx = (int)dice((size_t)count);
	fdt_for_each_property_offset(offset, tree, node)
		if (idx-- == 0)
			fdt_getprop_by_offset(tree, offset, &name, NULL);
	return name && edit_property(tree, node, name, place);
}

int edit_node_with(const void *tree, const char *property)
{
	int found = -1;
	size_t count = 0;

	for (int node = 0; node >= 0; node = fdt_next_node(tree, node, NULL))
		if (fdt_getprop(tree, node, property, NULL) && dice(++count) == 0)
			found = node;
	return found;
}

/* One byte over, so that nothing is read behind an odd size. */
static void *kept(const void *bytes, size_t size)
{
	char *copy = malloc(size + 1);

	memcpy(copy, bytes, size);
	copy[size] = '\0';
	return copy;
}

bool edit_set(void *tree, int node, const char *name, const void *value, int size)
{
	char *own_name = kept(name, strlen(name)), *own_value = kept(value, (size_t)size);
	int problem = fdt_setprop(tree, node, own_name, own_value, size);

	free(own_name);
	free(own_value);
	return !problem;
}

static uint32_t next_phandle(const void *tree)
{
	uint32_t phandle;

	return fdt_generate_phandle(tree, &phandle) ? 0 : phandle;
}

uint32_t edit_phandle(void *tree, int node)
{
	uint32_t phandle = fdt_get_phandle(tree, node);

	if (phandle)
		return phandle;
	phandle = next_phandle(tree);
	return phandle && !fdt_setprop_u32(tree, node, "phandle", phandle) ? phandle : 0;
}

static void copy_properties(void *tree, int to, const void *from, int node, bool fresh)
{
	int offset;

	fdt_for_each_property_offset(offset, from, node) {
		const char *name;
		int size;
		const void *value = fdt_getprop_by_offset(from, offset, &name, &size);

		if (!value)
			return;
		if (fresh && !strcmp(name, "phandle"))
			fdt_setprop_u32(tree, to, "phandle", next_phandle(tree));
		else
			fdt_setprop(tree, to, name, value, size);
	}
}

static void copy_below(void *tree, int parent, const char *name, const void *from, int node, bool fresh)
{
	int to = fdt_add_subnode(tree, parent, name), child;

	if (to < 0)
		return;
	copy_properties(tree, to, from, node, fresh);
	fdt_for_each_subnode(child, from, node)
		copy_below(tree, to, fdt_get_name(from, child, NULL), from, child, fresh);
}

void edit_copy_node(void *tree, int room, int parent, const char *name, const void *from, int node, bool fresh)
{
	size_t size = fdt_totalsize(from);
	void *source;

	if (parent < 0 || fdt_size_dt_struct(tree) + fdt_size_dt_struct(from) > (uint32_t)room / 2)
		return;
	source = kept(from, size);
	copy_below(tree, parent, name, source, node, fresh);
	free(source);
}
