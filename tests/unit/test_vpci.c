/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration space as a PD sees it. */
#include "fake_config.h"

#include <mullion/arch.h>
#include <mullion/log.h>
#include <mullion/pci.h>
#include <mullion/vdev.h>

/* Of pci_deny() and pci_restore(), which are others'. */
void log_info(const char *format, ...) { (void)format; }
void log_warn(const char *format, ...) { (void)format; }
uint64_t arch_ticks(void) { return 0; }
uint64_t arch_ticks_per_second(void) { return 1; }

static uint64_t vpci_read(uint64_t offset, unsigned bytes)
{
	uint64_t value = 0;

	assert_true(vpci_access(offset, bytes, false, &value));
	return value;
}

static void vpci_write(uint64_t offset, unsigned bytes, uint64_t value)
{
	assert_true(vpci_access(offset, bytes, true, &value));
}

static uint64_t get(uint64_t at, unsigned bytes) { return vpci_read(PAGE_OF(1) + at, bytes); }
static void put(uint64_t at, unsigned bytes, uint64_t value) { vpci_write(PAGE_OF(1) + at, bytes, value); }

/* ---- reading ---- */

static void reads_by_width(void **state)
{
	(void)state;
	assert_int_equal(get(0, 4), 0x11e80001);
	assert_int_equal(get(0, 2), 0x0001);
	assert_int_equal(get(2, 2), 0x11e8);
	assert_int_equal(get(1, 1), 0x00);
	assert_int_equal(get(2, 1), 0xe8);
	assert_int_equal(get(3, 1), 0x11);
}

/* Bit 6 of command, parity, and the next pointer of hardware are hidden; the list's bit is the table's. */
static void reads_what_is_allowed(void **state)
{
	(void)state;
	assert_int_equal(get(COMMAND, 2), 0x0406);
	set_word(1, COMMAND, 0xffffffff, 0, 0);
	assert_int_equal(get(COMMAND, 4), 0xffff0406);
	set_word(1, COMMAND, 0, 0, 0);
	assert_int_equal(get(COMMAND, 4), 0x00100000);
	assert_int_equal(get(0x40, 4), 0x00805005);
	assert_int_equal(get(0x34, 4), 0x40);
}

static void reads_zero_where_there_is_no_field(void **state)
{
	static const uint64_t offsets[] = { 0x08, 0x0c, 0x14, 0x20, 0x30, 0x3c, 0x48, 0xfc, 0x100, 0xffc };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++) {
		set_word(1, (unsigned)offsets[i], 0x12345678, 0xffffffff, 0);
		assert_int_equal(get(offsets[i], 4), 0);
		put(offsets[i], 4, 0xffffffff);
		put(offsets[i], 1, 0xff);
		assert_int_equal(word(1, (unsigned)offsets[i]), 0x12345678);
	}
	assert_int_equal(writes, 0);
}

/* Another PD's, nobody's, other functions of an own device, beyond the buses, and where the page number would wrap. */
static void others_read_all_ones(void **state)
{
	static const uint64_t others[] = { 0, PAGE_OF(3), PAGE_OF(1) + 0x1000, PAGE_OF(4), 1 << 20, 16 << 20,
					   (1ull << 28) + PAGE_OF(1), (1ull << 36) + PAGE_OF(1),
					   ~0xfffull - PAGE_OF(1) };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		assert_int_equal(vpci_read(others[i], 4), 0xffffffff);
		assert_int_equal(vpci_read(others[i] + 2, 2), 0xffff);
		assert_int_equal(vpci_read(others[i] + 1, 1), 0xff);
		assert_true(vpci_read(others[i], 8) == UINT64_MAX);
		vpci_write(others[i] + COMMAND, 2, 0);
		vpci_write(others[i] + BAR, 4, 0xffffffff);
	}
	assert_int_equal(writes, 0);
	assert_int_equal(word(3, COMMAND), 0x00100406);
	assert_int_equal(states[0].vpci.sizing[0] | states[0].vpci.sizing[3], 0);
	cpu.pd = &pds[2];
	cpu.state = &states[1];
	assert_int_equal(vpci_read(PAGE_OF(3), 4), 0x11e80003);
	assert_int_equal(vpci_read(PAGE_OF(1), 4), 0xffffffff);
	cpu.pd = &pds[0];       /* the housekeeping CPU's */
	assert_int_equal(vpci_read(PAGE_OF(3), 4), 0xffffffff);
	assert_int_equal(vpci_read(0, 4), 0xffffffff);
}

