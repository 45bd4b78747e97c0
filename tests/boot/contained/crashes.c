/* SPDX-License-Identifier: Apache-2.0 */
/* A stray write that is its end. */
#include "pd.h"

void pd_main(void)
{
	pd_write32(0x50000000, 1);
	pd_write32(PD_NEVER_STOP_BASE, 1);
	for (;;)
		pd_wait();
}
