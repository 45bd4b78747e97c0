/* SPDX-License-Identifier: Apache-2.0 */
/* Random nodes and properties of a device tree, and copies of them. */
#ifndef FUZZ_EDIT_H
#define FUZZ_EDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A property in a tree; `value` is in the tree itself, until the tree is changed. */
struct place {
	int node;
	const char *name;
	char *value;
	int size;
};

void dice_seed(unsigned seed);
/* 0 to count - 1; 0 if count is 0. */
size_t dice(size_t count);

/* Half of the time below /partitions, since the board is the larger part; < 0: none. */
int edit_pick_node(const void *tree);
bool edit_pick_property(void *tree, struct place *place);
bool edit_property(void *tree, int node, const char *name, struct place *place);
/* A random one of the nodes that have the property; < 0: none. */
int edit_node_with(const void *tree, const char *property);
/* The phandle of the node; it gets one if it has none. 0: no room. */
uint32_t edit_phandle(void *tree, int node);
/* Name and value may be in the tree. */
bool edit_set(void *tree, int node, const char *name, const void *value, int size);
/* A copy of a node of `from`, which may be `tree`, with all below; with `fresh`, phandles of its own. */
void edit_copy_node(void *tree, int room, int parent, const char *name, const void *from, int node, bool fresh);

#endif
