/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration space as a PD sees it, on a fake function that behaves like
 * hardware where that matters: read-only bits, bits cleared by writing 1, BARs.
 * Also the gate of bus mastering (ecam.c), since both meet in the command register.
 */
#include "test.h"

#include <mullion/log.h>
#include <mullion/arch.h>
#include <mullion/mmio.h>
#include <mullion/pci.h>
#include <mullion/percpu.h>
#include <mullion/request.h>
#include <mullion/vdev.h>

#include "fake_verdict.h"

enum { ECAM = 0x40000000, BUS_FIRST = 0x10, PAGES = 4, COMMAND = 4, MASTER = 4, BAR = 0x10 };
/* Devices 1 to 3 of bus 0x10, index 1 to 3; the PD has 1 and 2. */
#define PAGE_OF(device) ((uint64_t)(device) << 15)

static struct pd_state states[2];

/* ---- hardware ---- */

static struct {
	uint8_t bytes[4096];
	uint32_t writable[1024], clears[1024];  /* by word */
} pages[PAGES];

static unsigned writes, last_width;
static uint64_t last_address;
/* A write that no read has followed: it may be on its way yet. */
static bool is_posted;

static unsigned page_of(uint64_t pa)
{
	assert_true(pa >= ECAM && (pa - ECAM) >> 15 < PAGES && !((pa - ECAM) & 0x7000));
	return (unsigned)((pa - ECAM) >> 15);
}

bool arch_probe_read32(paddr_t addr, uint32_t *value)
{
	(void)addr;
	(void)value;
	return false;           /* nothing boots here */
}

static uint64_t hw_read(uint64_t pa, unsigned bytes)
{
	uint64_t value = 0;

	assert_int_equal(pa % bytes, 0);
	memcpy(&value, &pages[page_of(pa)].bytes[pa & 0xfff], bytes);
	is_posted = is_posted && page_of(pa) != page_of(last_address);
	return value;
}

static void hw_write(uint64_t pa, unsigned bytes, uint64_t value)
{
	unsigned page = page_of(pa), at = pa & 0xfff;

	assert_int_equal(pa % bytes, 0);
	assert_int_equal(states[page == 3].lock.taken, 1);
	writes++;
	last_width = bytes;
	last_address = pa;
	is_posted = true;
	for (unsigned i = 0; i < bytes; i++, at++) {
		uint8_t writable = (uint8_t)(pages[page].writable[at / 4] >> 8 * (at & 3));
		uint8_t clears = (uint8_t)(pages[page].clears[at / 4] >> 8 * (at & 3));
		uint8_t new = (uint8_t)(value >> 8 * i), *old = &pages[page].bytes[at];

		*old = (uint8_t)((*old & ~writable & ~(clears & new)) | (new & writable));
	}
}

uint16_t mmio_read16(paddr_t addr) { return (uint16_t)hw_read(addr.pa, 2); }
uint32_t mmio_read32(paddr_t addr) { return (uint32_t)hw_read(addr.pa, 4); }
void mmio_write8(paddr_t addr, uint8_t value) { hw_write(addr.pa, 1, value); }
void mmio_write16(paddr_t addr, uint16_t value) { hw_write(addr.pa, 2, value); }
void mmio_write32(paddr_t addr, uint32_t value) { hw_write(addr.pa, 4, value); }

static void set_word(unsigned page, unsigned at, uint32_t value, uint32_t writable, uint32_t clears)
{
	memcpy(&pages[page].bytes[at], &value, 4);
	pages[page].writable[at / 4] = writable;
	pages[page].clears[at / 4] = clears;
}

static uint32_t word(unsigned page, unsigned at) { return (uint32_t)hw_read(ECAM + PAGE_OF(page) + at, 4); }

/* ---- table ---- */

static const struct table_config_field fields[] = {
	{ 0x00, 0xffffffff, 0, 0, 0, 0 },
	{ 0x04, 0xffef0406, 0x00100000, 0xf9000406, 0xf9000000, 0 },
	{ 0x10, 0, 0x10000000, 0, 0, 0xfff00000 },
	{ 0x18, 0, 0x20000004, 0, 0, 0xffffc004 },
	{ 0x1c, 0, 0x00000080, 0, 0, 0xffffffff },
	{ 0x34, 0, 0x40, 0, 0, 0 },
	{ 0x40, 0x00710000, 0x00805005, 0x00710000, 0, 0 },
	{ 0x44, 0xfffffffc, 0, 0xfffffffc, 0, 0 },
	{ 0x4c, 0x0000ffff, 0, 0x0000ffff, 0, 0 },
	{ 0x50, 0xffff7fff, 0, 0x000f0010, 0x004f0000, 0 },     /* control, status of PCIe */
};
static const struct table_config_field ids[] = {
	{ 0x00, 0xffffffff, 0, 0, 0, 0 }, { 0x10, 0, 0x30000000, 0, 0, 0xfffff000 },
};
static const struct table_bar bars[] = { { 0, false, 0x10000000, 0x100000 }, { 2, true, 0x8020000000, 0x4000 } };
static const struct table_bar other_bars[] = { { 0, false, 0x30000000, 0x1000 } };
static const uint8_t cpus_1[] = { 2, 1 }, cpus_2[] = { 3 };
static const struct table_pd pds[] = {
	{ 0 },
	{ .label = "one", .cpus = cpus_1, .first_function = 1, .function_count = 2, .state = &states[0] },
	{ .label = "two", .cpus = cpus_2, .first_function = 3, .function_count = 1, .state = &states[1] },
};

