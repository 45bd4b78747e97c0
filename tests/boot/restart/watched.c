/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A watchdog (DEN0094, generic watchdog) of 200 ms. Runs 1 and 2 let it expire,
 * after some refreshes and its first signal; run 2 on the second vCPU alone, the
 * first one off, once the first restart is a while ago. Run 3 is well behaved.
 */
#include "log.h"

#include <arch/sysreg.h>

enum { WCS = 0x000, WOR = 0x008, WRR = 0x1000, ENABLED = 1, WS0 = 2, LATER = 40 };

static void watchdog_start(void)
{
	pd_interrupt_enable(PD_WATCHDOG_INTID, PD_PRIORITY, false);
	pd_write32(PD_WATCHDOG + WOR, (uint32_t)(pd_second() / 5));
	pd_write32(PD_WATCHDOG + WCS, ENABLED);
}

void pd_on_interrupt(uint32_t intid)
{
	if (intid != PD_WATCHDOG_INTID)
		return;
	if (pd_read32(PD_WATCHDOG + WCS) != (ENABLED | WS0))
		log_add(LOG_DIRTY_FUNCTION);
	log_add(LOG_SIGNALS);
	pd_interrupt_disable(PD_WATCHDOG_INTID);        /* its level stays high */
}

static void refresh_for(int ticks)
{
	for (int i = 0; i < ticks; i++) {
		pd_wait();
		pd_write32(PD_WATCHDOG + WRR, 0);
	}
}

void pd_vcpu_main(uint32_t vcpu)
{
	(void)vcpu;
	pd_timer_start(100);
	log_add(LOG_VCPUS);
	if (log_get(LOG_STARTS) == 2)
		refresh_for(3 * LATER);
	while (log_get(LOG_STARTS) == 2)
		pd_wait();
	for (;;)
		refresh_for(1);
}

void pd_main(void)
{
	uint64_t run = log_start();

	pd_timer_start(100);
	watchdog_start();
	if (run == 1) {
		refresh_for(LATER);
		for (;;)
			pd_wait();
	}
	pd_vcpu_on(1);
	if (run == 2)
		pd_vcpu_off();
	for (int i = 0; i < 2 * LATER; i++)
		pd_wait();
	log_set(LOG_DONE, 1);
	for (;;)
		pd_wait();
}
