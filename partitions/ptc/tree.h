/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The merged device tree: typed access to properties through libfdt, with the
 * source line of everything. A getter that finds something malformed reports it
 * at its place and returns false; what it would have returned is then zero.
 */
#ifndef PTC_TREE_H
#define PTC_TREE_H

#include "model.h"

/* `blob` is the compiled tree, `lines` what `dtc --annotate --annotate` printed of it. Ends the program if unusable. */
void tree_load(const char *blob, const char *lines);
/* FNV-1a over the compiled tree. */
uint64_t tree_digest(void);
/* "file:line" of a node or property; the node's path where the source is not known. */
const char *tree_place(int node, const char *property);

int tree_node(const char *path);                        /* "/", or of a child of the root; < 0: none */
int tree_node_or_alias(const char *name);              /* < 0: none */
/* Not in the table: fragments of PDs' own trees are there. */
int tree_compatible(int after, const char *compatible); /* next enabled one after `after`, -1 to begin; < 0: none */
int tree_compatible_disabled(const char *compatible);   /* first disabled one; < 0: none */
bool tree_is_below(int node, int above);                /* or the same; nothing is below < 0 */
int tree_by_phandle(uint32_t phandle);                  /* < 0: none */
int tree_first_child(int node);
int tree_next_child(int child);
int tree_parent(int node);
int tree_next_node(int node);                          /* of the whole tree */
const char *tree_name(int node);                        /* without unit address */
const char *tree_full_name(int node);
bool tree_is_compatible(int node, const char *compatible);
bool tree_has(int node, const char *property);
bool tree_enabled(int node);                            /* by its status, and that of all nodes above */
int tree_disabled_by(int node);                         /* it or the node above that is disabled; < 0: none */

/* Which of the strings of the property is `value`; < 0: none. */
int tree_string_idx(int node, const char *property, const char *value);

/* Required properties report their absence. */
bool tree_string(int node, const char *property, const char **value);
bool tree_cells(int node, const char *property, uint32_t *cells, size_t count);
/* All cells; `*count` is their number. */
bool tree_cell_list(int node, const char *property, const uint32_t **cells, size_t *count);
/* Two cells as a 64-bit number. */
bool tree_u64(int node, const char *property, uint64_t *value);
/* Entry `idx` of a reg with two address and two size cells; entries there are; the one entry of a reg that has one. */
bool tree_reg(int node, size_t idx, struct range *range);
bool tree_reg_count(int node, size_t *count);
bool tree_reg_one(int node, struct range *range);
/* The nodes that the property's phandles name. */
bool tree_phandles(int node, const char *property, int **nodes, size_t *count);
/* Reports every property whose name is not in the NULL-terminated list. */
void tree_only_properties(int node, const char *const *known);
/* Reports every child. */
void tree_no_children(int node);

#endif
