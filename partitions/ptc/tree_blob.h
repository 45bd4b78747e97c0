/* SPDX-License-Identifier: Apache-2.0 */
/* The compiled tree itself, for tree.c, which loads it, and tree_property.c. Everyone else asks tree.h. */
#ifndef PTC_TREE_BLOB_H
#define PTC_TREE_BLOB_H

extern const void *tree_blob;

#endif