#define FUNCTION(idx, owner, the_fields, the_bars) { .name = #idx, .pd = owner, .bdf = 0x1500 | (idx), \
	.pd_bdf = BUS_FIRST << 8 | (idx) << 3, .config = { ECAM + PAGE_OF(idx) }, \
	.fields = the_fields, .field_count = ARRAY_SIZE(the_fields), \
	.bars = the_bars, .bar_count = ARRAY_SIZE(the_bars) }
static const struct table_function functions[] = {
	{ 0 }, FUNCTION(1, 1, fields, bars), FUNCTION(2, 1, ids, other_bars), FUNCTION(3, 2, ids, other_bars),
};
const struct table table = {
	.pci = { { ECAM }, BUS_FIRST, 0x11 }, .pds = pds, .pd_count = 3, .functions = functions, .function_count = 4,
};

static struct percpu cpu;
_Thread_local struct percpu *fake_percpu = &cpu;
static uint32_t requested_cpu, requests;

void request_send(uint32_t idx, uint32_t bits)
{
	requested_cpu = idx;
	requests |= bits;
}

/* Devices 1 and 2 have bus mastering, as pci_allow_dma() left it. */
static int fresh(void **state)
{
	(void)state;
	memset(pages, 0, sizeof(pages));
	memset(states, 0, sizeof(states));
	for (unsigned i = 1; i < PAGES; i++)
		set_word(i, 0, 0x11e80000 + i, 0, 0);
	set_word(1, COMMAND, 0x00100446, 0x0000ffff, 0xf9000000);
	set_word(2, COMMAND, 0x00100406, 0x0000ffff, 0xf9000000);
	set_word(3, COMMAND, 0x00100406, 0x0000ffff, 0xf9000000);
	set_word(1, 0x40, 0x00860005, 0xffffffff, 0);
	set_word(1, 0x44, 0, 0xffffffff, 0);
	set_word(1, 0x4c, 0, 0xffffffff, 0);
	set_word(1, 0x50, 0x00002810, 0x0000ffff, 0x004f0000);
	cpu.pd = &pds[1];
	cpu.state = &states[0];
	writes = requests = 0;
	verdicts_reset();
	return 0;
}

/* Of pci_deny(), which is not ours. */
void log_info(const char *format, ...) { (void)format; }

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

/* ---- quarantine: marks are for good, so each test below has a function of its own or comes last ---- */

static bool masters(unsigned device) { return word(device, COMMAND) & MASTER; }

/* As if the housekeeping CPU's mark arrives, and the gate runs, at the worst moments. */
static void quarantine_is_for_good(void **state)
{
	(void)state;
	assert_false(pci_is_quarantined(1));
	assert_true(pci_quarantine(1));
	assert_int_equal(requested_cpu, 2);
	assert_int_equal(requests, REQUEST_GATE);
	requests = 0;
	assert_false(pci_quarantine(1));
	assert_int_equal(requests, 0);
	assert_true(masters(1));                /* the housekeeping CPU cannot */
	assert_int_equal(get(COMMAND, 2), 0x0402);      /* but the PD sees what will be */
	put(COMMAND + 1, 1, 0);                 /* the register's other byte: no bus mastering in it */
	pci_gate();
	assert_false(masters(1));
	assert_true(masters(2));
	assert_int_equal(word(1, COMMAND), 0x00100042);
	put(COMMAND, 2, 0x0406);
	put(COMMAND, 4, 0x00000406);
	put(COMMAND, 1, 0x06);
	assert_false(masters(1));
	assert_int_equal(get(COMMAND, 2), 0x0402);
	pci_gate();
	assert_false(masters(1));
	pci_stop_dma(1);
	assert_false(is_posted);                /* who stops a PD goes on once it has arrived */
	assert_false(masters(1));
}

/* Marked, not gated yet: a write of the PD gates it, rather than bring back what it read. */
static void write_between_mark_and_gate(void **state)
{
	(void)state;
	assert_true(pci_is_quarantined(1));
	put(COMMAND, 2, 0x0406);
	assert_false(masters(1));
}

static void stop_is_for_good(void **state)
{
	(void)state;
	cpu.pd = &pds[2];
	cpu.state = &states[1];
	pci_gate();
	assert_true(masters(3));
	pci_stop_dma(3);
	assert_int_equal(word(3, COMMAND), 0x00100402);
	assert_true(pci_is_quarantined(3));
	assert_false(pci_quarantine(3));
	assert_int_equal(requests, 0);
	assert_true(masters(2));
}

/* The gate is the PD's own: marks of another PD's functions are none of its business. */
static void gate_is_of_one_pd(void **state)
{
	(void)state;
	pci_gate();
	assert_true(masters(3));
	assert_true(masters(2));
	assert_false(masters(1));
}

#define TEST(function) cmocka_unit_test_setup(function, fresh)

int main(void)
{
	const struct CMUnitTest vpci_tests[] = {
		TEST(reads_by_width), TEST(reads_what_is_allowed), TEST(reads_zero_where_there_is_no_field),
		TEST(others_read_all_ones), TEST(odd_accesses_do_nothing), TEST(command_writes_three_bits),
		TEST(writes_at_the_own_width), TEST(read_only_bytes_are_not_written),
		TEST(errors_are_cleared_by_ones_only), TEST(errors_of_others_stay), TEST(msi_is_written), TEST(bar_32),
		TEST(bar_64), TEST(sizing_is_of_one_register), TEST(quarantine_is_for_good),
		TEST(write_between_mark_and_gate), TEST(stop_is_for_good), TEST(gate_is_of_one_pd),
	};

	return cmocka_run_group_tests_name("vpci", vpci_tests, NULL, NULL);
}
