/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VMSAv8-64 words against values by hand (Arm ARM DDI 0487, D8.3). Bits of a
 * leaf: 0x1 valid, 0x2 page or table, 0x400 AF, 0x300 inner shareable, bit 54
 * XN. Stage 1: 0x40 AP[1], 0x80 AP[2] read-only, AttrIndx from bit 2. Stage 2:
 * MemAttr from bit 2 (0xf write-back is 0x3c), 0x40 readable, 0x80 writable.
 */
#include "test.h"

#include <arch/asm.h>

#include "vmsa_s1.h"

enum { R = 1, W = 2, RW = 3, X = 4, RX = 5, RWX = 7 };

/* D8.3.1.2: AF, SH and AP in a block (level 1: 1 GiB, level 2: 2 MiB) and a page. */
/* S2AP is bits 7 and 6, XN is bit 54 (D8.4, stage 2). */
static unsigned s2_access(uint64_t word)
{
	return (word & 0x40 ? R : 0u) | (word & 0x80 ? W : 0u) | (word & 0x0040000000000000 ? 0u : X);
}

static void s1_normal(void **state)
{
	(void)state;
	assert_int_equal(vmsa_s1_leaf(1, 0x40000000, RX, VMSA_NORMAL), 0x00000000400007c1);
	assert_int_equal(vmsa_s1_leaf(2, 0x40200000, RX, VMSA_NORMAL), 0x00000000402007c1);
	assert_int_equal(vmsa_s1_leaf(3, 0x40201000, RX, VMSA_NORMAL), 0x00000000402017c3);
	assert_int_equal(vmsa_s1_leaf(1, 0x40000000, R, VMSA_NORMAL), 0x00400000400007c1);
	assert_int_equal(vmsa_s1_leaf(2, 0x40200000, R, VMSA_NORMAL), 0x00400000402007c1);
	assert_int_equal(vmsa_s1_leaf(3, 0x40201000, R, VMSA_NORMAL), 0x00400000402017c3);
	assert_int_equal(vmsa_s1_leaf(1, 0x40000000, RW, VMSA_NORMAL), 0x0040000040000741);
	assert_int_equal(vmsa_s1_leaf(2, 0x40200000, RW, VMSA_NORMAL), 0x0040000040200741);
	assert_int_equal(vmsa_s1_leaf(3, 0x40201000, RW, VMSA_NORMAL), 0x0040000040201743);
}

/* AttrIndx 1 (0x4), not shareable, never executable. */
static void s1_device(void **state)
{
	(void)state;
	assert_int_equal(vmsa_s1_leaf(1, 0x40000000, RW, VMSA_DEVICE), 0x0040000040000445);
	assert_int_equal(vmsa_s1_leaf(2, 0x09000000, RW, VMSA_DEVICE), 0x0040000009000445);
	assert_int_equal(vmsa_s1_leaf(3, 0x09050000, RW, VMSA_DEVICE), 0x0040000009050447);
	assert_int_equal(vmsa_s1_leaf(3, 0x09050000, R, VMSA_DEVICE), 0x00400000090504c7);
}

/* D8.3.1.2 and D8.6.5: S2AP and MemAttr. */
static void s2_normal(void **state)
{
	(void)state;
	assert_int_equal(vmsa_s2_leaf(3, 0x140001000, R, VMSA_NORMAL), 0x004000014000177f);
	assert_int_equal(vmsa_s2_leaf(3, 0x140001000, W, VMSA_NORMAL), 0x00400001400017bf);
	assert_int_equal(vmsa_s2_leaf(3, 0x140001000, RW, VMSA_NORMAL), 0x00400001400017ff);
	assert_int_equal(vmsa_s2_leaf(3, 0x140001000, RWX, VMSA_NORMAL), 0x00000001400017ff);
	assert_int_equal(vmsa_s2_leaf(2, 0x140200000, RW, VMSA_NORMAL), 0x00400001402007fd);
	assert_int_equal(vmsa_s2_leaf(2, 0x140200000, RWX, VMSA_NORMAL), 0x00000001402007fd);
	assert_int_equal(vmsa_s2_leaf(1, 0x140000000, R, VMSA_NORMAL), 0x004000014000077d);
	assert_int_equal(vmsa_s2_leaf(1, 0x140000000, RWX, VMSA_NORMAL), 0x00000001400007fd);
}

static void s2_device(void **state)
{
	(void)state;
	assert_int_equal(vmsa_s2_leaf(3, 0x10000000, RW, VMSA_DEVICE), 0x00400000100004c3);
	assert_int_equal(vmsa_s2_leaf(2, 0x10000000, RW, VMSA_DEVICE), 0x00400000100004c1);
	assert_int_equal(vmsa_s2_leaf(1, 0x40000000, R, VMSA_DEVICE), 0x0040000040000441);
}

/* No rights: valid, and no access is permitted. */
static void s2_without_rights(void **state)
{
	(void)state;
	assert_int_equal(vmsa_s2_leaf(3, 0x1000, 0, VMSA_NORMAL), 0x004000000000173f);
}

