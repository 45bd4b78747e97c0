/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage 1 of the hypervisor's own regime (Arm ARM DDI 0487, D8.3): its leaves
 * and TCR_EL2, which the hypervisor takes as they are. MAIR_EL2 is asm.h's.
 */
#ifndef VMSA_S1_H
#define VMSA_S1_H

#include <arch/vmsa.h>

#define VMSA_S1_ATTR    GENMASK(4, 2)   /* index into MAIR */
#define VMSA_S1_AP1     BIT(6)          /* RES1 where there is one privilege level */
#define VMSA_S1_RO      BIT(7)

enum {
	VMSA_MAIR_NORMAL = 0,           /* our indices into MAIR_EL2 */
	VMSA_MAIR_DEVICE = 1,
};

/* Stage 1 of a regime with one privilege level (EL2 without VHE). */
static inline uint64_t vmsa_s1_leaf(unsigned level, uint64_t pa, unsigned access, enum vmsa_memory memory)
{
	uint64_t word = vmsa_leaf(level, pa) | VMSA_S1_AP1;

	if (!(access & ACCESS_W))
		word |= VMSA_S1_RO;
	if (!(access & ACCESS_X))
		word |= VMSA_XN;
	if (memory == VMSA_NORMAL)
		return word | FIELD_PREP(VMSA_S1_ATTR, VMSA_MAIR_NORMAL) | FIELD_PREP(VMSA_SH, VMSA_SH_INNER);
	return word | FIELD_PREP(VMSA_S1_ATTR, VMSA_MAIR_DEVICE);
}

/* TCR_EL2, HCR_EL2.E2H = 0: walks are write-back and inner shareable. */
static inline uint64_t vmsa_tcr(unsigned va_bits, unsigned pa_bits)
{
	return BIT(31) | BIT(23) | FIELD_PREP(GENMASK(5, 0), 64 - va_bits) | FIELD_PREP(GENMASK(9, 8), 1) |
	       FIELD_PREP(GENMASK(11, 10), 1) | FIELD_PREP(GENMASK(13, 12), VMSA_SH_INNER) |
	       FIELD_PREP(GENMASK(18, 16), vmsa_ps(pa_bits));
}

#endif
