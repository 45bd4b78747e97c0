/* SPDX-License-Identifier: Apache-2.0 */
/* SMMUv3 bring-up: what is written, and in which order (IHI 0070, 3.11, 6.3.9, 6.3.14). */
#include "fake_console.h"
#include "fake_smmu.h"
#include "fake_verdict.h"
#include "test.h"

#include <mullion/iommu.h>
#include <mullion/table.h>

#include "smmuv3.h"

const struct table table = {
	.ipa_bits = 39,
	.pa_bits = 44,
	.iommu = { .base = { 0x09050000 }, .device_root = { 0x41200000 }, .id_bits = 16, .pa_bits = 44 },
};

/* Commands (4.1.3): CFGI_ALL is CFGI_STE_RANGE with Range 31. */
enum { CFGI_ALL = 0x04, TLBI_NSNH_ALL = 0x30, SYNC = 0x46 };

static int fresh(void **state)
{
	(void)state;
	fake_smmu_reset();
	verdicts_reset();
	console_reset();
	return 0;
}

/* Every test ends with no rule of the manual broken. */
static int no_breach(void **state)
{
	(void)state;
	if (fake_smmu.breach)
		print_error("breach: %s\n", fake_smmu.breach);
	return fake_smmu.breach ? -1 : 0;
}

static void bring_up(void)
{
	assert_int_equal(iommu_deny(), IOMMU_DENIES);
	fake_trace_reset();
	verdicts_reset();
	iommu_enable();
}

static const struct trace *first_write(void)
{
	size_t at = next_of(TRACE_WRITE, 0);

	assert_true(at != SIZE_MAX);
	return &fake_smmu.trace[at];
}

static void assert_before(size_t a, size_t b) { assert_true(a < b); }

/* Deny */

/* GBPA 0x80100000 is UPDATE and ABORT. */
static void deny_aborts_first(void **state)
{
	(void)state;
	assert_int_equal(iommu_deny(), IOMMU_DENIES);
	assert_int_equal(first_write()->reg, REG_GBPA);
	assert_int_equal(first_write()->value, 0x80100000);
	assert_int_equal(fake_get(REG_GBPA), 0x00100000);
	assert_int_equal(fake_get(REG_CR0), 0);
	assert_int_equal(fake_get(REG_CR0ACK), 0);
	assert_int_equal(fake_get(REG_IRQ_CTRLACK), 0);
}

static void deny_waits_for_abort(void **state)
{
	size_t abort;

	(void)state;
	fake_smmu_leave_enabled();
	assert_int_equal(iommu_deny(), IOMMU_DENIES);
	abort = first_write_with(REG_GBPA, GBPA_ABORT | GBPA_UPDATE);
	assert_before(abort, first_write_with(REG_CR0, 0));
	assert_true(fake_smmu.trace[next_of(TRACE_WRITE, abort + 1)].settled);
}

static void deny_over_enabled_firmware(void **state)
{
	(void)state;
	fake_smmu_leave_enabled();
	assert_int_equal(iommu_deny(), IOMMU_DENIES);
	assert_int_equal(first_write()->reg, REG_GBPA);
	assert_int_equal(fake_get(REG_CR0ACK), 0);
	assert_int_equal(fake_get(REG_IRQ_CTRLACK), 0);
	assert_int_equal(fake_get(REG_GBPA), 0x00100000);
}

/* 6.3.14: a write while UPDATE is set is UNPREDICTABLE. */
static void deny_waits_for_firmware_update(void **state)
{
	(void)state;
	fake_set(REG_GBPA, GBPA_UPDATE | 0x1000);
	assert_int_equal(iommu_deny(), IOMMU_DENIES);
	assert_true(first_write()->settled);
}

static void deny_absent(void **state)
{
	(void)state;
	fake_smmu.absent = true;
	assert_int_equal(iommu_deny(), IOMMU_ABSENT);
	assert_int_equal(fake_smmu.trace_count, 0);
}

static void deny_update_never_ends(void **state)
{
	(void)state;
	fake_smmu_leave_enabled();
	fake_set(REG_GBPA, GBPA_UPDATE);
	fake_smmu.stuck = REG_GBPA;
	assert_int_equal(iommu_deny(), IOMMU_STUCK);
	assert_int_equal(next_of(TRACE_WRITE, 0), SIZE_MAX);
}

