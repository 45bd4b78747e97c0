/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SMMUv3 event records by hand (IHI 0070, 7.3): word 0 has the type in bits
 * 7:0 and the StreamID in 63:32; word 1 has PnU 0x2_0000_0000, InD
 * 0x4_0000_0000, RnW 0x8_0000_0000 and S2 0x80_0000_0000; word 2 the address.
 */
#include "test.h"

#include "smmuv3_event.h"

enum { R = 1, W = 2, X = 4 };

static struct iommu_event decode(uint64_t word0, uint64_t word1, uint64_t word2)
{
	const uint64_t words[4] = { word0, word1, word2, 0xfff0000000000000 };

	return smmu_event_decode(words);
}

static void assert_event(struct iommu_event event, uint32_t stream, const char *reason, unsigned access, uint64_t iova)
{
	assert_int_equal(event.stream, stream);
	assert_string_equal(event.reason, reason);
	assert_true(event.has_addr);
	assert_int_equal(event.access, access);
	assert_int_equal(event.addr.iova, iova);
}

/* 7.3.13 */
static void translation_write(void **state)
{
	(void)state;
	assert_event(decode(0x0000011000000010, 0x0000008000000000, 0x40001008), 0x110, "F_TRANSLATION", W, 0x40001008);
}

static void translation_read(void **state)
{
	(void)state;
	assert_event(decode(0x0000000800000010, 0x0000008800000000, 0xfffffffffffff000), 8, "F_TRANSLATION", R,
		     0xfffffffffffff000);
}

/* A fetch is a read with InD set. */
static void translation_fetch(void **state)
{
	(void)state;
	assert_event(decode(0x0000000800000010, 0x0000008c00000000, 0x1000), 8, "F_TRANSLATION", X, 0x1000);
}

/* A write is one whatever InD says. */
static void write_ignores_ind(void **state)
{
	(void)state;
	assert_event(decode(0x0000000800000010, 0x0000008400000000, 0x1000), 8, "F_TRANSLATION", W, 0x1000);
}

/* PnU and the STAG of word 1 are not rights. */
static void other_bits_are_no_rights(void **state)
{
	(void)state;
	assert_event(decode(0x0000000800000010, 0x000000820000ffff, 0x1000), 8, "F_TRANSLATION", W, 0x1000);
	assert_event(decode(0x0000000800000010, 0x0000008a0000ffff, 0x1000), 8, "F_TRANSLATION", R, 0x1000);
}

/* 7.3.16. SSV and SubstreamID are in word 0, bits 11 and 31:12. */
static void permission(void **state)
{
	(void)state;
	assert_event(decode(0xffffffff12345813, 0, 0x80000000), 0xffffffff, "F_PERMISSION", W, 0x80000000);
}

/* 7.3.14, 7.3.15, 7.3.12 */
static void other_faults_with_address(void **state)
{
	(void)state;
	assert_event(decode(0x0000000100000011, 0, 0x2000), 1, "F_ADDR_SIZE", W, 0x2000);
	assert_event(decode(0x0000000100000012, 0, 0x2000), 1, "F_ACCESS", W, 0x2000);
	assert_event(decode(0x000000010000000b, 0, 0x2000), 1, "F_WALK_EABT", W, 0x2000);
}

/* 7.3.3: neither address nor rights; what stands in the other words is not reported. */
static void bad_stream(void **state)
{
	struct iommu_event event = decode(0x0000beef00000002, 0x0000000800000000, 0x12345000);

	(void)state;
	assert_int_equal(event.stream, 0xbeef);
	assert_string_equal(event.reason, "C_BAD_STREAMID");
	assert_false(event.has_addr);
	assert_int_equal(event.access, 0);
	assert_int_equal(event.addr.iova, 0);
}

/* 7.3: of what this release does not use, and an SMMU may send all the same. */
static void reasons_without_address(void **state)
{
	static const struct { uint8_t type; const char *name; } expected[] = {
		{ 0x03, "F_STE_FETCH" }, { 0x04, "C_BAD_STE" }, { 0x05, "F_BAD_ATS_TREQ" },
		{ 0x08, "C_BAD_SUBSTREAMID" },
		{ 0x09, "F_CD_FETCH" }, { 0x0a, "C_BAD_CD" }, { 0x21, "F_CFG_CONFLICT" }, { 0x24, "E_PAGE_REQUEST" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		struct iommu_event event = decode(0x0000000800000000 | expected[i].type, 0, 0x12345000);

		assert_string_equal(event.reason, expected[i].name);
		assert_false(event.has_addr);
	}
}

/* Types that the manual leaves to implementations, 0xe0 to 0xef, among others. */
static void unknown_type(void **state)
{
	struct iommu_event event = decode(0x00000008000000ef, 0x0000000800000000, 0x12345000);

	(void)state;
	assert_int_equal(event.stream, 8);
	assert_non_null(event.reason);
	assert_says(event.reason, "unknown");
	assert_false(event.has_addr);
	assert_int_equal(event.access, 0);
}

static void every_type_has_a_reason(void **state)
{
	(void)state;
	for (unsigned type = 0; type < 256; type++)
		assert_non_null(decode(type, 0, 0).reason);
}

int main(void)
{
	const struct CMUnitTest smmuv3_event[] = {
		cmocka_unit_test(translation_write), cmocka_unit_test(translation_read),
		cmocka_unit_test(translation_fetch), cmocka_unit_test(write_ignores_ind),
		cmocka_unit_test(other_bits_are_no_rights), cmocka_unit_test(permission),
		cmocka_unit_test(other_faults_with_address), cmocka_unit_test(bad_stream),
		cmocka_unit_test(reasons_without_address),
		cmocka_unit_test(unknown_type), cmocka_unit_test(every_type_has_a_reason),
	};

	return cmocka_run_group_tests(smmuv3_event, NULL, NULL);
}
