/* SPDX-License-Identifier: Apache-2.0 */
/* Address ranges given out so far, and the lowest free one: what placement of memory and of PCI share. */
#ifndef PTC_PLACE_H
#define PTC_PLACE_H

#include "ptc.h"

struct taken {
	struct range *ranges;   /* sorted, joined where they touch */
	size_t count;
};

void place_take(struct taken *taken, struct range range);
const struct range *place_conflict(const struct taken *taken, struct range range);
/* Lowest address in `within` that is free, congruent to `phase` modulo `align`; taken then. */
bool place_low(struct taken *taken, struct range within, uint64_t size, uint64_t align, uint64_t phase,
	       uint64_t *addr);

/* In the order of placement: by alignment, then size, the largest first, then order of the table. */
struct wanted {
	uint64_t align, size;
	size_t order;
	void *what;
};

void place_want(struct wanted **list, size_t *count, uint64_t align, uint64_t size, void *what);
void place_sort(struct wanted *list, size_t count);

#endif
