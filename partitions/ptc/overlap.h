/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PTC_OVERLAP_H
#define PTC_OVERLAP_H

#include "model.h"

/* A range, and what has it. */
struct span {
	struct range range;
	const void *what;
	size_t order;           /* of being added */
};

struct spans {
	struct span *all;
	size_t count;
};

/* Of two, the one that was added first. */
typedef void overlap_report(const void *first, const void *second, const void *context);

void span_add(struct spans *spans, struct range range, const void *what);
/* Reports every two that overlap, by address. */
void spans_overlaps(struct spans *spans, overlap_report *report, const void *context);

#endif
