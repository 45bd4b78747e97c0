/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VMSAv8-64 translation tables, 4 KiB granule: pure builders and readers of
 * descriptor words (Arm ARM DDI 0487, D8.3) and of the register that points at
 * them. Used by the compiler, which makes the tables, and by the hypervisor,
 * which only reads them, and none of stage 1: those are the compiler's alone.
 * SMMUv3 stage 2 uses the same descriptors (IHI 0070, 3.4). Host-buildable.
 * Arguments are checked by the compiler's rules.
 */
#ifndef ARCH_VMSA_H
#define ARCH_VMSA_H

#include <mullion/bits.h>
#include <mullion/types.h>

/* Blocks are from level 1 on, of 1 GiB; level 0 has none. */
enum { VMSA_ENTRIES = 512, VMSA_LAST_LEVEL = 3, VMSA_FIRST_BLOCK_LEVEL = 1 };

enum vmsa_memory {
	VMSA_NORMAL,            /* write-back cacheable, inner shareable */
	VMSA_DEVICE,            /* nGnRnE */
};

#define VMSA_VALID      BIT(0)
#define VMSA_TABLE      BIT(1)          /* levels 0 to 2; set for a page at level 3 */
#define VMSA_S2_MEMATTR GENMASK(5, 2)
#define VMSA_S2_AP      GENMASK(7, 6)   /* ACCESS_R and ACCESS_W, as they are numbered */
#define VMSA_SH         GENMASK(9, 8)
#define VMSA_AF         BIT(10)
#define VMSA_ADDR       GENMASK(47, 12)
#define VMSA_XN         BIT(54)

enum { VMSA_SH_INNER = 3, VMSA_S2_NORMAL_WB = 0xf, VMSA_S2_DEVICE_NGNRNE = 0x0 };

static inline unsigned vmsa_shift(unsigned level) { return 39 - 9 * level; }

/* First level of a table for `bits` of input address whose root is one page. */
static inline unsigned vmsa_start_level(unsigned bits) { return bits > 39 ? 0 : bits > 30 ? 1 : 2; }

static inline uint64_t vmsa_leaf(unsigned level, uint64_t pa)
{
	return pa | VMSA_AF | VMSA_VALID | (level == VMSA_LAST_LEVEL ? VMSA_TABLE : 0);
}

static inline uint64_t vmsa_s2_leaf(unsigned level, uint64_t pa, unsigned access, enum vmsa_memory memory)
{
	uint64_t word = vmsa_leaf(level, pa) | FIELD_PREP(VMSA_S2_AP, access) | (access & ACCESS_X ? 0 : VMSA_XN);

	if (memory == VMSA_NORMAL)
		return word | FIELD_PREP(VMSA_S2_MEMATTR, VMSA_S2_NORMAL_WB) | FIELD_PREP(VMSA_SH, VMSA_SH_INNER);
	return word | FIELD_PREP(VMSA_S2_MEMATTR, VMSA_S2_DEVICE_NGNRNE);
}

static inline bool vmsa_is_valid(uint64_t word) { return word & VMSA_VALID; }

static inline bool vmsa_is_table(unsigned level, uint64_t word)
{
	return level < VMSA_LAST_LEVEL && (word & VMSA_TABLE);
}

static inline uint64_t vmsa_address(uint64_t word) { return word & VMSA_ADDR; }

/* Output address size as TCR_ELx.PS, VTCR_EL2.PS and STE.S2PS encode it. */
static inline unsigned vmsa_ps(unsigned pa_bits)
{
	return pa_bits <= 32 ? 0 : pa_bits <= 36 ? 1 : pa_bits <= 40 ? 2 : pa_bits <= 42 ? 3 : pa_bits <= 44 ? 4 : 5;
}

/* The reverse, for ID registers that count the same way. */
static inline unsigned vmsa_ps_bits(unsigned ps)
{
	return ps == 0 ? 32 : ps == 1 ? 36 : ps == 2 ? 40 : ps == 3 ? 42 : ps == 4 ? 44 : 48;
}

/* Start level of stage 2 as VTCR_EL2.SL0 and STE.S2SL0 encode it. */
static inline unsigned vmsa_sl0(unsigned ipa_bits) { return 2 - vmsa_start_level(ipa_bits); }

/* VTCR_EL2: walks are write-back and inner shareable. */
static inline uint64_t vmsa_vtcr(unsigned ipa_bits, unsigned pa_bits)
{
	return BIT(31) | FIELD_PREP(GENMASK(5, 0), 64 - ipa_bits) | FIELD_PREP(GENMASK(7, 6), vmsa_sl0(ipa_bits)) |
	       FIELD_PREP(GENMASK(9, 8), 1) | FIELD_PREP(GENMASK(11, 10), 1) |
	       FIELD_PREP(GENMASK(13, 12), VMSA_SH_INNER) | FIELD_PREP(GENMASK(18, 16), vmsa_ps(pa_bits));
}

#endif
