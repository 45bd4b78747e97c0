/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SMMUv3 event queue and global errors in the run map (IHI 0070, 3.5, 6.3.18,
 * 6.3.29, 6.3.30, 7.5). The queue has 128 entries: PROD and CONS are an index of seven
 * bits, the wrap bit 0x80 and the overflow flag bit 31.
 */
#include "fake_console.h"
#include "fake_smmu.h"
#include "test.h"

#include <mullion/arch.h>
#include <mullion/iommu.h>
#include <mullion/table.h>

#include "smmuv3.h"

#define OVFLG 0x80000000u

const struct table table = { .iommu = { .base = { 0x09050000 } } };

enum { TICKS_PER_SECOND = 1000 };

static uint64_t ticks;
uint64_t arch_ticks(void) { return ticks; }
uint64_t arch_ticks_per_second(void) { return TICKS_PER_SECOND; }

/* The driver's own end of the queue outlives a test, so each starts where the last one stopped. */
static uint32_t start;
static uint32_t prod;

static int fresh(void **state)
{
	(void)state;
	ticks += 2 * TICKS_PER_SECOND;
	fake_smmu_reset();
	fake_smmu_leave_enabled();
	iommu_events_retire();
	start = prod = (uint32_t)fake_get(REG_EVENTQ_CONS) & 0xff;
	fake_set(REG_EVENTQ_PROD, prod);
	fake_trace_reset();
	console_reset();
	return 0;
}

static int no_breach(void **state)
{
	(void)state;
	return fake_smmu.breach ? -1 : 0;
}

/* An F_TRANSLATION (0x10) write of `stream` to `iova`, as the SMMU leaves it. */
static void post(uint32_t stream, uint64_t iova)
{
	uint64_t *record = smmu_eventq[prod & 0x7f];

	record[0] = (uint64_t)stream << 32 | 0x10;
	record[1] = 0;
	record[2] = iova;
	record[3] = 0;
	prod = (prod + 1) & 0xff;
	fake_set(REG_EVENTQ_PROD, (fake_get(REG_EVENTQ_PROD) & OVFLG) | prod);
}

static void assert_takes(uint32_t stream)
{
	struct iommu_event event;

	assert_true(iommu_event_take(&event));
	assert_int_equal(event.stream, stream);
}

static void assert_empty(void)
{
	struct iommu_event event;

	assert_false(iommu_event_take(&event));
}

/* What was done but reads: the map opens, one write, the map closes. */
static void assert_one_guarded_write(uint32_t reg, uint32_t value)
{
	struct trace done[4] = { 0 };
	size_t count = 0;

	for (size_t i = 0; i < fake_smmu.trace_count; i++)
		if (fake_smmu.trace[i].kind != TRACE_READ && count < 4)
			done[count++] = fake_smmu.trace[i];
	assert_int_equal(count, 3);
	assert_int_equal(done[0].kind, TRACE_MAP_OPEN);
	assert_int_equal(done[1].kind, TRACE_WRITE);
	assert_int_equal(done[1].reg, reg);
	assert_int_equal(done[1].value, value);
	assert_int_equal(done[2].kind, TRACE_MAP_CLOSE);
}

static void empty(void **state)
{
	(void)state;
	assert_empty();
}

static void takes_in_order(void **state)
{
	struct iommu_event event;

	(void)state;
	post(8, 0x40001000);
	post(0x110, 0x40002008);
	assert_true(iommu_event_take(&event));
	assert_int_equal(event.stream, 8);
	assert_string_equal(event.reason, "F_TRANSLATION");
	assert_int_equal(event.addr.iova, 0x40001000);
	assert_true(iommu_event_take(&event));
	assert_int_equal(event.stream, 0x110);
	assert_int_equal(event.addr.iova, 0x40002008);
	assert_empty();
}

/* 3.5.2: the record is read after the PROD that covers it. */
static void observes_after_prod(void **state)
{
	size_t observe;

	(void)state;
	post(8, 0);
	assert_takes(8);
	observe = next_of(TRACE_OBSERVE, 0);
	assert_true(observe != SIZE_MAX);
	assert_int_equal(fake_smmu.trace[0].kind, TRACE_READ);
	assert_int_equal(fake_smmu.trace[0].reg, REG_EVENTQ_PROD);
	assert_true(observe > 0);
}

/* The run map has the registers read-only. */
static void take_writes_nothing(void **state)
{
	(void)state;
	post(8, 0);
	assert_takes(8);
	assert_empty();
	assert_int_equal(next_of(TRACE_WRITE, 0), SIZE_MAX);
	assert_int_equal(next_of(TRACE_MAP_OPEN, 0), SIZE_MAX);
}

static void retire_opens_map_for_cons(void **state)
{
	(void)state;
	post(1, 0);
	post(2, 0);
	assert_takes(1);
	fake_trace_reset();
	iommu_events_retire();
	assert_one_guarded_write(REG_EVENTQ_CONS, (start + 1) & 0xff);
	assert_takes(2);
}

static void wraps(void **state)
{
	(void)state;
	for (uint32_t round = 0; round < 7; round++) {
		for (uint32_t i = 0; i < 100; i++)
			post(round << 8 | i, 0);
		for (uint32_t i = 0; i < 100; i++)
			assert_takes(round << 8 | i);
		assert_empty();
		fake_trace_reset();
		iommu_events_retire();
		assert_int_equal(fake_get(REG_EVENTQ_CONS), (start + (round + 1) * 100) & 0xff);
	}
	assert_int_equal(console.count, 0);
}

