/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual interface control registers (IHI 0069H, 12.4) behind vgic_lr.c, apart so that it is tested on the host. */
#ifndef ARCH_VGIC_HW_H
#define ARCH_VGIC_HW_H

#include <arch/sysreg.h>
#include <mullion/bits.h>
#include <mullion/types.h>

#define ICH_VTR_LISTREGS GENMASK(4, 0)          /* how many, less one */
#define ICH_VMCR_VEOIM   BIT(9)
#define ICH_HCR_EOICOUNT GENMASK(31, 27)

#define VGIC_HW_LRS(lr) \
	lr(0, 12, 0) lr(1, 12, 1) lr(2, 12, 2) lr(3, 12, 3) lr(4, 12, 4) lr(5, 12, 5) lr(6, 12, 6) lr(7, 12, 7) \
	lr(8, 13, 0) lr(9, 13, 1) lr(10, 13, 2) lr(11, 13, 3) lr(12, 13, 4) lr(13, 13, 5) lr(14, 13, 6) lr(15, 13, 7)

static inline uint64_t vgic_hw_lr_read(unsigned n)
{
	switch (n) {
#define VGIC_HW_LR_READ(lr, bank, reg) case lr: return sysreg_read(S3_4_C12_C##bank##_##reg);
	VGIC_HW_LRS(VGIC_HW_LR_READ)
	default: return 0;
	}
}

static inline void vgic_hw_lr_write(unsigned n, uint64_t value)
{
	switch (n) {
#define VGIC_HW_LR_WRITE(lr, bank, reg) case lr: sysreg_write(S3_4_C12_C##bank##_##reg, value); break;
	VGIC_HW_LRS(VGIC_HW_LR_WRITE)
	default: break;
	}
}

static inline unsigned vgic_hw_lr_count(void)
{
	return (unsigned)FIELD_GET(ICH_VTR_LISTREGS, sysreg_read(ICH_VTR_EL2)) + 1;
}

/* ICH_ELRSR: list registers that hold nothing and wait for nobody. What we wrote to them is seen after an ISB only. */
static inline uint64_t vgic_hw_lr_free(void)
{
	arch_isb();
	return sysreg_read(ICH_ELRSR_EL2);
}

static inline void vgic_hw_control(uint64_t hcr) { sysreg_write(ICH_HCR_EL2, hcr); }
/* Deactivations of interrupts that no list register had, since the last vgic_hw_control(). */
static inline unsigned vgic_hw_eoi_count(void)
{
	return (unsigned)FIELD_GET(ICH_HCR_EOICOUNT, sysreg_read(ICH_HCR_EL2));
}
/* The PD ends interrupts in two steps, in any order. */
static inline bool vgic_hw_eoi_split(void) { return sysreg_read(ICH_VMCR_EL2) & ICH_VMCR_VEOIM; }

/* No group enabled, no priority active. Only with over five preemption bits are there more registers of these. */
static inline void vgic_hw_reset(void)
{
	sysreg_write(ICH_VMCR_EL2, 0);
	sysreg_write(ICH_AP0R0_EL2, 0);
	sysreg_write(ICH_AP1R0_EL2, 0);
}

#endif
