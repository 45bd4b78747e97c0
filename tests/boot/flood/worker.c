/* SPDX-License-Identifier: Apache-2.0 */
/* Works beside the flooder: DMA through its window, whose last word is the round's number, and a timer of 1 kHz. */
#include "edu.h"
#include "pd.h"

enum { SIZE = 64, BACK = 0x1000, TIMER_HZ = 1000 };

void pd_main(void)
{
	uint64_t round = 0;

	pd_timer_start(TIMER_HZ);
	do
		pd_write64(PD_WORKER_IO_BASE, ++round);
	while (edu_fetch(PD_EDU_BAR0, PD_WORKER_IO_IOVA, SIZE) &&
	       edu_store(PD_EDU_BAR0, PD_WORKER_IO_IOVA + BACK, SIZE) &&
	       pd_read64(PD_WORKER_IO_BASE + BACK) == round);
}