static void deny_own_update_never_ends(void **state)
{
	(void)state;
	fake_smmu_leave_enabled();
	fake_smmu.stuck = REG_GBPA;
	assert_int_equal(iommu_deny(), IOMMU_STUCK);
	assert_int_equal(writes_of(REG_CR0), 0);
}

static void deny_abort_does_not_stay(void **state)
{
	(void)state;
	fake_smmu_leave_enabled();
	fake_smmu.frozen = REG_GBPA;
	assert_int_equal(iommu_deny(), IOMMU_STUCK);
	assert_int_equal(writes_of(REG_CR0), 0);
}

static void deny_cr0_not_acknowledged(void **state)
{
	(void)state;
	fake_smmu_leave_enabled();
	fake_smmu.stuck = REG_CR0ACK;
	assert_int_equal(iommu_deny(), IOMMU_STUCK);
	assert_int_equal(fake_get(REG_GBPA), 0x00100000);
}

static void deny_interrupts_not_acknowledged(void **state)
{
	(void)state;
	fake_smmu_leave_enabled();
	fake_smmu.stuck = REG_IRQ_CTRLACK;
	assert_int_equal(iommu_deny(), IOMMU_STUCK);
	assert_int_equal(fake_get(REG_GBPA), 0x00100000);
}

/* Compare */

static void compare_good(void **state)
{
	(void)state;
	iommu_compare();
	assert_all_good();
	assert_int_equal(next_of(TRACE_WRITE, 0), SIZE_MAX);
}

/* IDR0 6.3.1, IDR1 6.3.2, IDR5 6.3.6; the table needs 16 stream and 44 address bits. */
static void compare_each_ability(void **state)
{
	static const struct { uint32_t reg, clear, set; const char *what; } rows[] = {
		{ REG_IDR0, 1u << 0, 0, "s2p" },
		{ REG_IDR0, 3u << 2, 1u << 2, "ttf" },          /* AArch32 only */
		{ REG_IDR0, 1u << 4, 0, "cohacc" },
		{ REG_IDR0, 3u << 21, 3u << 21, "ttendian" },   /* big-endian only */
		{ REG_IDR0, 3u << 27, 0, "st-level" },
		{ REG_IDR1, 0, 1u << 29, "preset" },            /* QUEUES_PRESET */
		{ REG_IDR1, 0, 1u << 30, "preset" },            /* TABLES_PRESET */
		{ REG_IDR1, 0x3f, 15, "sidsize" },
		{ REG_IDR1, 0x1fu << 21, 3u << 21, "cmdqs" },
		{ REG_IDR1, 0x1fu << 16, 6u << 16, "eventqs" },
		{ REG_IDR5, 1u << 4, 0, "gran4k" },
		{ REG_IDR5, 7, 3, "oas" },                      /* 42 bits */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		fresh(NULL);
		fake_set(rows[i].reg, (fake_get(rows[i].reg) & ~rows[i].clear) | rows[i].set);
		iommu_compare();
		assert_bad_of(rows[i].what);
		assert_int_equal(verdicts_bad(), 1);
	}
}

/* The least of each that the driver needs is enough. */
static void compare_exactly_enough(void **state)
{
	(void)state;
	fake_set(REG_IDR1, 4u << 21 | 7u << 16 | 16);
	fake_set(REG_IDR5, 0x14);
	iommu_compare();
	assert_all_good();
}

/* Enable */

static void enable_good(void **state)
{
	(void)state;
	bring_up();
	assert_all_good();
}

/*
 * CR1 (6.3.11): QUEUE_IC 1, QUEUE_OC 4, QUEUE_SH 0x30, TABLE_IC 0x40, TABLE_OC
 * 0x100, TABLE_SH 0xc00. CR2 (6.3.12): RECINVSID 2, PTM 4. STRTAB_BASE_CFG
 * (6.3.24): FMT 1 at bit 16, SPLIT 8 at bit 6, LOG2SIZE 16. Bases: RA or WA is
 * bit 62, LOG2SIZE 7 for 128 events.
 */
static void enable_values(void **state)
{
	(void)state;
	bring_up();
	assert_int_equal(fake_get(REG_CR1), 0xd75);
	assert_int_equal(fake_get(REG_CR2), 0x0);
	assert_int_equal(fake_get(REG_STRTAB_BASE), 0x4000000041200000);
	assert_int_equal(fake_get(REG_STRTAB_BASE_CFG), 0x10210);
	assert_int_equal(fake_get(REG_EVENTQ_BASE), 0x4000000000000007 | (uintptr_t)smmu_eventq);
	assert_int_equal(fake_get(REG_IRQ_CTRL), 0x5);
	assert_int_equal(fake_get(REG_CR0), 0x5);
	assert_int_equal(fake_get(REG_CR0ACK), 0x5);
}

