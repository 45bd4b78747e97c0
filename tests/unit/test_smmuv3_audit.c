/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The boot audit over tables in this program's memory: good ones give only good
 * verdicts, each single change a bad one. Words are by hand (IHI 0070, 5.1 and
 * 5.2; Arm ARM DDI 0487, D8.3).
 */
#include "fake_smmu.h"
#include "fake_verdict.h"
#include "test.h"

#include <mullion/iommu.h>
#include <mullion/table.h>

enum { WORDS = 512, STE_WORDS = 8 };

/* Pages of the constants. A level 2 stream table takes four. */
enum {
	STREAMS = 0,
	STREAMS_COPY = 1,
	BUS_0 = 4,
	BUS_1 = 8,
	A_ROOT = 12,
	A_LEVEL2 = 13,
	A_LEVEL3 = 14,
	B_ROOT = 15,
	B_LEVEL2 = 16,
	B_LEVEL3 = 17,
	CONSTANTS_PAGES = 18,
};

static _Alignas(16384) uint64_t constants[CONSTANTS_PAGES * WORDS];
/* The same content where the constants are not. */
static _Alignas(16384) uint64_t outside[CONSTANTS_PAGES * WORDS];

#define AT(page, word) constants[(page) * WORDS + (word)]
#define ADDRESS(page)  ((uintptr_t)&constants[(page) * WORDS])
#define OUTSIDE(page)  ((uintptr_t)&outside[(page) * WORDS])

/* Leaf attributes: XN, AF, inner shareable, write-back 0x3c, R 0x40, W 0x80, valid, page 0x2. */
#define RW_BLOCK 0x00400000000007fd
#define RO_BLOCK 0x004000000000077d
#define RW_PAGE  0x00400000000007ff
#define RO_PAGE  0x004000000000077f
#define WO_PAGE  0x00400000000007bf
#define RX_PAGE  0x000000000000077f
/* Device memory nGnRnE, not shareable: XN, AF, W, page. */
#define DOORBELL 0x0040000000000483

/* Word 2 of an entry for 39 bits in and 44 out, see test_smmuv3_ste.c; the VMID is its low bits. */
#define STE2 0x040c355900000000
#define STE_BYPASS 0x9
#define STE_STAGE2 0xd

static const struct table_window a_windows[] = {
	{ .iova = { 0x40000000 }, .pa = { 0x140000000 }, .size = 0x200000, .dma = ACCESS_R | ACCESS_W },
	{ .iova = { 0x40200000 }, .pa = { 0x48001000 }, .size = 0x2000, .dma = ACCESS_R },
	{ .iova = { 0x40202000 }, .pa = { 0x50000000 }, .size = 0x1000, .dma = ACCESS_W },
};
static const struct table_window b_windows[] = {
	{ .iova = { 0x80000000 }, .pa = { 0x200000000 }, .size = 0x40000000, .dma = ACCESS_R | ACCESS_W },
};
/* The last two share their requester. */
static struct table_function functions[] = {
	{ 0 },
	{ .name = "0000:00:01.0", .pd = 1, .stream = 0x008, .vmid = 0x11, .windows = a_windows, .window_count = 3 },
	{ .name = "0000:01:02.0", .pd = 1, .stream = 0x110, .vmid = 0x12, .windows = b_windows, .window_count = 1,
	  .has_doorbell = true, .doorbell = { 0x08010000 } },
	{ .name = "0000:01:03.0", .pd = 1, .stream = 0x110, .vmid = 0x12, .windows = b_windows, .window_count = 1,
	  .has_doorbell = true, .doorbell = { 0x08010000 } },
};

const struct table table = {
	.ipa_bits = 39,
	.pa_bits = 44,
	.constants = { { (uintptr_t)constants }, sizeof(constants) },
	.irqchip = { .doorbell = { 0x08090000 } },
	.iommu = { .base = { 0x09050000 }, .device_root = { (uintptr_t)constants }, .id_bits = 10, .pa_bits = 44 },
	.functions = functions,
	.function_count = ARRAY_SIZE(functions),
};

static uint64_t *ste(unsigned bus, unsigned index) { return &AT(bus, index * STE_WORDS); }

