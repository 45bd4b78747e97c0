/* SPDX-License-Identifier: Apache-2.0 */
/* Translation tables: built as trees, kept once where equal, emitted as assembly. */
#include "radix.h"

#include <inttypes.h>
#include <string.h>

#include "diag.h"
#include "ptc.h"

enum { RADIX_ENTRIES = 512 };

struct node {
	uint64_t leaves[RADIX_ENTRIES];
	struct node *children[RADIX_ENTRIES];
	uint64_t va;
};

struct radix {
	const char *name;
	const struct radix_format *format;
	unsigned start_level;
	struct node *root;
};

/* A table ready to be emitted: each word is a leaf, or a pointer to an earlier table. */
struct page {
	char *symbol;
	uint64_t hash;
	uint64_t leaves[RADIX_ENTRIES];
	const struct page *children[RADIX_ENTRIES];
	uint64_t pointer_bits;
};

struct pool {
	struct page **pages;
	size_t count;
};

struct radix *radix_new(const char *name, const struct radix_format *format, unsigned start_level)
{
	struct radix *radix = keep_alloc(1, sizeof(*radix));

	*radix = (struct radix){ name, format, start_level, keep_alloc(1, sizeof(struct node)) };
	return radix;
}

static unsigned radix_index(const struct radix *radix, unsigned level, uint64_t va)
{
	return (unsigned)(va >> radix->format->shift(level)) % RADIX_ENTRIES;
}

static struct node *node_below(struct node *node, unsigned idx, uint64_t va)
{
	if (!node->children[idx]) {
		node->children[idx] = keep_alloc(1, sizeof(*node));
		node->children[idx]->va = va;
	}
	return node->children[idx];
}

/* One leaf; its level is the first, from the root on, whose size fits. Returns that size. */
static uint64_t map_one(struct radix *radix, uint64_t va, uint64_t pa, uint64_t size, unsigned access, bool device)
{
	const struct radix_format *format = radix->format;
	struct node *node = radix->root;

	for (unsigned level = radix->start_level;; level++) {
		uint64_t leaf_size = UINT64_C(1) << format->shift(level);
		unsigned idx = radix_index(radix, level, va);

		if (level >= format->first_leaf_level && va % leaf_size == 0 && pa % leaf_size == 0 &&
		    size >= leaf_size) {
			if (node->leaves[idx] || node->children[idx])
				fatal("internal: %s maps 0x%" PRIx64 " twice", radix->name, va);
			node->leaves[idx] = format->leaf(level, pa, access, device);
			return leaf_size;
		}
		if (level == format->last_level || node->leaves[idx])
			fatal("internal: %s cannot map 0x%" PRIx64, radix->name, va);
		node = node_below(node, idx, va & ~(leaf_size - 1));
	}
}

void radix_map(struct radix *radix, uint64_t va, uint64_t pa, uint64_t size, unsigned access, bool device)
{
	while (size) {
		uint64_t done = map_one(radix, va, pa, size, access, device);

		va += done;
		pa += done;
		size -= done;
	}
}

struct pool *pool_new(void) { return keep_alloc(1, sizeof(struct pool)); }

static uint64_t page_hash(const struct page *page)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ page->pointer_bits;

	for (size_t i = 0; i < RADIX_ENTRIES; i++) {
		hash = (hash ^ page->leaves[i]) * UINT64_C(0x100000001b3);
		if (page->children[i])
			hash = (hash ^ page->children[i]->hash) * UINT64_C(0x100000001b3);
	}
	return hash;
}

static bool page_equal(const struct page *a, const struct page *b)
{
	return a->hash == b->hash && a->pointer_bits == b->pointer_bits &&
	       !memcmp(a->leaves, b->leaves, sizeof(a->leaves)) &&
	       !memcmp(a->children, b->children, sizeof(a->children));
}

/* Children first, so that equal subtrees are already the same page. Depth is at most four. */
static struct page *page_make(struct pool *pool, const struct radix *radix, const struct node *node, unsigned level);

static const struct page *pool_page(struct pool *pool, const struct radix *radix, const struct node *node,
				    unsigned level)
{
	struct page *page = page_make(pool, radix, node, level);

	for (size_t i = 0; i < pool->count; i++)
		if (page_equal(pool->pages[i], page))
			return pool->pages[i];
	*(struct page **)keep_append(&pool->pages, &pool->count, sizeof(page)) = page;
	return page;
}

static struct page *page_make(struct pool *pool, const struct radix *radix, const struct node *node, unsigned level)
{
	struct page *page = keep_alloc(1, sizeof(*page));

	memcpy(page->leaves, node->leaves, sizeof(page->leaves));
	for (size_t i = 0; i < RADIX_ENTRIES; i++)
		if (node->children[i])
			page->children[i] = pool_page(pool, radix, node->children[i], level + 1);
	page->pointer_bits = radix->format->pointer_bits;
	page->symbol = keep_format("%s_l%u_%" PRIx64, radix->name, level, node->va);
	page->hash = page_hash(page);
	return page;
}

const char *pool_add(struct pool *pool, const struct radix *radix)
{
	return pool_page(pool, radix, radix->root, radix->start_level)->symbol;
}

size_t pool_pages(const struct pool *pool) { return pool->count; }

/* Runs of empty words are skipped over, so that a table reads as its entries. */
static void page_emit(const struct page *page, const char *symbol, FILE *out)
{
	size_t zeros = 0;

	fprintf(out, "\n\t.balign\t4096\n\t.global\t%s\n%s:\n", symbol, symbol);
	for (size_t i = 0; i < RADIX_ENTRIES; i++) {
		if (!page->leaves[i] && !page->children[i]) {
			zeros++;
			continue;
		}
		if (zeros)
			fprintf(out, "\t.skip\t8 * %zu\n", zeros);
		zeros = 0;
		if (page->children[i])
			fprintf(out, "\t.quad\t%s + 0x%" PRIx64 "\n", page->children[i]->symbol, page->pointer_bits);
		else
			fprintf(out, "\t.quad\t0x%016" PRIx64 "\n", page->leaves[i]);
	}
	if (zeros)
		fprintf(out, "\t.skip\t8 * %zu\n", zeros);
}

void pool_add_below(struct pool *pool, const struct radix *radix, const char *symbol, FILE *out)
{
	struct page *page = page_make(pool, radix, radix->root, radix->start_level);

	if (out)
		page_emit(page, symbol, out);
}

void pool_emit(const struct pool *pool, FILE *out)
{
	for (size_t i = 0; i < pool->count; i++)
		page_emit(pool->pages[i], pool->pages[i]->symbol, out);
}
