/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SMMUv3 stream table: pure builders and readers of its words (IHI 0070, 5.1
 * and 5.2). The compiler builds with them, the boot audit reads with them.
 * Host-buildable. Bit numbers are those within the 64-bit word.
 */
#ifndef SMMUV3_STE_H
#define SMMUV3_STE_H

#include <arch/vmsa.h>
#include <mullion/bits.h>

enum {
	SMMU_STE_WORDS = 8,
	SMMU_STREAM_SPLIT = 8,                  /* streams of one bus share a level 2 table */
	SMMU_STREAMS_PER_L2 = 1 << SMMU_STREAM_SPLIT,
};

struct smmu_ste {
	uint64_t word[SMMU_STE_WORDS];
};
_Static_assert(sizeof(struct smmu_ste) == 64, "IHI 0070 5.2");

/* Level 1 descriptor (5.1): span n covers 2^(n - 1) entries; 0 is invalid. */
#define SMMU_L1_SPAN   GENMASK(4, 0)
#define SMMU_L1_L2PTR  GENMASK(51, 6)
enum { SMMU_L1_SPAN_FULL = SMMU_STREAM_SPLIT + 1 };

#define SMMU_STE0_V       BIT(0)
#define SMMU_STE0_CONFIG  GENMASK(3, 1)
enum { SMMU_STE_ABORT = 0, SMMU_STE_BYPASS = 4, SMMU_STE_STAGE2 = 6 };
#define SMMU_STE1_SHCFG   GENMASK(45, 44)
enum { SMMU_STE_SH_INCOMING = 1 };
#define SMMU_STE2_VMID    GENMASK(15, 0)
#define SMMU_STE2_VTCR    GENMASK(50, 32)       /* T0SZ to PS, as in the low bits of VTCR_EL2 */
#define SMMU_STE2_AA64    BIT(51)
#define SMMU_STE2_R       BIT(58)               /* record faults: without it a denial leaves no event */
#define SMMU_STE3_S2TTB   GENMASK(51, 4)

static inline uint64_t smmu_l1_desc(uint64_t l2)
{
	return (l2 & SMMU_L1_L2PTR) | FIELD_PREP(SMMU_L1_SPAN, SMMU_L1_SPAN_FULL);
}

/* Denies silently: an undeclared function cannot fill the event queue. */
static inline struct smmu_ste smmu_ste_abort(void)
{
	return (struct smmu_ste){ { SMMU_STE0_V | FIELD_PREP(SMMU_STE0_CONFIG, SMMU_STE_ABORT) } };
}

/* Everything of a stage 2 entry but the address of its table, which the linker knows. */
static inline struct smmu_ste smmu_ste_stage2(unsigned vmid, unsigned iova_bits, unsigned pa_bits)
{
	return (struct smmu_ste){ {
		SMMU_STE0_V | FIELD_PREP(SMMU_STE0_CONFIG, SMMU_STE_STAGE2),
		FIELD_PREP(SMMU_STE1_SHCFG, SMMU_STE_SH_INCOMING),
		FIELD_PREP(SMMU_STE2_VMID, vmid) | FIELD_PREP(SMMU_STE2_VTCR, vmsa_vtcr(iova_bits, pa_bits)) |
			SMMU_STE2_AA64 | SMMU_STE2_R,
	} };
}

#endif