static void build_stream(uint64_t *entry, unsigned vmid, uint64_t root)
{
	entry[0] = STE_STAGE2;
	entry[1] = 0x0000100000000000;
	entry[2] = STE2 | vmid;
	entry[3] = root;
}

static void build_streams(void)
{
	AT(STREAMS, 0) = ADDRESS(BUS_0) | 9;
	AT(STREAMS, 1) = ADDRESS(BUS_1) | 9;
	for (unsigned i = 0; i < 256; i++)
		*ste(BUS_0, i) = *ste(BUS_1, i) = 1;
	build_stream(ste(BUS_0, 0x08), 0x11, ADDRESS(A_ROOT));
	build_stream(ste(BUS_1, 0x10), 0x12, ADDRESS(B_ROOT));
}

static void build_translations(void)
{
	AT(A_ROOT, 1) = ADDRESS(A_LEVEL2) | 3;
	AT(A_LEVEL2, 0) = 0x140000000 | RW_BLOCK;
	AT(A_LEVEL2, 1) = ADDRESS(A_LEVEL3) | 3;
	AT(A_LEVEL3, 0) = 0x48001000 | RO_PAGE;
	AT(A_LEVEL3, 1) = 0x48002000 | RO_PAGE;
	AT(A_LEVEL3, 2) = 0x50000000 | WO_PAGE;
	AT(B_ROOT, 2) = 0x200000000 | RW_BLOCK;
	AT(B_ROOT, 0) = ADDRESS(B_LEVEL2) | 3;
	AT(B_LEVEL2, 0x40) = ADDRESS(B_LEVEL3) | 3;
	AT(B_LEVEL3, 0x10) = 0x08090000 | DOORBELL;
}

/* The registers are as the driver itself leaves them. */
static int fresh(void **state)
{
	(void)state;
	functions[3].window_count = 1;
	functions[3].vmid = 0x12;
	memset(constants, 0, sizeof(constants));
	build_streams();
	build_translations();
	memcpy(outside, constants, sizeof(constants));
	fake_smmu_reset();
	if (iommu_deny() != IOMMU_DENIES)
		return -1;
	iommu_enable();
	fake_trace_reset();
	verdicts_reset();
	return 0;
}

static void good(void **state)
{
	(void)state;
	iommu_audit();
	assert_all_good();
	assert_int_equal(next_of(TRACE_WRITE, 0), SIZE_MAX);
}

/* The walk goes through the last entry of each table. */
static void last_entries_are_seen(void **state)
{
	uint64_t *const last[] = {
		&AT(A_ROOT, 511), &AT(A_LEVEL2, 511), &AT(A_LEVEL3, 511), &AT(B_ROOT, 511),
		ste(BUS_0, 255), ste(BUS_1, 255),
	};

	for (size_t i = 0; i < ARRAY_SIZE(last); i++) {
		fresh(state);
		*last[i] = RW_PAGE;
		iommu_audit();
		assert_true(verdicts_bad() > 0);
	}
}

struct change {
	const char *name;
	uint64_t *word;
	uint64_t value;
	const char *verdict;    /* part of the name of one that must be bad */
};

#define A_STE(n) &AT(BUS_0, 0x08 * STE_WORDS + (n))
#define B_STE(n) &AT(BUS_1, 0x10 * STE_WORDS + (n))