/* MAIR: byte 0 0xff normal write-back, byte 1 0x00 Device-nGnRnE. */
static void mair(void **state)
{
	(void)state;
	assert_int_equal(VMSA_MAIR_VALUE, 0x00ff);
}

/*
 * TCR_EL2: RES1 0x80800000, T0SZ, IRGN0 0x100, ORGN0 0x400, SH0
 * 0x3000, PS from bit 16. 39 bits: T0SZ 0x19; 48 bits: 0x10.
 */
static void tcr(void **state)
{
	(void)state;
	assert_int_equal(vmsa_tcr(39, 40), 0x80823519);
	assert_int_equal(vmsa_tcr(39, 32), 0x80803519);
	assert_int_equal(vmsa_tcr(48, 48), 0x80853510);
}

/* VTCR_EL2: RES1 0x80000000, as TCR with SL0 from bit 6. */
static void vtcr(void **state)
{
	(void)state;
	assert_int_equal(vmsa_vtcr(39, 40), 0x80023559);
	assert_int_equal(vmsa_vtcr(30, 32), 0x80003522);
	assert_int_equal(vmsa_vtcr(48, 48), 0x80053590);
}

/* D8.2.1: a page of 512 entries at level 2 covers 30 bits, at level 1 39, at level 0 48. */
static void start_level(void **state)
{
	static const struct { unsigned bits, level, sl0; } rows[] = {
		{ 25, 2, 0 }, { 30, 2, 0 }, { 31, 1, 1 }, { 39, 1, 1 }, { 40, 0, 2 }, { 48, 0, 2 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(vmsa_start_level(rows[i].bits), rows[i].level);
		assert_int_equal(vmsa_sl0(rows[i].bits), rows[i].sl0);
	}
}

/* TCR_ELx.PS: 32, 36, 40, 42, 44, 48 bits. Never fewer than asked for. */
static void physical_size(void **state)
{
	static const struct { unsigned bits, ps, of_ps; } rows[] = {
		{ 32, 0, 32 }, { 33, 1, 36 }, { 36, 1, 36 }, { 37, 2, 40 }, { 40, 2, 40 }, { 41, 3, 42 },
		{ 42, 3, 42 }, { 43, 4, 44 }, { 44, 4, 44 }, { 45, 5, 48 }, { 48, 5, 48 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(vmsa_ps(rows[i].bits), rows[i].ps);
		assert_int_equal(vmsa_ps_bits(rows[i].ps), rows[i].of_ps);
	}
}

/* D8.2.1: bits 47:39, 38:30, 29:21, 20:12 of the input address. */
static void shifts(void **state)
{
	(void)state;
	assert_int_equal(vmsa_shift(0), 39);
	assert_int_equal(vmsa_shift(1), 30);
	assert_int_equal(vmsa_shift(2), 21);
	assert_int_equal(vmsa_shift(3), 12);
}

static void readers_invert_leaves(void **state)
{
	(void)state;
	for (unsigned level = 1; level <= 3; level++) {
		for (unsigned access = 0; access <= RWX; access++) {
			uint64_t word = vmsa_s2_leaf(level, 0xabc0000000, access, VMSA_NORMAL);

			assert_true(vmsa_is_valid(word));
			assert_false(vmsa_is_table(level, word));
			assert_int_equal(vmsa_address(word), 0xabc0000000);
			assert_int_equal(s2_access(word), access);
		}
	}
}

/* At level 3 bit 1 says page, not table. */
static void readers_invert_tables(void **state)
{
	uint64_t word = 0x0000fffffffff003;

	(void)state;
	assert_true(vmsa_is_valid(word));
	assert_true(vmsa_is_table(0, word));
	assert_true(vmsa_is_table(1, word));
	assert_true(vmsa_is_table(2, word));
	assert_false(vmsa_is_table(3, word));
	assert_int_equal(vmsa_address(word), 0x0000fffffffff000);
	assert_false(vmsa_is_valid(0));
	assert_false(vmsa_is_valid(0xfffffffffffffffe));
}

/* The output address ends at bit 47: attributes above it are none of it. */
static void reader_drops_attributes(void **state)
{
	(void)state;
	assert_int_equal(vmsa_address(0xffff000000000fff), 0);
	assert_int_equal(s2_access(0x00400000000007fd), RW);
	assert_int_equal(s2_access(0x00000000000007fd), RWX);
	assert_int_equal(s2_access(0x000000000000073d), X);
}

int main(void)
{
	const struct CMUnitTest vmsa[] = {
		cmocka_unit_test(s1_normal), cmocka_unit_test(s1_device),
		cmocka_unit_test(s2_normal), cmocka_unit_test(s2_device), cmocka_unit_test(s2_without_rights),
		cmocka_unit_test(mair),
		cmocka_unit_test(tcr), cmocka_unit_test(vtcr),
		cmocka_unit_test(start_level), cmocka_unit_test(physical_size), cmocka_unit_test(shifts),
		cmocka_unit_test(readers_invert_leaves), cmocka_unit_test(readers_invert_tables),
		cmocka_unit_test(reader_drops_attributes),
	};

	return cmocka_run_group_tests(vmsa, NULL, NULL);
}
