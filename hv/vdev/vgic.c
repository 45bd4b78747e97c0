/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PD's virtual CPU interface (GICv3, IHI 0069H chapter 6 and 12.4): the
 * hardware serves its ICC_* registers; we fill list registers. This release
 * gives a PD one interrupt, its virtual timer, always enabled.
 */
#include <mullion/vdev.h>

#include <arch/sysreg.h>
#include <mullion/bits.h>

#define ICH_HCR_EN       BIT(0)
#define ICH_LR_VINTID    GENMASK(31, 0)
#define ICH_LR_PINTID    GENMASK(44, 32)
#define ICH_LR_PRIORITY  GENMASK(55, 48)
#define ICH_LR_GROUP1    BIT(60)
#define ICH_LR_HW        BIT(61)
#define ICH_LR_STATE     GENMASK(63, 62)
enum { ICH_LR_PENDING = 1, VGIC_PRIORITY = 0xa0 };

void vgic_init(void)
{
	sysreg_write(ICH_VMCR_EL2, 0);
	sysreg_write(ICH_LR0_EL2, 0);
	sysreg_write(ICH_HCR_EL2, ICH_HCR_EN);
	arch_isb();
}

/*
 * The timer's list register is free whenever its interrupt arrives: the
 * physical one stays active, and cannot arrive again, until the PD deactivates
 * the virtual one (HW = 1).
 */
void vgic_inject_hw(uint32_t intid)
{
	sysreg_write(ICH_LR0_EL2, FIELD_PREP(ICH_LR_STATE, ICH_LR_PENDING) | ICH_LR_HW | ICH_LR_GROUP1 |
					  FIELD_PREP(ICH_LR_PRIORITY, VGIC_PRIORITY) |
					  FIELD_PREP(ICH_LR_PINTID, intid) | FIELD_PREP(ICH_LR_VINTID, intid));
	arch_isb();
}
