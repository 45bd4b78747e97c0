/* SPDX-License-Identifier: Apache-2.0 */
/* For tree.c; what the index finds is in tree.h. */
#ifndef PTC_TREE_INDEX_H
#define PTC_TREE_INDEX_H

#include <stddef.h>

void tree_index_make(void);
/* In the buffer, not at its beginning; NULL if there is no room, or no such node. */
const char *tree_path(int node, char *buffer, size_t size);

#endif