static const struct change changes[] = {
	{ "pages widened to a 2 MiB block", &AT(A_LEVEL2, 1), 0x48000000 | RO_BLOCK, "leaves" },
	{ "block widened to 1 GiB", &AT(A_ROOT, 1), 0x140000000 | RW_BLOCK, "leaves" },
	{ "block widened, last of its window", &AT(B_ROOT, 3), 0x240000000 | RW_BLOCK, "leaves" },
	{ "wrong address, page", &AT(A_LEVEL3, 0), 0x48009000 | RO_PAGE, "leaves" },
	{ "wrong address, neighbour's page", &AT(A_LEVEL3, 0), 0x48002000 | RO_PAGE, "leaves" },
	{ "wrong address, block", &AT(A_LEVEL2, 0), 0x140200000 | RW_BLOCK, "leaves" },
	{ "wrong address, 1 GiB block", &AT(B_ROOT, 2), 0x240000000 | RW_BLOCK, "leaves" },
	{ "wrong address, bits below the block", &AT(A_LEVEL2, 0), 0x140001000 | RW_BLOCK, "leaves" },
	{ "extra page after a window", &AT(A_LEVEL3, 3), 0x50001000 | WO_PAGE, "leaves" },
	{ "extra block", &AT(A_LEVEL2, 2), 0x140200000 | RW_BLOCK, "leaves" },
	{ "extra 1 GiB block at 0", &AT(B_ROOT, 0), 0x0 | RW_BLOCK, "leaves" },
	{ "missing page", &AT(A_LEVEL3, 1), 0, "bytes" },
	{ "missing block", &AT(A_LEVEL2, 0), 0, "bytes" },
	{ "missing table", &AT(A_LEVEL2, 1), 0, "bytes" },
	{ "wrong rights, write to read", &AT(A_LEVEL3, 0), 0x48001000 | RW_PAGE, "leaves" },
	{ "wrong rights, fetch", &AT(A_LEVEL3, 0), 0x48001000 | RX_PAGE, "leaves" },
	{ "wrong rights, read of write-only", &AT(A_LEVEL3, 2), 0x50000000 | RW_PAGE, "leaves" },
	{ "wrong rights, fewer", &AT(A_LEVEL2, 0), 0x140000000 | RO_BLOCK, "leaves" },
	{ "reserved leaf at level 3", &AT(A_LEVEL3, 0), 0x48001000 | RO_BLOCK, "leaves" },
	{ "no doorbell", &AT(B_LEVEL3, 0x10), 0, "bytes" },
	{ "doorbell on the control page", &AT(B_LEVEL3, 0x10), 0x08080000 | DOORBELL, "leaves" },
	{ "doorbell that can be read", &AT(B_LEVEL3, 0x10), 0x08090000 | DOORBELL | 0x40, "leaves" },
	{ "doorbell as memory", &AT(B_LEVEL3, 0x10), 0x08090000 | WO_PAGE, "leaves" },
	{ "page behind the doorbell", &AT(B_LEVEL3, 0x11), 0x08091000 | DOORBELL, "leaves" },
	{ "doorbell widened to a block", &AT(B_LEVEL2, 0x40), 0x08000000 | (DOORBELL & ~UINT64_C(2)), "leaves" },
	{ "doorbell of one that has none", &AT(A_LEVEL3, 3), 0x08090000 | DOORBELL, "leaves" },
	{ "undeclared stream bypasses", &AT(BUS_0, 5 * STE_WORDS), STE_BYPASS, "undeclared" },
	{ "undeclared stream translates", &AT(BUS_1, 255 * STE_WORDS), STE_STAGE2, "undeclared" },
	{ "undeclared bus with a bus's table", &AT(STREAMS, 2), ADDRESS(BUS_0) + 9, "undeclared" },
	{ "declared stream bypasses", A_STE(0), STE_BYPASS, "stream-entry" },
	{ "declared stream aborts", A_STE(0), 1, "stream-entry" },
	{ "declared stream with stage 1", A_STE(0), 0xf, "stream-entry" },
	{ "entry with ATS", A_STE(1), 0x0000100000000000 | 1u << 28, "stream-entry" },
	{ "wrong VMID", A_STE(2), STE2 | 0x12, "stream-entry" },
	{ "faults not recorded", B_STE(2), (STE2 & ~(UINT64_C(1) << 58)) | 0x12, "stream-entry" },
	{ "wider input", A_STE(2), (STE2 & ~(UINT64_C(0x3f) << 32)) | UINT64_C(0x18) << 32 | 0x11, "stream-entry" },
	{ "secure bits beside the root", A_STE(3), ADDRESS(A_ROOT) + 0x8000000000000000, "stream-entry" },
	{ "later word of the entry", A_STE(6), 1, "stream-entry" },
	{ "root outside the constants", A_STE(3), OUTSIDE(A_ROOT), "leaves" },
	{ "root before the constants", A_STE(3), 0x1000, "leaves" },
	{ "root of another function", A_STE(3), ADDRESS(B_ROOT), "leaves" },
	{ "no root", A_STE(3), 0, "leaves" },
	{ "level 2 table outside the constants", &AT(A_ROOT, 1), OUTSIDE(A_LEVEL2) + 3, "leaves" },
	{ "level 3 table outside the constants", &AT(A_LEVEL2, 1), OUTSIDE(A_LEVEL3) + 3, "leaves" },
	{ "level 3 table just past the end", &AT(A_LEVEL2, 1),
	  ADDRESS(CONSTANTS_PAGES) + 3, "leaves" },
	{ "table that points at itself", &AT(A_LEVEL2, 1), ADDRESS(A_LEVEL2) + 3, "leaves" },
	{ "level 2 streams outside the constants", &AT(STREAMS, 0), OUTSIDE(BUS_0) + 9, "level-2" },
	{ "level 2 streams end past the constants", &AT(STREAMS, 0), ADDRESS(15) + 9, "level-2" },
	{ "level 2 streams of a shorter span", &AT(STREAMS, 0), ADDRESS(BUS_0) + 8, "level-2" },
	{ "level 2 streams of a longer span", &AT(STREAMS, 0), ADDRESS(BUS_0) + 10, "level-2" },
	{ "declared bus without streams", &AT(STREAMS, 1), 0, "declared-streams" },
	{ "bus with another's streams", &AT(STREAMS, 1), ADDRESS(BUS_0) + 9, "undeclared" },
};

