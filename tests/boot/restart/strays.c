/* SPDX-License-Identifier: Apache-2.0 */
/* Its function leaves its window in the first run; then it behaves. */
#include "function.h"

enum { STRAY = 0x98000000 };

void pd_on_interrupt(uint32_t intid)
{
	(void)intid;
	function_interrupt();
}

void pd_main(void)
{
	uint64_t run = log_start();

	if (!function_is_fresh())
		log_add(LOG_DIRTY_FUNCTION);
	pd_timer_start(100);
	pd_interrupt_enable(PD_MSI_BASE, PD_PRIORITY, true);
	if (run == 1) {
		edu_store(PD_EDU_BAR0, STRAY, LANDING_SIZE);
		function_shoot(PD_STRAYS_IO_BASE, PD_STRAYS_IO_IOVA);
		for (;;)
			pd_wait();
	}
	function_settle(PD_STRAYS_IO_BASE, PD_STRAYS_IO_IOVA);
	for (;;)
		pd_wait();
}