static void odd_accesses_do_nothing(void **state)
{
	(void)state;
	assert_true(get(0, 8) == UINT64_MAX);
	assert_int_equal(get(2, 4), 0xffffffff);
	assert_int_equal(get(1, 2), 0xffff);
	put(COMMAND, 8, 0);
	put(COMMAND + 1, 2, 0);
	put(0x46, 4, UINT32_MAX);
	put(0x40, 8, UINT64_MAX);
	put(BAR, 8, UINT64_MAX);
	assert_int_equal(writes, 0);
	assert_int_equal(get(BAR, 4), 0x10000000);
}

/* ---- writing ---- */

/* What is not the PD's to write keeps what hardware has: here parity, bit 6. */
static void command_writes_three_bits(void **state)
{
	(void)state;
	put(COMMAND, 2, 0xffff);
	assert_int_equal(word(1, COMMAND), 0x00100446);
	put(COMMAND, 2, 0);
	assert_int_equal(word(1, COMMAND), 0x00100040);
	put(COMMAND, 1, 0x02);
	assert_int_equal(word(1, COMMAND), 0x00100042);
	put(COMMAND + 1, 1, 0xff);
	assert_int_equal(word(1, COMMAND), 0x00100442);
	put(COMMAND + 1, 1, 0);
	assert_int_equal(word(1, COMMAND), 0x00100042);
	assert_int_equal(get(COMMAND, 2), 0x0002);
}

