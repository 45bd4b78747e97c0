/* SPDX-License-Identifier: Apache-2.0 */
/* Crashes once more often than it may start anew, with DMA and an MSI on their way. */
#include "function.h"

enum { NOWHERE = 0x50000000 };

void pd_on_interrupt(uint32_t intid) { (void)intid; }

void pd_main(void)
{
	log_start();
	if (!function_is_fresh())
		log_add(LOG_DIRTY_FUNCTION);
	pd_timer_start(100);
	pd_interrupt_enable(PD_MSI_BASE, PD_PRIORITY, true);
	function_shoot(PD_CRASHES_IO_BASE, PD_CRASHES_IO_IOVA);
	pd_write32(NOWHERE, 1);
}
