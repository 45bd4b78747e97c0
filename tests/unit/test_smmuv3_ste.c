/* SPDX-License-Identifier: Apache-2.0 */
/* SMMUv3 stream table words against values by hand (IHI 0070, 5.1 and 5.2). */
#include "test.h"

#include "smmuv3_ste.h"

/* 5.2: V is bit 0 of word 0, Config bits 3:1. */
static unsigned config_of(const struct smmu_ste *ste) { return (unsigned)(ste->word[0] >> 1) & 7; }

/* Valid, Config 0b000: aborts and records no event. */
static void abort_entry(void **state)
{
	struct smmu_ste ste = smmu_ste_abort();

	(void)state;
	assert_int_equal(ste.word[0], 0x1);
	for (unsigned i = 1; i < 8; i++)
		assert_int_equal(ste.word[i], 0);
}

/*
 * Word 0: V, Config 0b110: 0xd. Word 1: SHCFG (bits 45:44) 0b01, incoming.
 * Word 2 from bit 32: S2T0SZ 5:0, S2SL0 7:6, S2IR0 9:8 = 1, S2OR0 11:10 = 1,
 * S2SH0 13:12 = 3, S2TG 15:14 = 0 (4 KiB), S2PS 18:16, S2AA64 19, S2R 26.
 * 39 bits in: T0SZ 0x19, SL0 1, together 0x59. 44 bits out: PS 4, with AA64 0xc.
 */
static void stage2_entry(void **state)
{
	struct smmu_ste ste = smmu_ste_stage2(0x11, 39, 44);

	(void)state;
	assert_int_equal(ste.word[0], 0xd);
	assert_int_equal(ste.word[1], 0x0000100000000000);
	assert_int_equal(ste.word[2], 0x040c355900000011);
	for (unsigned i = 3; i < 8; i++)
		assert_int_equal(ste.word[i], 0);
}

/* 30 bits: T0SZ 0x22, SL0 0. 48 bits: T0SZ 0x10, SL0 2, together 0x90. 32, 40, 48 out: PS 0, 2, 5. */
static void stage2_sizes(void **state)
{
	(void)state;
	assert_int_equal(smmu_ste_stage2(1, 30, 32).word[2], 0x0408352200000001);
	assert_int_equal(smmu_ste_stage2(0xffff, 48, 48).word[2], 0x040d35900000ffff);
	assert_int_equal(smmu_ste_stage2(0xff, 39, 40).word[2], 0x040a3559000000ff);
}

/* Config 0b100 would be bypass, 0b101 stage 1 alone; it is 0b110, stage 2 alone, whatever the sizes. */
static void stage2_never_bypasses(void **state)
{
	(void)state;
	for (unsigned bits = 25; bits <= 48; bits++) {
		struct smmu_ste ste = smmu_ste_stage2(bits, bits, bits < 32 ? 32 : bits);

		assert_int_equal(config_of(&ste), 6);
		assert_int_equal(ste.word[0] & 1, 1);
	}
}

/* Bit 58 of word 2 is S2R, 57 S2S: faults are recorded, never stalled. Bit 51 AArch64. */
static void stage2_terminates_and_records(void **state)
{
	uint64_t word = smmu_ste_stage2(1, 39, 40).word[2];

	(void)state;
	assert_int_equal(word >> 58 & 1, 1);
	assert_int_equal(word >> 57 & 1, 0);
	assert_int_equal(word >> 51 & 1, 1);
}

/* 5.1: Span is bits 4:0, 2^(Span - 1) entries: 256 is 9. L2Ptr is bits 51:6. */
static void level1_descriptor(void **state)
{
	(void)state;
	assert_int_equal(smmu_l1_desc(0x41204000), 0x41204009);
	assert_int_equal(smmu_l1_desc(0x000fffffffffc000), 0x000fffffffffc009);
}

/* The last word of a declared stream: S2TTB is bits 51:4 of word 3. */
static void table_field(void **state)
{
	(void)state;
	assert_int_equal(SMMU_STE3_S2TTB, 0x000ffffffffffff0);
}

int main(void)
{
	const struct CMUnitTest smmuv3_ste[] = {
		cmocka_unit_test(abort_entry), cmocka_unit_test(stage2_entry), cmocka_unit_test(stage2_sizes),
		cmocka_unit_test(stage2_never_bypasses), cmocka_unit_test(stage2_terminates_and_records),
		cmocka_unit_test(level1_descriptor), cmocka_unit_test(table_field),
	};

	return cmocka_run_group_tests(smmuv3_ste, NULL, NULL);
}
