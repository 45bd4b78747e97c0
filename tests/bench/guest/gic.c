/* SPDX-License-Identifier: Apache-2.0 */
#include "gic.h"

#include <arch/sysreg.h>

#include "pd.h"

#ifdef PD_GICD
static void gic_start_shared(void)
{
	pd_write32(PD_GICD + GICD_CTLR, GICD_CTLR_ARE);
	pd_write32(PD_GICD + GICD_CTLR, GICD_CTLR_ARE | GICD_CTLR_GRP1);
	pd_write32(PD_GICR + GICR_WAKER, 0);
	while (pd_read32(PD_GICR + GICR_WAKER) & GICR_WAKER_ASLEEP)
		;
	pd_write32(PD_GICR + GICR_SGI + GICD_IGROUPR, ~0u);
	pd_write32(PD_GICR + GICR_SGI + GICD_ISENABLER, 1u << PD_TIMER_INTID | 1u << BENCH_SGI);
}

void gic_enable_spi(uint32_t intid)
{
	pd_write32(PD_GICD + GICD_IGROUPR + intid / 32 * 4, 1u << intid % 32);
	pd_write32(PD_GICD + GICD_ICFGR + intid / 16 * 4, 2u << intid % 16 * 2);
	pd_write64(PD_GICD + GICD_IROUTER + intid * 8, 0);
	pd_write32(PD_GICD + GICD_ISENABLER + intid / 32 * 4, 1u << intid % 32);
}
#else
static void gic_start_shared(void) { }
void gic_enable_spi(uint32_t intid) { (void)intid; }
#endif

void gic_start(void)
{
	gic_start_shared();
	sysreg_write(ICC_PMR_EL1, 0xff);
	sysreg_write(ICC_IGRPEN1_EL1, 1);
	arch_isb();
}
