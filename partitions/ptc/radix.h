/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Translation tables as trees of one-page tables with 512 words, which is what
 * every architecture here has at a 4 KiB granule. Equal tables of one pool are
 * emitted once: maps that differ in one page share all others. Tables refer to
 * each other by symbol, so the linker decides where they lie.
 */
#ifndef PTC_RADIX_H
#define PTC_RADIX_H

#include <stdio.h>

#include "model.h"

/* One kind of table: words of leaves, bits of pointers. Pure functions of the architecture. */
struct radix_format {
	uint64_t (*leaf)(unsigned level, uint64_t pa, unsigned access, bool device);
	uint64_t pointer_bits;
	unsigned first_leaf_level, last_level;
	unsigned (*shift)(unsigned level);
};

struct radix;
struct pool;

/* A tree for `bits` of input address; `start_level` has one table. */
struct radix *radix_new(const char *name, const struct radix_format *format, unsigned start_level);
/* [va, va + size) to pa, in the largest leaves that fit. Page-granular; overlaps are a bug of the caller. */
void radix_map(struct radix *radix, uint64_t va, uint64_t pa, uint64_t size, unsigned access, bool device);

struct pool *pool_new(void);
/* All tables of the tree; returns the symbol of its root. */
const char *pool_add(struct pool *pool, const struct radix *radix);
/* All but the root, which is emitted at once, under `symbol`, into the current section. */
void pool_add_below(struct pool *pool, const struct radix *radix, const char *symbol, FILE *out);
size_t pool_pages(const struct pool *pool);
/* Assembly: every table of the pool, aligned to its size. */
void pool_emit(const struct pool *pool, FILE *out);

#endif
