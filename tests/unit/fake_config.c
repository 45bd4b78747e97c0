/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_config.h"

#include <mullion/arch.h>
#include <mullion/mmio.h>
#include <mullion/pci.h>
#include <mullion/request.h>

#include "fake_verdict.h"

struct pd_state states[2];

/* ---- hardware ---- */

static struct {
	uint8_t bytes[4096];
	uint32_t writable[1024], clears[1024];  /* by word */
} pages[PAGES];

unsigned writes, last_width;
uint64_t last_address;
bool is_posted, writes_need_lock;

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
	if (writes_need_lock)
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

void set_word(unsigned page, unsigned at, uint32_t value, uint32_t writable, uint32_t clears)
{
	memcpy(&pages[page].bytes[at], &value, 4);
	pages[page].writable[at / 4] = writable;
	pages[page].clears[at / 4] = clears;
}

uint32_t word(unsigned page, unsigned at) { return (uint32_t)hw_read(ECAM + PAGE_OF(page) + at, 4); }

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
const struct table_pd pds[] = {
	{ 0 },
	{ .label = "one", .cpus = cpus_1, .first_function = 1, .function_count = 2, .state = &states[0] },
	{ .label = "two", .cpus = cpus_2, .first_function = 3, .function_count = 1, .state = &states[1] },
};

#define FUNCTION(idx, owner, the_fields, the_bars) { .name = #idx, .pd = owner, .bdf = 0x1500 | (idx), \
	.vendor = 0x1b36, .device = 0x000d, \
	.pd_bdf = BUS_FIRST << 8 | (idx) << 3, .config = { ECAM + PAGE_OF(idx) }, \
	.fields = the_fields, .field_count = ARRAY_SIZE(the_fields), \
	.bars = the_bars, .bar_count = ARRAY_SIZE(the_bars) }
static const struct table_function functions[] = {
	{ 0 }, FUNCTION(1, 1, fields, bars), FUNCTION(2, 1, ids, other_bars), FUNCTION(3, 2, ids, other_bars),
};

/* What boot wrote, and what it read only. */
static const struct table_pci_register registers[] = {
	{ "pci.bar-address", &functions[1], BAR, 4, 0x10000000, 0xfffffff0 },
	{ "pci.bar-address", &functions[1], 0x18, 4, 0x20000004, 0xfffffff0 },
	{ "pci.bar-address", &functions[1], 0x1c, 4, 0x80, 0xffffffff },
	{ "pci.flr", &functions[1], 0x84, 0, 0x10000000, 0x10000000 },
	{ "pci.bar-address", &functions[3], BAR, 4, 0x30000000, 0xfffffff0 },
};
const struct table table = {
	.pci = { { ECAM }, BUS_FIRST, 0x11, .registers = registers, .register_count = ARRAY_SIZE(registers) },
	.pds = pds, .pd_count = 3, .functions = functions, .function_count = 4,
};

struct percpu cpu;
_Thread_local struct percpu *fake_percpu = &cpu;
uint32_t requested_cpu, requests;

void request_send(uint32_t idx, uint32_t bits)
{
	requested_cpu = idx;
	requests |= bits;
}

int fresh(void **state)
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
	writes_need_lock = true;
	verdicts_reset();
	return 0;
}