/* IDR0.BTM is bit 5, CR2.PTM bit 2: no broadcast invalidation where there could be one. */
static void enable_ptm_with_btm(void **state)
{
	(void)state;
	fake_set(REG_IDR0, fake_get(REG_IDR0) | 1u << 5);
	bring_up();
	assert_int_equal(fake_get(REG_CR2), 0x4);
}

static void enable_attributes_before_tables(void **state)
{
	size_t cr0;

	(void)state;
	bring_up();
	cr0 = first_write_with(REG_CR0, 0);
	assert_before(first_write_with(REG_CR1, 0), first_write_with(REG_STRTAB_BASE, 0));
	assert_before(first_write_with(REG_CR2, 0), first_write_with(REG_STRTAB_BASE, 0));
	assert_before(first_write_with(REG_CR1, 0), cr0);
}

static void enable_tables_before_smmuen(void **state)
{
	size_t smmuen;

	(void)state;
	bring_up();
	smmuen = first_write_with(REG_CR0, SMMUEN);
	assert_before(first_write_with(REG_STRTAB_BASE, 0), smmuen);
	assert_before(first_write_with(REG_STRTAB_BASE_CFG, 0), smmuen);
	assert_int_equal(writes_of(REG_STRTAB_BASE), 1);
	assert_int_equal(writes_of(REG_STRTAB_BASE_CFG), 1);
}

static void enable_command_queue(void **state)
{
	size_t cmdqen;

	(void)state;
	fake_smmu_leave_enabled();
	bring_up();
	cmdqen = first_write_with(REG_CR0, CMDQEN);
	assert_before(first_write_with(REG_CMDQ_BASE, 0), cmdqen);
	assert_before(first_write_with(REG_CMDQ_PROD, 0), cmdqen);
	assert_before(first_write_with(REG_CMDQ_CONS, 0), cmdqen);
	assert_int_equal(fake_smmu.trace[first_write_with(REG_CMDQ_PROD, 0)].value, 0);
	assert_int_equal(fake_smmu.trace[first_write_with(REG_CMDQ_CONS, 0)].value, 0);
}

/* What firmware left in configuration caches and TLBs is gone before anything translates (3.11). */
static void enable_invalidates_before_smmuen(void **state)
{
	size_t config, tlb, sync, smmuen;

	(void)state;
	bring_up();
	config = first_command(CFGI_ALL);
	tlb = first_command(TLBI_NSNH_ALL);
	sync = last_command(SYNC);
	smmuen = first_write_with(REG_CR0, SMMUEN);
	assert_int_equal(fake_smmu.trace[config].value1 & 31, 31);
	assert_before(config, sync);
	assert_before(tlb, sync);
	assert_before(sync, smmuen);
	assert_true(fake_smmu.trace[smmuen].settled);
	assert_int_equal(next_of(TRACE_COMMAND, sync + 1), SIZE_MAX);
}

/* 3.5.2 and 4.7.3: the queue's memory before PROD, and the SYNC sends no interrupt. */
static void enable_publishes_before_prod(void **state)
{
	size_t cmdqen, publish, prod;

	(void)state;
	bring_up();
	cmdqen = first_write_with(REG_CR0, CMDQEN);
	prod = last_write_with(REG_CMDQ_PROD, 0);
	publish = next_of(TRACE_PUBLISH, cmdqen);
	assert_before(cmdqen, prod);
	assert_before(publish, prod);
	assert_true(fake_smmu.trace[prod].settled);
	assert_int_equal(fake_smmu.trace[last_command(SYNC)].value, SYNC);
}

static void enable_event_queue(void **state)
{
	size_t eventqen;

	(void)state;
	bring_up();
	eventqen = first_write_with(REG_CR0, EVENTQEN);
	assert_before(first_write_with(REG_EVENTQ_BASE, 0), eventqen);
	assert_before(first_write_with(REG_EVENTQ_PROD, 0), eventqen);
	assert_before(first_write_with(REG_EVENTQ_CONS, 0), eventqen);
	assert_before(eventqen, first_write_with(REG_CR0, SMMUEN));
	assert_int_equal(fake_get(REG_EVENTQ_PROD), 0);
	assert_int_equal(fake_get(REG_EVENTQ_CONS), 0);
}