static void one_change(void **state)
{
	const struct change *change = *state;

	fresh(NULL);
	*change->word = change->value;
	iommu_audit();
	assert_bad_of(change->verdict);
}

/* A root between two words' places, with the right words there: the SMMU ignores the low bits of its address (5.2). */
static void root_not_aligned(void **state)
{
	(void)state;
	AT(B_ROOT, 4) = AT(B_ROOT, 2);
	AT(B_ROOT, 2) = AT(B_ROOT, 0);
	AT(B_ROOT, 0) = 0;
	*(B_STE(3)) = ADDRESS(B_ROOT) + 16;
	iommu_audit();
	assert_bad_of("leaves");
}

/* Base registers (6.3.23): RA is bit 62, the address bits 51:6. */
static void stream_table_outside(void **state)
{
	(void)state;
	fake_set(REG_STRTAB_BASE, 0x4000000000000000 | OUTSIDE(STREAMS));
	iommu_audit();
	assert_bad_of("stream-table");
}

static void stream_table_elsewhere_inside(void **state)
{
	(void)state;
	fake_set(REG_STRTAB_BASE, 0x4000000000000000 | ADDRESS(STREAMS_COPY));
	iommu_audit();
	assert_bad_of("declared-streams");
}

static void stream_table_at_zero(void **state)
{
	(void)state;
	fake_set(REG_STRTAB_BASE, 0);
	iommu_audit();
	assert_bad_of("stream-table");
}

/* One entry and one table serve both: what they do not agree on cannot be good. */
static void sharers_differ(void **state)
{
	(void)state;
	functions[3].window_count = 0;
	iommu_audit();
	assert_bad_of("audit.leaves-declared 0000:01:03.0");
	assert_int_equal(verdicts_bad(), 1);
	fresh(NULL);
	functions[3].vmid = 0x13;
	iommu_audit();
	assert_bad_of("audit.stream-entry 0000:01:03.0");
	assert_int_equal(verdicts_bad(), 1);
}

enum { OTHERS = 7 };

int main(void)
{
	static struct CMUnitTest tests[ARRAY_SIZE(changes) + OTHERS] = {
		cmocka_unit_test_setup(good, fresh), cmocka_unit_test(last_entries_are_seen),
		cmocka_unit_test_setup(stream_table_outside, fresh),
		cmocka_unit_test_setup(stream_table_elsewhere_inside, fresh),
		cmocka_unit_test_setup(stream_table_at_zero, fresh), cmocka_unit_test_setup(sharers_differ, fresh),
		cmocka_unit_test_setup(root_not_aligned, fresh),
	};

	for (size_t i = 0; i < ARRAY_SIZE(changes); i++)
		tests[OTHERS + i] = (struct CMUnitTest){ .name = changes[i].name, .test_func = one_change,
						    .initial_state = (void *)(uintptr_t)&changes[i] };
	return cmocka_run_group_tests_name("smmuv3_audit", tests, NULL, NULL);
}