static void writes_at_the_own_width(void **state)
{
	static const struct { unsigned at, bytes; } cases[] = {
		{ 4, 4 }, { 4, 2 }, { 6, 2 }, { 4, 1 }, { 5, 1 }, { 7, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		writes = 0;
		put(cases[i].at, cases[i].bytes, 0);
		assert_int_equal(writes, 1);
		assert_int_equal(last_width, cases[i].bytes);
		assert_int_equal(last_address, ECAM + PAGE_OF(1) + cases[i].at);
	}
}

/* No write at all where none of the bytes has a writable bit. */
static void read_only_bytes_are_not_written(void **state)
{
	(void)state;
	put(0x00, 4, 0);
	put(0x40, 2, 0xffff);
	put(0x4e, 2, 0xffff);
	put(0x43, 1, 0xff);
	assert_int_equal(writes, 0);
}

static void errors_are_cleared_by_ones_only(void **state)
{
	(void)state;
	set_word(1, COMMAND, 0xf9100446, 0x0000ffff, 0xf9000000);
	assert_int_equal(get(6, 2), 0xf910);
	put(COMMAND, 2, 0x0006);
	put(6, 2, 0);
	put(COMMAND, 4, 0x00000006);
	assert_int_equal(word(1, COMMAND), 0xf9100046);
	put(7, 1, 0x80);
	assert_int_equal(word(1, COMMAND), 0x79100046);
	put(6, 2, 0x0100);
	assert_int_equal(word(1, COMMAND), 0x78100046);
	put(COMMAND, 4, 0xffff0406);
	assert_int_equal(word(1, COMMAND), 0x00100446);
}

/* Bit 22 is cleared by ones, but not the PD's; device control keeps all but relaxed ordering. */
static void errors_of_others_stay(void **state)
{
	(void)state;
	set_word(1, 0x50, 0x004f2810, 0x0000ffff, 0x004f0000);
	put(0x50, 4, 0xffffffff);
	assert_int_equal(word(1, 0x50), 0x00402810);
	put(0x50, 2, 0x8000);
	assert_int_equal(word(1, 0x50), 0x00402800);
	put(0x52, 2, 0xffff);
	assert_int_equal(word(1, 0x50), 0x00402800);
}

static void msi_is_written(void **state)
{
	(void)state;
	put(0x44, 4, 0x08020043);
	put(0x4c, 2, 0x1234);
	put(0x4e, 2, 0x5678);
	put(0x42, 2, 0xffff);
	assert_int_equal(word(1, 0x44), 0x08020040);
	assert_int_equal(word(1, 0x4c), 0x1234);
	assert_int_equal(word(1, 0x40), 0x00f70005);
	assert_int_equal(get(0x42, 2), 0x00f1);
	put(0x45, 1, 0xab);
	assert_int_equal(get(0x44, 4), 0x0802ab40);
}

/* ---- BARs ---- */

static void bar_32(void **state)
{
	(void)state;
	assert_int_equal(get(BAR, 4), 0x10000000);
	put(BAR, 4, 0xffffffff);
	assert_int_equal(get(BAR, 4), 0xfff00000);
	assert_int_equal(get(BAR + 2, 2), 0xfff0);
	put(BAR, 4, 0x55500000);
	assert_int_equal(get(BAR, 4), 0x10000000);
	put(BAR, 4, 0xfffffff0);        /* the type's bits are hardwired */
	assert_int_equal(get(BAR, 4), 0xfff00000);
	put(BAR, 2, 0xffffffff);        /* any other write; more than its width is not in it */
	assert_int_equal(get(BAR, 4), 0x10000000);
	put(BAR, 4, 0xffffffff);
	put(BAR, 4, 0x10000000);
	assert_int_equal(get(BAR, 4), 0x10000000);
	assert_int_equal(writes, 0);
}

static void bar_64(void **state)
{
	(void)state;
	put(0x18, 4, 0xffffffff);
	assert_int_equal(get(0x18, 4), 0xffffc004);
	assert_int_equal(get(0x1c, 4), 0x80);
	put(0x1c, 4, 0xffffffff);
	assert_int_equal(get(0x1c, 4), 0xffffffff);
	put(0x18, 4, 0x20000000);
	assert_int_equal(get(0x18, 4), 0x20000004);
	assert_int_equal(get(0x1c, 4), 0xffffffff);
	assert_int_equal(get(BAR, 4), 0x10000000);
	put(0x1c, 4, 0);
	assert_int_equal(get(0x1c, 4), 0x80);
	assert_int_equal(writes, 0);
}

/* Each function has its own, and registers without a BAR have none. */
static void sizing_is_of_one_register(void **state)
{
	(void)state;
	put(BAR, 4, 0xffffffff);
	assert_int_equal(vpci_read(PAGE_OF(2) + BAR, 4), 0x30000000);
	vpci_write(PAGE_OF(2) + BAR, 4, 0xffffffff);
	put(BAR, 4, 0);
	assert_int_equal(vpci_read(PAGE_OF(2) + BAR, 4), 0xfffff000);
	assert_int_equal(get(BAR, 4), 0x10000000);
	put(0x14, 4, 0xffffffff);
	put(0x20, 4, 0xffffffff);
	put(0x24, 4, 0xffffffff);
	put(0x30, 4, 0xffffffff);
	for (unsigned at = 0x14; at <= 0x34; at += 4)
		assert_int_equal(get(at, 4), at == 0x18 ? 0x20000004 : at == 0x1c ? 0x80 : at == 0x34 ? 0x40 : 0);
}

#define TEST(function) cmocka_unit_test_setup(function, fresh)

int main(void)
{
	const struct CMUnitTest vpci_tests[] = {
		TEST(reads_by_width), TEST(reads_what_is_allowed), TEST(reads_zero_where_there_is_no_field),
		TEST(others_read_all_ones), TEST(odd_accesses_do_nothing), TEST(command_writes_three_bits),
		TEST(writes_at_the_own_width), TEST(read_only_bytes_are_not_written),
		TEST(errors_are_cleared_by_ones_only), TEST(errors_of_others_stay), TEST(msi_is_written), TEST(bar_32),
		TEST(bar_64), TEST(sizing_is_of_one_register),
	};

	return cmocka_run_group_tests_name("vpci", vpci_tests, NULL, NULL);
}
