/* SPDX-License-Identifier: Apache-2.0 */
/* Ticks of 1 kHz. */
#include "pd.h"

void pd_main(void)
{
	pd_timer_start(1000);
	for (;;) {
		pd_wait();
		pd_write64(PD_TICKS_BASE, pd_timer_ticks());
	}
}
