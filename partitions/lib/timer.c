/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual timer through the GICv3 CPU interface, which is virtual too. */
#include "pd.h"

#include <arch/sysreg.h>

enum { TIMER_ENABLE = 1 };

static uint64_t timer_interval;
static volatile uint64_t timer_ticks;

static void timer_rearm(void)
{
	sysreg_write(cntv_tval_el0, timer_interval);
	sysreg_write(cntv_ctl_el0, TIMER_ENABLE);
	arch_isb();
}

void pd_timer_start(uint32_t hz)
{
	timer_interval = sysreg_read(cntfrq_el0) / hz;
	sysreg_write(ICC_PMR_EL1, 0xff);
	sysreg_write(ICC_IGRPEN1_EL1, 1);
	timer_rearm();
	__asm__ volatile("msr daifclr, #2" : : : "memory");
}

void pd_interrupt(void)
{
	uint64_t intid = sysreg_read(ICC_IAR1_EL1);

	if (intid == PD_TIMER_INTID) {
		timer_ticks++;
		timer_rearm();
	}
	sysreg_write(ICC_EOIR1_EL1, intid);
	arch_isb();
}

uint64_t pd_timer_ticks(void) { return timer_ticks; }
void pd_wait(void) { __asm__ volatile("wfi" : : : "memory"); }
