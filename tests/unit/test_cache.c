/* SPDX-License-Identifier: Apache-2.0 */
/* Cache maintenance by range: exactly the lines that the range touches (Arm ARM DDI 0487, D7.5.9). */
#include "test.h"

#include <arch/cache_ops.h>
#include <mullion/cache.h>

enum { OPS_MAX = 64 };

enum kind { END, FLUSH_POC, CLEAN_POU, INVALIDATE_CODE, WAIT };

struct op {
	enum kind kind;
	uint64_t addr;
};

static struct op ops[OPS_MAX];
static uint32_t op_count;
static uint64_t line_size;

static void record(enum kind kind, uint64_t addr)
{
	assert_true(op_count < OPS_MAX);
	ops[op_count++] = (struct op){ kind, addr };
}

uint64_t cache_op_data_line(void) { return line_size; }
void cache_op_flush_poc(uint64_t addr) { record(FLUSH_POC, addr); }
void cache_op_clean_pou(uint64_t addr) { record(CLEAN_POU, addr); }
void cache_op_invalidate_code(void) { record(INVALIDATE_CODE, 0); }
void cache_op_wait(void) { record(WAIT, 0); }

static int lines_of_64(void **state)
{
	(void)state;
	line_size = 64;
	op_count = 0;
	return 0;
}

static void assert_ops(const struct op *expected)
{
	uint32_t count = 0;

	while (expected[count].kind != END)
		count++;
	assert_int_equal(op_count, count);
	for (uint32_t i = 0; i < count; i++) {
		assert_int_equal(ops[i].kind, expected[i].kind);
		assert_int_equal(ops[i].addr, expected[i].addr);
	}
}

#define assert_did(...) assert_ops((const struct op[]){ __VA_ARGS__, { END, 0 } })

static void aligned(void **state)
{
	(void)state;
	arch_cache_flush(paddr(0x1000), 0x80);
	assert_did({ FLUSH_POC, 0x1000 }, { FLUSH_POC, 0x1040 }, { WAIT, 0 });
}

static void unaligned(void **state)
{
	(void)state;
	arch_cache_flush(paddr(0x1030), 0x60);
	assert_did({ FLUSH_POC, 0x1000 }, { FLUSH_POC, 0x1040 }, { FLUSH_POC, 0x1080 }, { WAIT, 0 });
}

static void one_byte(void **state)
{
	(void)state;
	arch_cache_flush(paddr(0x107f), 1);
	assert_did({ FLUSH_POC, 0x1040 }, { WAIT, 0 });
}

static void two_bytes_across_a_line(void **state)
{
	(void)state;
	arch_cache_flush(paddr(0x103f), 2);
	assert_did({ FLUSH_POC, 0x1000 }, { FLUSH_POC, 0x1040 }, { WAIT, 0 });
}

static void exactly_to_the_end_of_a_line(void **state)
{
	(void)state;
	arch_cache_flush(paddr(0x1001), 0x3f);
	assert_did({ FLUSH_POC, 0x1000 }, { WAIT, 0 });
}

/* No line is touched, aligned or not. */
static void nothing(void **state)
{
	(void)state;
	arch_cache_flush(paddr(0x1000), 0);
	arch_cache_flush(paddr(0x1010), 0);
	arch_cache_sync_code(paddr(0x103f), 0);
	for (uint32_t i = 0; i < op_count; i++)
		assert_true(ops[i].kind == WAIT || ops[i].kind == INVALIDATE_CODE);
}

static void smaller_lines(void **state)
{
	(void)state;
	line_size = 16;
	arch_cache_flush(paddr(0x1008), 0x20);
	assert_did({ FLUSH_POC, 0x1000 }, { FLUSH_POC, 0x1010 }, { FLUSH_POC, 0x1020 }, { WAIT, 0 });
}

static void larger_lines(void **state)
{
	(void)state;
	line_size = 128;
	arch_cache_flush(paddr(0x1078), 0x10);
	assert_did({ FLUSH_POC, 0x1000 }, { FLUSH_POC, 0x1080 }, { WAIT, 0 });
}

static void high_addresses(void **state)
{
	(void)state;
	arch_cache_flush(paddr(0x0000ffffffffffc0), 0x40);
	assert_did({ FLUSH_POC, 0x0000ffffffffffc0 }, { WAIT, 0 });
}

/* D7.5.9.3: the clean is complete before instructions are dropped, and that before the return. */
static void sync_code_waits_between(void **state)
{
	(void)state;
	arch_cache_sync_code(paddr(0x1030), 0x20);
	assert_did({ CLEAN_POU, 0x1000 }, { CLEAN_POU, 0x1040 }, { WAIT, 0 }, { INVALIDATE_CODE, 0 }, { WAIT, 0 });
}

#define TEST(function) cmocka_unit_test_setup(function, lines_of_64)

int main(void)
{
	const struct CMUnitTest cache[] = {
		TEST(aligned), TEST(unaligned), TEST(one_byte), TEST(two_bytes_across_a_line),
		TEST(exactly_to_the_end_of_a_line), TEST(nothing), TEST(smaller_lines), TEST(larger_lines),
		TEST(high_addresses), TEST(sync_code_waits_between),
	};

	return cmocka_run_group_tests(cache, NULL, NULL);
}
