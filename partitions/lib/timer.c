/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual timer of each vCPU, and the interrupt handler, which serves it. */
#include "pd.h"

#include <arch/sysreg.h>

enum { TIMER_ENABLE = 1, IRQ_SPECIAL = 1020 };

static struct {
	uint64_t interval;
	volatile uint64_t ticks;
} timers[PD_CPUS];

static void timer_rearm(void)
{
	sysreg_write(cntv_tval_el0, timers[pd_vcpu()].interval);
	sysreg_write(cntv_ctl_el0, TIMER_ENABLE);
	arch_isb();
}

void pd_timer_start(uint32_t hz)
{
	timers[pd_vcpu()].interval = pd_second() / hz;
	pd_interrupt_enable(PD_TIMER_INTID, PD_PRIORITY, false);
	timer_rearm();
}

void pd_interrupt(void)
{
	uint32_t intid = (uint32_t)sysreg_read(ICC_IAR1_EL1);

	if (intid >= IRQ_SPECIAL)       /* gone before it was taken */
		return;
	if (intid == PD_TIMER_INTID) {
		uint64_t late = pd_now() - sysreg_read(cntv_cval_el0);

		timers[pd_vcpu()].ticks++;
		timer_rearm();
		pd_on_tick(late);
	} else {
		pd_on_interrupt(intid);
	}
	pd_barrier();   /* a device's line is down before its interrupt is ended */
	sysreg_write(ICC_EOIR1_EL1, intid);
	arch_isb();
}

uint64_t pd_timer_ticks(void) { return timers[pd_vcpu()].ticks; }
void pd_wait(void) { __asm__ volatile("wfi" : : : "memory"); }
uint64_t pd_second(void) { return sysreg_read(cntfrq_el0); }

uint64_t pd_now(void)
{
	arch_isb();     /* or it could be read early (Arm ARM, the Generic Timer) */
	return sysreg_read(cntvct_el0);
}
