/* SPDX-License-Identifier: Apache-2.0 */
/* Counts every interrupt that it gets: its timer's only, if the other PD's do not reach it. */
#include "pd.h"

static void count(uint32_t intid)
{
	uint64_t word = PD_COUNTS_BASE + 8ul * intid;

	pd_write64(word, pd_read64(word) + 1);
}

void pd_on_interrupt(uint32_t intid) { count(intid); }

void pd_main(void)
{
	pd_timer_start(100);
	for (;;) {
		pd_wait();
		pd_write64(PD_COUNTS_BASE + 8ul * PD_TIMER_INTID, pd_timer_ticks());
	}
}
