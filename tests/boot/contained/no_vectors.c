/* SPDX-License-Identifier: Apache-2.0 */
/* An exception whose vector is nowhere. */
#include "pd.h"

#include <arch/sysreg.h>

void pd_main(void)
{
	sysreg_write(vbar_el1, 0x40000000);
	arch_isb();
	pd_write32(0x50000000, 1);
	pd_write32(PD_NEVER_REPORT_BASE, 1);
	for (;;)
		pd_wait();
}