/* SMMUEN comes last of the enables, once, and the bits that were on stay on with it. */
static void enable_smmuen_last(void **state)
{
	size_t smmuen;

	(void)state;
	bring_up();
	smmuen = first_write_with(REG_CR0, SMMUEN);
	assert_before(first_write_with(REG_CR0, CMDQEN), smmuen);
	assert_before(first_write_with(REG_IRQ_CTRL, 0), smmuen);
	assert_int_equal(fake_smmu.trace[smmuen].value & EVENTQEN, EVENTQEN);
	for (size_t i = smmuen; i < fake_smmu.trace_count; i++)
		if (fake_smmu.trace[i].kind == TRACE_WRITE)
			assert_int_equal(fake_smmu.trace[i].reg, REG_CR0);
}

static void enable_ends_without_command_queue(void **state)
{
	size_t smmuen, last;

	(void)state;
	bring_up();
	smmuen = first_write_with(REG_CR0, SMMUEN);
	last = last_write_with(REG_CR0, 0);
	assert_before(smmuen, last);
	assert_int_equal(fake_smmu.trace[last].value & CMDQEN, 0);
	assert_int_equal(fake_get(REG_CR0ACK) & CMDQEN, 0);
}

static void enable_keeps_abort(void **state)
{
	(void)state;
	bring_up();
	assert_int_equal(writes_of(REG_GBPA), 0);
	assert_int_equal(fake_get(REG_GBPA), 0x00100000);
}

/* Every CR0 and IRQ_CTRL write is acknowledged before the next write of any kind. */
static void enable_waits_for_each_acknowledge(void **state)
{
	(void)state;
	bring_up();
	for (size_t i = 0; i < fake_smmu.trace_count; i++)
		if (fake_smmu.trace[i].kind == TRACE_WRITE)
			assert_true(fake_smmu.trace[i].settled);
}

/* IDR0.ATS is bit 10; 6.3.9.2: translated requests are then checked from the first enable to the last. */
static void enable_checks_ats(void **state)
{
	(void)state;
	fake_set(REG_IDR0, fake_get(REG_IDR0) | 1u << 10);
	bring_up();
	assert_all_good();
	assert_int_equal(fake_get(REG_CR0), 0x15);
	for (size_t i = first_write_with(REG_CR0, 0); i < fake_smmu.trace_count; i++)
		if (fake_smmu.trace[i].kind == TRACE_WRITE && fake_smmu.trace[i].reg == REG_CR0)
			assert_int_equal(fake_smmu.trace[i].value & ATSCHK, ATSCHK);
}

static void enable_without_ats(void **state)
{
	(void)state;
	bring_up();
	assert_int_equal(fake_get(REG_CR0) & ATSCHK, 0);
}

/* IDR0.MSI is bit 13; an address of 0 sends no MSI (6.3.20). */
static void enable_zeroes_msi(void **state)
{
	(void)state;
	fake_set(REG_IDR0, fake_get(REG_IDR0) | 1u << 13);
	fake_set(REG_GERROR_IRQ_CFG0, 0x08020040);
	fake_set(REG_EVENTQ_IRQ_CFG0, 0x08020040);
	bring_up();
	assert_all_good();
	assert_int_equal(fake_get(REG_GERROR_IRQ_CFG0), 0);
	assert_int_equal(fake_get(REG_EVENTQ_IRQ_CFG0), 0);
}

static void enable_without_msi(void **state)
{
	(void)state;
	bring_up();
	assert_int_equal(writes_of(REG_GERROR_IRQ_CFG0), 0);
	assert_int_equal(writes_of(REG_EVENTQ_IRQ_CFG0), 0);
}

/* Errors from firmware's time are acknowledged before interrupts are on. */
static void enable_acknowledges_old_errors(void **state)
{
	(void)state;
	fake_set(REG_GERROR, 0x5);
	fake_set(REG_GERRORN, 0x1);
	bring_up();
	assert_int_equal(fake_get(REG_GERRORN), 0x5);
	assert_before(first_write_with(REG_GERRORN, 0), first_write_with(REG_IRQ_CTRL, 1));
}

static void enable_sync_never_completes(void **state)
{
	(void)state;
	assert_int_equal(iommu_deny(), IOMMU_DENIES);
	fake_smmu.stuck = REG_CMDQ_CONS;
	assert_panics(iommu_enable, "CMDQ_CONS");
	assert_int_equal(fake_get(REG_CR0) & SMMUEN, 0);
	assert_int_equal(fake_get(REG_GBPA), 0x00100000);
}

