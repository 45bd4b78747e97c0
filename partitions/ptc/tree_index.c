/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What libfdt finds by reading the tree from its beginning, found by halves: a
 * node's parent and path, and the node of a phandle. A node's offset grows with
 * its place in the tree, which is what entries are sorted by.
 */
#include "tree_index.h"

#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "ptc.h"
#include "tree.h"
#include "tree_blob.h"

struct entry {
	int node, parent;
};

struct reference {
	uint32_t phandle;
	int node;
};

static struct entry *entries;
static struct reference *references;
static size_t entry_count, reference_count;

static int reference_order(const void *left, const void *right)
{
	const struct reference *a = left, *b = right;

	if (a->phandle != b->phandle)
		return a->phandle < b->phandle ? -1 : 1;
	return a->node < b->node ? -1 : a->node > b->node;
}

/* 0 and all ones are no phandles (Devicetree Specification 0.4, 2.3.3; dtc). */
static void reference_add(int node)
{
	uint32_t phandle = fdt_get_phandle(tree_blob, node);

	if (phandle && phandle != UINT32_MAX)
		*(struct reference *)keep_append(&references, &reference_count, sizeof(*references)) =
			(struct reference){ phandle, node };
}

void tree_index_make(void)
{
	int *open = NULL;       /* the node at each depth */
	size_t open_count = 0;
	int depth = 0;

	for (int node = 0; node >= 0 && depth >= 0; node = fdt_next_node(tree_blob, node, &depth)) {
		open_count = open_count > (size_t)depth ? (size_t)depth : open_count;
		*(int *)keep_append(&open, &open_count, sizeof(*open)) = node;
		*(struct entry *)keep_append(&entries, &entry_count, sizeof(*entries)) =
			(struct entry){ node, depth ? open[depth - 1] : -1 };
		reference_add(node);
	}
	if (reference_count)
		qsort(references, reference_count, sizeof(*references), reference_order);
}

int tree_parent(int node)
{
	size_t low = 0, high = entry_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (entries[middle].node == node)
			return entries[middle].parent;
		if (entries[middle].node < node)
			low = middle + 1;
		else
			high = middle;
	}
	return -1;
}

/* The first one in the tree, if several have it. */
int tree_by_phandle(uint32_t phandle)
{
	size_t low = 0, high = reference_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (references[middle].phandle < phandle)
			low = middle + 1;
		else
			high = middle;
	}
	return low < reference_count && references[low].phandle == phandle ? references[low].node : -1;
}

const char *tree_path(int node, char *buffer, size_t size)
{
	char *at = buffer + size - 1;

	*at = '\0';
	if (node == 0)
		*--at = '/';
	for (; node > 0; node = tree_parent(node)) {
		const char *name = tree_full_name(node);
		size_t length = strlen(name);

		if ((size_t)(at - buffer) <= length)
			return NULL;
		at = memcpy(at - length, name, length);
		*--at = '/';
	}
	return node < 0 ? NULL : at;
}
