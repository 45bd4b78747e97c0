/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual interface control registers (IHI 0069H, 12.4) behind vgic_lr.c, apart so that it is tested on the host. */
#ifndef ARCH_VGIC_HW_H
#define ARCH_VGIC_HW_H

#include <arch/sysreg.h>
#include <mullion/bits.h>
#include <mullion/types.h>

#define ICH_VTR_LISTREGS GENMASK(4, 0)          /* how many, less one */
#define ICH_VTR_PREBITS  GENMASK(28, 26)        /* likewise */
#define ICH_VMCR_VEOIM   BIT(9)
#define ICH_HCR_EOICOUNT GENMASK(31, 27)

/* List register `n`, below 16, is named by the instruction: into a row, of eight bytes each with the way out. */
#define VGIC_HW_LR_BANK(access, bank) \
	access(bank "0") access(bank "1") access(bank "2") access(bank "3") \
	access(bank "4") access(bank "5") access(bank "6") access(bank "7")
#define VGIC_HW_LR_ROW(access) \
	"adr %0, 1f\n\tadd %0, %0, %2, lsl #3\n\tbr %0\n1:\n\t" \
	VGIC_HW_LR_BANK(access, "S3_4_C12_C12_") VGIC_HW_LR_BANK(access, "S3_4_C12_C13_") "2:"
#define VGIC_HW_LR_READ(lr)  "mrs %1, " lr "\n\tb 2f\n\t"
#define VGIC_HW_LR_WRITE(lr) "msr " lr ", %1\n\tb 2f\n\t"

static inline uint64_t vgic_hw_lr_read(unsigned n)
{
	uint64_t at, value;

	__asm__ volatile(VGIC_HW_LR_ROW(VGIC_HW_LR_READ) : "=&r"(at), "=r"(value) : "r"((uint64_t)n & 15));
	return value;
}

static inline void vgic_hw_lr_write(unsigned n, uint64_t value)
{
	uint64_t at;

	__asm__ volatile(VGIC_HW_LR_ROW(VGIC_HW_LR_WRITE) : "=&r"(at) : "r"(value), "r"((uint64_t)n & 15) : "memory");
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

/* No group enabled, no priority active. Of five preemption bits, which is a verdict: more have more registers. */
static inline void vgic_hw_reset(void)
{
	sysreg_write(ICH_VMCR_EL2, 0);
	sysreg_write(ICH_AP0R0_EL2, 0);
	sysreg_write(ICH_AP1R0_EL2, 0);
}

#endif