/* The queue stops at a command that the SMMU does not have. */
static void enable_command_is_illegal(void **state)
{
	(void)state;
	assert_int_equal(iommu_deny(), IOMMU_DENIES);
	fake_smmu.illegal = CFGI_ALL;
	assert_panics(iommu_enable, "CMDQ_CONS");
	assert_int_equal(fake_get(REG_CR0) & SMMUEN, 0);
	assert_int_equal(fake_get(REG_GBPA), 0x00100000);
}

static void enable_cr0_not_acknowledged(void **state)
{
	(void)state;
	assert_int_equal(iommu_deny(), IOMMU_DENIES);
	fake_smmu.stuck = REG_CR0ACK;
	assert_panics(iommu_enable, "CR0ACK");
	assert_int_equal(fake_get(REG_GBPA), 0x00100000);
}

static void enable_interrupts_not_acknowledged(void **state)
{
	(void)state;
	assert_int_equal(iommu_deny(), IOMMU_DENIES);
	fake_smmu.stuck = REG_IRQ_CTRLACK;
	assert_panics(iommu_enable, "IRQ_CTRLACK");
	assert_int_equal(fake_get(REG_CR0) & SMMUEN, 0);
}

/* A register that does not hold what was written is a bad verdict by its name. */
static void enable_reads_back(void **state)
{
	static const struct { uint32_t reg; const char *name; } rows[] = {
		{ REG_CR1, "CR1" }, { REG_CR2, "CR2" }, { REG_STRTAB_BASE, "STRTAB_BASE" },
		{ REG_STRTAB_BASE_CFG, "STRTAB_BASE_CFG" }, { REG_EVENTQ_BASE, "EVENTQ_BASE" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		fresh(NULL);
		fake_set(REG_IDR0, fake_get(REG_IDR0) | 1u << 5);       /* BTM: else CR2 is written with 0 */
		fake_smmu.frozen = rows[i].reg;
		bring_up();
		assert_bad_of(rows[i].name);
		assert_int_equal(verdicts_bad(), 1);
	}
}

/* Firmware's GBPA fields other than ABORT must be gone, and ABORT must still be there. */
static void enable_reads_back_gbpa(void **state)
{
	(void)state;
	assert_int_equal(iommu_deny(), IOMMU_DENIES);
	fake_set(REG_GBPA, 0);
	verdicts_reset();
	iommu_enable();
	assert_bad_of("GBPA");
}

static void live_stream_table(void **state)
{
	(void)state;
	bring_up();
	assert_int_equal(smmu_live_stream_table(), 0x41200000);
	fake_set(REG_STRTAB_BASE, 0x4000000048000000);
	assert_int_equal(smmu_live_stream_table(), 0x48000000);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fresh, no_breach)

int main(void)
{
	const struct CMUnitTest smmuv3[] = {
		TEST(deny_aborts_first), TEST(deny_waits_for_abort), TEST(deny_over_enabled_firmware),
		TEST(deny_waits_for_firmware_update), TEST(deny_absent), TEST(deny_update_never_ends),
		TEST(deny_own_update_never_ends), TEST(deny_abort_does_not_stay), TEST(deny_cr0_not_acknowledged),
		TEST(deny_interrupts_not_acknowledged),
		TEST(compare_good), TEST(compare_each_ability), TEST(compare_exactly_enough),
		TEST(enable_good), TEST(enable_values), TEST(enable_ptm_with_btm),
		TEST(enable_attributes_before_tables),
		TEST(enable_tables_before_smmuen), TEST(enable_command_queue), TEST(enable_invalidates_before_smmuen),
		TEST(enable_publishes_before_prod), TEST(enable_event_queue), TEST(enable_smmuen_last),
		TEST(enable_ends_without_command_queue), TEST(enable_keeps_abort),
		TEST(enable_waits_for_each_acknowledge), TEST(enable_checks_ats), TEST(enable_without_ats),
		TEST(enable_zeroes_msi), TEST(enable_without_msi), TEST(enable_acknowledges_old_errors),
		TEST(enable_sync_never_completes), TEST(enable_command_is_illegal), TEST(enable_cr0_not_acknowledged),
		TEST(enable_interrupts_not_acknowledged), TEST(enable_reads_back), TEST(enable_reads_back_gbpa),
		TEST(live_stream_table),
	};

	return cmocka_run_group_tests(smmuv3, NULL, NULL);
}
