/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PD's GICv3 (IHI 0069H): distributor and redistributors are emulated, the
 * CPU interface is the hardware's virtual one. Group 1, affinity routing, one
 * priority drop and deactivation by EOIR.
 */
#include "pd.h"

#include <arch/sysreg.h>

/* 12.9 and 12.11; offsets of the interrupt registers are the same in GICD and in a redistributor's second frame. */
enum {
	GICD_CTLR = 0x0000,
	GICD_CTLR_ARE_GRP1 = 1 << 4 | 1 << 1,
	GICR_WAKER = 0x0014,
	GICR_WAKER_SLEEP = 1 << 1,
	GICR_WAKER_ASLEEP = 1 << 2,
	GICR_SGI_FRAME = 0x10000,
	GICR_STRIDE = 0x20000,
	GIC_IGROUPR = 0x0080,
	GIC_ISENABLER = 0x0100,
	GIC_ICENABLER = 0x0180,
	GIC_ISPENDR = 0x0200,
	GIC_IPRIORITYR = 0x0400,
	GIC_ICFGR = 0x0c00,
	GICD_IROUTER = 0x6000,
};

#define ICC_SGI1R_EL1 S3_0_C12_C11_5

static uint64_t redistributor(void) { return PD_GICR + (uint64_t)pd_vcpu() * GICR_STRIDE; }

/* Of the frame with the registers of `intid`. */
static uint64_t frame_of(uint32_t intid)
{
	return intid < PD_PRIVATE_INTIDS ? redistributor() + GICR_SGI_FRAME : PD_GICD;
}

static uint64_t bit_register(uint32_t intid, uint64_t offset) { return frame_of(intid) + offset + intid / 32 * 4; }

void pd_interrupts_start(void)
{
	if (pd_vcpu() == 0)
		pd_write32(PD_GICD + GICD_CTLR, GICD_CTLR_ARE_GRP1);
	pd_write32(redistributor() + GICR_WAKER, pd_read32(redistributor() + GICR_WAKER) & ~(uint32_t)GICR_WAKER_SLEEP);
	while (pd_read32(redistributor() + GICR_WAKER) & GICR_WAKER_ASLEEP)
		;
	for (uint32_t sgi = 0; sgi < 16; sgi++)
		pd_interrupt_enable(sgi, PD_PRIORITY_HIGH, true);
	sysreg_write(ICC_PMR_EL1, 0xff);
	sysreg_write(ICC_IGRPEN1_EL1, 1);
	arch_isb();
	__asm__ volatile("msr daifclr, #2" : : : "memory");
}

static void set_bit(uint64_t addr, uint32_t bit) { pd_write32(addr, pd_read32(addr) | UINT32_C(1) << bit); }

void pd_interrupt_enable(uint32_t intid, uint8_t priority, bool edge)
{
	set_bit(bit_register(intid, GIC_IGROUPR), intid % 32);
	pd_write8(frame_of(intid) + GIC_IPRIORITYR + intid, priority);
	if (edge && intid >= PD_PRIVATE_INTIDS)
		set_bit(frame_of(intid) + GIC_ICFGR + intid / 16 * 4, intid % 16 * 2 + 1);
	pd_write32(bit_register(intid, GIC_ISENABLER), UINT32_C(1) << intid % 32);
}

void pd_interrupt_disable(uint32_t intid)
{
	pd_write32(bit_register(intid, GIC_ICENABLER), UINT32_C(1) << intid % 32);
}

bool pd_interrupt_is_pending(uint32_t intid)
{
	return pd_read32(bit_register(intid, GIC_ISPENDR)) & UINT32_C(1) << intid % 32;
}

void pd_interrupt_route(uint32_t intid, uint32_t vcpu)
{
	pd_write64(PD_GICD + GICD_IROUTER + (uint64_t)intid * 8, vcpu);
}

void pd_sgi(uint32_t vcpu, uint32_t sgi)
{
	pd_barrier();   /* what was written before, the other vCPU sees in its handler */
	sysreg_write(ICC_SGI1R_EL1, UINT64_C(1) << vcpu | (uint64_t)sgi << 24);
	arch_isb();
}
