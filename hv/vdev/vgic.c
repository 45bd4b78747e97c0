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
#define ICH_VTR_LISTREGS GENMASK(4, 0)          /* how many, less one */
#define ICH_LR_VINTID    GENMASK(31, 0)
#define ICH_LR_PINTID    GENMASK(44, 32)
#define ICH_LR_PRIORITY  GENMASK(55, 48)
#define ICH_LR_GROUP1    BIT(60)
#define ICH_LR_HW        BIT(61)
#define ICH_LR_STATE     GENMASK(63, 62)
enum { ICH_LR_PENDING = 1, VGIC_PRIORITY = 0xa0 };

/* List registers 0 to 7 are in bank 12, 8 to 15 in bank 13. Firmware may have left a pending one. */
#define VGIC_CLEAR(bank, n) if (count > (bank - 12) * 8 + n) sysreg_write(S3_4_C12_C##bank##_##n, 0);
#define VGIC_CLEAR_BANK(bank) \
	VGIC_CLEAR(bank, 0) VGIC_CLEAR(bank, 1) VGIC_CLEAR(bank, 2) VGIC_CLEAR(bank, 3) \
	VGIC_CLEAR(bank, 4) VGIC_CLEAR(bank, 5) VGIC_CLEAR(bank, 6) VGIC_CLEAR(bank, 7)

void vgic_init(void)
{
	uint64_t count = FIELD_GET(ICH_VTR_LISTREGS, sysreg_read(ICH_VTR_EL2)) + 1;

	sysreg_write(ICH_VMCR_EL2, 0);
	sysreg_write(ICH_AP0R0_EL2, 0);
	sysreg_write(ICH_AP1R0_EL2, 0);
	VGIC_CLEAR_BANK(12)
	VGIC_CLEAR_BANK(13)
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