/* Full and empty differ in the wrap bit alone. */
static void takes_a_full_queue(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 128; i++)
		post(i, 0);
	for (uint32_t i = 0; i < 128; i++) {
		fake_trace_reset();
		assert_takes(i);
	}
	assert_empty();
	iommu_events_retire();
	assert_int_equal(fake_get(REG_EVENTQ_CONS), start ^ 0x80);
}

static void overflow_is_echoed(void **state)
{
	(void)state;
	post(1, 0);
	fake_set(REG_EVENTQ_PROD, fake_get(REG_EVENTQ_PROD) | OVFLG);
	assert_takes(1);
	assert_empty();
	fake_trace_reset();
	iommu_events_retire();
	assert_one_guarded_write(REG_EVENTQ_CONS, OVFLG | ((start + 1) & 0xff));
	assert_int_equal(console.count, 1);
	assert_says(console.line[0], "overflow");
}

static void overflow_is_said_once(void **state)
{
	(void)state;
	fake_set(REG_EVENTQ_PROD, fake_get(REG_EVENTQ_PROD) | OVFLG);
	iommu_events_retire();
	iommu_events_retire();
	assert_int_equal(console.count, 1);
	assert_int_equal(fake_get(REG_EVENTQ_CONS), OVFLG | start);
}

/* The flag toggles at the next overflow: 1 to 0 is one as well. */
static void second_overflow_is_said(void **state)
{
	(void)state;
	fake_set(REG_EVENTQ_PROD, fake_get(REG_EVENTQ_PROD) | OVFLG);
	iommu_events_retire();
	ticks += TICKS_PER_SECOND;
	fake_set(REG_EVENTQ_PROD, fake_get(REG_EVENTQ_PROD) & 0xff);
	iommu_events_retire();
	assert_int_equal(console.count, 2);
	assert_int_equal(fake_get(REG_EVENTQ_CONS), start);
}

static void no_error(void **state)
{
	(void)state;
	fake_set(REG_GERROR, 0x104);
	fake_set(REG_GERRORN, 0x104);
	assert_int_equal(iommu_errors_take(), 0);
	assert_int_equal(next_of(TRACE_WRITE, 0), SIZE_MAX);
	assert_int_equal(next_of(TRACE_MAP_OPEN, 0), SIZE_MAX);
}

/* 6.3.18: an error is active where GERROR and GERRORN differ, whichever is 1; SFM_ERR is bit 8. */
static void error_is_acknowledged(void **state)
{
	(void)state;
	fake_set(REG_GERROR, 0x100);
	assert_int_equal(iommu_errors_take(), 0x100);
	assert_one_guarded_write(REG_GERRORN, 0x100);
	assert_int_equal(iommu_errors_take(), 0);
	fake_set(REG_GERROR, 0x0);
	fake_trace_reset();
	assert_int_equal(iommu_errors_take(), 0x100);
	assert_one_guarded_write(REG_GERRORN, 0x0);
	assert_int_equal(console.count, 0);
}

/* EVENTQ_ABT_ERR is bit 2: acknowledged, and said to be lost events; an error beside it is the caller's. */
static void abort_is_lost_events(void **state)
{
	(void)state;
	fake_set(REG_GERROR, 0x104);
	assert_int_equal(iommu_errors_take(), 0x100);
	assert_one_guarded_write(REG_GERRORN, 0x104);
	assert_int_equal(console.count, 1);
	assert_says(console.line[0], "events were lost");
	assert_int_equal(iommu_errors_take(), 0);
	assert_int_equal(console.count, 1);
}

/* However often, and whichever way it is found. */
static void lost_events_are_said_once_a_second(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 3 * TICKS_PER_SECOND; i += 10, ticks += 10) {
		fake_trace_reset();
		fake_set(REG_GERROR, fake_get(REG_GERRORN) ^ 0x4);
		assert_int_equal(iommu_errors_take(), 0);
		fake_set(REG_EVENTQ_PROD, fake_get(REG_EVENTQ_PROD) ^ OVFLG);
		iommu_events_retire();
	}
	assert_int_equal(console.count, 3);
}

/* CMDQ_ERR 0, PRIQ_ABT 3, the MSI aborts 4 to 7, SFM 8, CMDQP 9; bit 1 is none, 2 is EVENTQ_ABT. */
static void every_error_is_seen(void **state)
{
	(void)state;
	for (unsigned bit = 0; bit < 32; bit++) {
		uint32_t error = 1u << bit;

		fake_set(REG_GERROR, error);
		fake_set(REG_GERRORN, 0);
		fake_trace_reset();
		assert_int_equal(iommu_errors_take(), error & 0x3f9);
	}
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fresh, no_breach)

int main(void)
{
	const struct CMUnitTest smmuv3_events[] = {
		TEST(empty), TEST(takes_in_order), TEST(observes_after_prod), TEST(take_writes_nothing),
		TEST(retire_opens_map_for_cons), TEST(wraps), TEST(takes_a_full_queue), TEST(overflow_is_echoed),
		TEST(overflow_is_said_once), TEST(second_overflow_is_said), TEST(no_error),
		TEST(error_is_acknowledged), TEST(abort_is_lost_events), TEST(lost_events_are_said_once_a_second),
		TEST(every_error_is_seen),
	};

	return cmocka_run_group_tests(smmuv3_events, NULL, NULL);
}
