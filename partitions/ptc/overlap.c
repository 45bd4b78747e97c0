/* SPDX-License-Identifier: Apache-2.0 */
/* Which of many ranges overlap: sorted by base, each is compared only with those that begin within it. */
#include "overlap.h"

#include <stdlib.h>

#include "ptc.h"

void span_add(struct spans *spans, struct range range, const void *what)
{
	struct span span = { range, what, spans->count };

	*(struct span *)keep_append(&spans->all, &spans->count, sizeof(span)) = span;
}

static int base_order(const void *left, const void *right)
{
	const struct span *a = left, *b = right;

	if (a->range.base != b->range.base)
		return a->range.base < b->range.base ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

void spans_overlaps(struct spans *spans, overlap_report *report, const void *context)
{
	const struct span *end = spans->all + spans->count;

	if (!spans->count)
		return;
	qsort(spans->all, spans->count, sizeof(struct span), base_order);
	for (const struct span *a = spans->all; a != end; a++) {
		for (const struct span *b = a + 1; b != end && b->range.base < range_end(a->range); b++) {
			if (!ranges_overlap(a->range, b->range))
				continue;
			if (a->order < b->order)
				report(a->what, b->what, context);
			else
				report(b->what, a->what, context);
		}
	}
}
