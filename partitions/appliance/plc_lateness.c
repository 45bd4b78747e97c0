/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How late plc's timer is served, by the clock on the wall: a histogram, for its
 * user on the console, and in memory for whoever looks from outside. Nothing
 * judges it; README.md says what it is worth.
 */
#include "pd.h"
#include "plc.h"

enum { BUCKETS = 16, MICROSECONDS = 1000000 };

/* Ticks that were late by less than 1 us; by 2^(i - 1) us or more, less than 2^i; the last has all that were later. */
static volatile uint64_t lateness[BUCKETS];

void pd_on_tick(uint64_t late)
{
	uint64_t us = late * MICROSECONDS / pd_second();
	unsigned i = 0;

	while (us && i < BUCKETS - 1) {
		us >>= 1;
		i++;
	}
	lateness[i]++;
}

void lateness_print(void)
{
	const volatile uint64_t *n = lateness;

	pd_print("late by <1 us, <2, <4, ...: %lu %lu %lu %lu %lu %lu %lu %lu %lu %lu %lu %lu %lu %lu %lu, more %lu",
		 n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7], n[8], n[9], n[10], n[11], n[12], n[13], n[14], n[15]);
}
