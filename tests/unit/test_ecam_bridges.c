/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bridges at boot, whatever numbers firmware left in them: who is reached under
 * which number, who is closed, what is refused. The hardware routes by the
 * bridges' registers as they are at that moment.
 */
#include "test.h"

#include <mullion/arch.h>
#include <mullion/log.h>
#include <mullion/mmio.h>
#include <mullion/pci.h>
#include <mullion/percpu.h>
#include <mullion/request.h>

#include "fake_verdict.h"

enum { ECAM = 0x40000000, COMMAND = 0x04, HEADER = 0x0c, BUSES = 0x18, LINES_MAX = 64, NOWHERE = 0xffff };

/* ---- hardware ---- */

enum {
	ROOT,                   /* the host bridge: no device */
	PORT, BEHIND_PORT,      /* 00:01.0 and what is below */
	SWITCH_PORT, UPSTREAM, DOWN_0, DOWN_1, BEHIND_DOWN_0, BEHIND_DOWN_1,    /* 00:02.0, two levels of a switch */
	DOWN_CLOSED, BEHIND_DOWN_CLOSED,        /* of the switch, nobody's */
	PORT_CLOSED, BEHIND_PORT_CLOSED,        /* 00:03.0, nobody's */
	DEVICES,
};

static struct {
	unsigned above;
	uint8_t devfn;
	bool is_bridge;
	uint32_t words[1024], writable[1024];
	uint16_t captured;      /* the number it was last written under */
} devices[DEVICES];

static const struct { unsigned above; uint8_t devfn; bool is_bridge; } shape[DEVICES] = {
	[PORT] = { ROOT, 0x08, true }, [BEHIND_PORT] = { PORT, 0x00, false },
	[SWITCH_PORT] = { ROOT, 0x10, true }, [UPSTREAM] = { SWITCH_PORT, 0x00, true },
	[DOWN_0] = { UPSTREAM, 0x00, true }, [DOWN_1] = { UPSTREAM, 0x08, true },
	[BEHIND_DOWN_0] = { DOWN_0, 0x00, false }, [BEHIND_DOWN_1] = { DOWN_1, 0x00, false },
	[DOWN_CLOSED] = { UPSTREAM, 0x10, true }, [BEHIND_DOWN_CLOSED] = { DOWN_CLOSED, 0x00, false },
	[PORT_CLOSED] = { ROOT, 0x18, true }, [BEHIND_PORT_CLOSED] = { PORT_CLOSED, 0x00, false },
};

static char lines[LINES_MAX][160];
static unsigned line_count;

/* Below which device this bus is, from `above` down. At most one bridge may answer. */
static unsigned route(unsigned above, unsigned bus)
{
	unsigned found = DEVICES;

	for (unsigned i = 1; i < DEVICES; i++) {
		uint32_t numbers = devices[i].words[BUSES / 4];
		unsigned secondary = numbers >> 8 & 0xff, subordinate = numbers >> 16 & 0xff;

		if (devices[i].above != above || !devices[i].is_bridge || !devices[i].words[0] || bus < secondary ||
		    bus > subordinate)
			continue;
		if (found != DEVICES)
			fail_msg("bus %u: %u and %u answer", bus, found, i);
		found = i;
	}
	if (found == DEVICES || (devices[found].words[BUSES / 4] >> 8 & 0xff) == bus)
		return found;
	return route(found, bus);
}

static unsigned find(uint64_t pa)
{
	unsigned bdf = (unsigned)((pa - ECAM) >> 12), bus = bdf >> 8, above = bus ? route(ROOT, bus) : ROOT;

	assert_true(pa >= ECAM && bdf < 0x10000);
	for (unsigned i = 1; i < DEVICES && above < DEVICES; i++)
		if (devices[i].above == above && devices[i].devfn == (bdf & 0xff) && devices[i].words[0])
			return i;
	return ROOT;
}

uint32_t mmio_read32(paddr_t addr)
{
	unsigned device = find(addr.pa);

	return device ? devices[device].words[(addr.pa & 0xfff) / 4] : UINT32_MAX;
}

bool arch_probe_read32(paddr_t addr, uint32_t *value)
{
	*value = mmio_read32(addr);
	return true;
}

uint16_t mmio_read16(paddr_t addr) { return (uint16_t)(mmio_read32(paddr(addr.pa & ~3ull)) >> 8 * (addr.pa & 2)); }

/* Firmware may leave numbers by which nobody, or another device, answers: then this is no write of ours. */
void mmio_write32(paddr_t addr, uint32_t value)
{
	unsigned device = find(addr.pa), at = (unsigned)(addr.pa & 0xfff) / 4;

	assert_true(device);    /* boot writes to nobody who is not there */
	devices[device].captured = (uint16_t)((addr.pa - ECAM) >> 12);
	devices[device].words[at] = (devices[device].words[at] & ~devices[device].writable[at]) |
				    (value & devices[device].writable[at]);
}

void mmio_write16(paddr_t addr, uint16_t value)
{
	uint32_t old = mmio_read32(paddr(addr.pa & ~3ull));
	unsigned shift = 8 * (addr.pa & 2);

	mmio_write32(paddr(addr.pa & ~3ull), (old & ~(0xffffu << shift)) | (uint32_t)value << shift);
}

void mmio_write8(paddr_t addr, uint8_t value) { fail_msg("%lx %x", (unsigned long)addr.pa, value); }

void request_send(uint32_t cpu, uint32_t bits) { fail_msg("%u %x", cpu, bits); }

void log_info(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	assert_true(line_count < LINES_MAX);
	vsnprintf(lines[line_count++], sizeof(lines[0]), format, args);
	va_end(args);
}

/* ---- table ---- */

#define AT(at) .bdf = at, .config = { ECAM + (uint64_t)(at) * 4096 }
#define BRIDGE(name_, bdf_, below, end) \
	{ { .name = name_, AT(bdf_), .vendor = 0x1b36, .device = 0x000c, .class = 0x060400 }, \
	  (bdf_) >> 8 | (below) << 8 | (end) << 16 }
#define FUNCTION(name_, bdf_) { .name = name_, AT(bdf_), .vendor = 0x1234, .device = 0x11e8, .class = 0x00ff00 }

_Thread_local struct percpu *fake_percpu;
static const struct table_bridge bridges[] = {
	BRIDGE("port", 0x0008, 1, 1), BRIDGE("switch port", 0x0010, 2, 5), BRIDGE("upstream", 0x0200, 3, 5),
	BRIDGE("down 0", 0x0300, 4, 4), BRIDGE("down 1", 0x0308, 5, 5),
};
static const struct table_function functions[] = {
	{ 0 }, FUNCTION("a", 0x0100), FUNCTION("b", 0x0400), FUNCTION("c", 0x0500),
};
static const struct table_pci_register registers[] = {
	{ "pci.bridge-memory", &bridges[0].is, 0x20, 4, 0x10101000, 0xfff0fff0 },
	{ "pci.bridge-control", &bridges[1].is, 0x3e, 2, 0x0000, 0xffff },
	{ "pci.bar-address", &functions[1], 0x10, 4, 0x10100000, 0xfffffff0 },
	{ "pci.acs", &bridges[4].is, 0x106, 2, 0x001d, 0x001f },
	{ "pci.as-found", &bridges[2].is, 0x3c, 0, 0x00000000, 0xffff0000 },
};
const struct table table = {
	.pci = { { ECAM }, 0, 255, bridges, ARRAY_SIZE(bridges), registers, ARRAY_SIZE(registers) },
	.functions = functions, .function_count = ARRAY_SIZE(functions),
};
static const uint16_t numbers[DEVICES] = {
	[PORT] = 0x0008, [BEHIND_PORT] = 0x0100, [SWITCH_PORT] = 0x0010, [UPSTREAM] = 0x0200, [DOWN_0] = 0x0300,
	[DOWN_1] = 0x0308, [BEHIND_DOWN_0] = 0x0400, [BEHIND_DOWN_1] = 0x0500, [DOWN_CLOSED] = 0x0310,
	[BEHIND_DOWN_CLOSED] = NOWHERE, [PORT_CLOSED] = 0x0018, [BEHIND_PORT_CLOSED] = NOWHERE,
};

static uint32_t *word(unsigned device, unsigned at) { return &devices[device].words[at / 4]; }

static void set(unsigned device, unsigned at, uint32_t value, uint32_t writable)
{
	devices[device].words[at / 4] = value;
	devices[device].writable[at / 4] = writable;
}

static void set_bridge(unsigned i)
{
	set(i, 0x00, 0x000c1b36, 0);
	set(i, 0x08, 0x06040000, 0);
	set(i, HEADER, 0x00010000, 0);
	set(i, BUSES, 0, 0xffffff);
	set(i, 0x20, 0, 0xfff0fff0);
	set(i, 0x38, 0, 0xfffff801);
	set(i, 0x3c, 0, 0xffff00ff);
	set(i, 0x104, 0, 0xffff0000);
}

static void set_function(unsigned i)
{
	set(i, 0x00, 0x11e81234, 0);
	set(i, 0x08, 0x00ff0000, 0);
}

/* As reset leaves it: bridges unnumbered; all that firmware could have left in command is on. */
static int fresh(void **state)
{
	(void)state;
	memset(devices, 0, sizeof(devices));
	line_count = 0;
	verdicts_reset();
	for (unsigned i = 1; i < DEVICES; i++) {
		devices[i].above = shape[i].above;
		devices[i].devfn = shape[i].devfn;
		devices[i].is_bridge = shape[i].is_bridge;
		devices[i].captured = NOWHERE;
		(shape[i].is_bridge ? set_bridge : set_function)(i);
		set(i, COMMAND, 0x0007, 0xffff);
	}
	return 0;
}

/* Primary is not looked at by hardware; ours is the number of the bus. */
static void firmware(unsigned device, unsigned secondary, unsigned subordinate)
{
	*word(device, BUSES) = secondary << 8 | subordinate << 16;
}

static void assert_open_and_closed(void)
{
	assert_int_equal(*word(PORT, BUSES), 0x010100);
	assert_int_equal(*word(SWITCH_PORT, BUSES), 0x050200);
	assert_int_equal(*word(UPSTREAM, BUSES), 0x050302);
	assert_int_equal(*word(DOWN_0, BUSES), 0x040403);
	assert_int_equal(*word(DOWN_1, BUSES), 0x050503);
	assert_int_equal(*word(DOWN_CLOSED, BUSES), 0);
	assert_int_equal(*word(PORT_CLOSED, BUSES), 0);
	for (unsigned i = 1; i < DEVICES; i++) {
		if (numbers[i] == NOWHERE)
			continue;
		assert_int_equal(devices[i].captured, numbers[i]);
		assert_int_equal(*word(i, COMMAND), 0x0400);
	}
	assert_all_good();
}

/* ---- tests ---- */

static void unnumbered(void **state)
{
	(void)state;
	pci_deny();
	for (unsigned i = 1; i < DEVICES; i++)
		assert_int_equal(*word(i, COMMAND), devices[i].above == ROOT ? 0x0400 : 0x0007);
	pci_compare();
	assert_open_and_closed();
	assert_int_equal(*word(BEHIND_PORT_CLOSED, COMMAND), 0x0007);
	assert_int_equal(*word(BEHIND_DOWN_CLOSED, COMMAND), 0x0007);
	assert_int_equal(line_count, 2);
	assert_string_equal(lines[0], "undeclared bridge 00:03.0 id 1b36:000c class 060400: closed");
	assert_string_equal(lines[1], "undeclared bridge 03:02.0 id 1b36:000c class 060400: closed");
}

/* Depth first, from another side, and with room left: as firmware may number. */
static void numbered_otherwise(void **state)
{
	(void)state;
	firmware(PORT_CLOSED, 1, 1);
	firmware(SWITCH_PORT, 2, 9);
	firmware(UPSTREAM, 3, 9);
	firmware(DOWN_CLOSED, 4, 5);
	firmware(DOWN_1, 6, 6);
	firmware(DOWN_0, 7, 9);
	firmware(PORT, 10, 20);
	pci_deny();
	for (unsigned i = 1; i < DEVICES; i++)
		assert_int_equal(*word(i, COMMAND), 0x0400);
	pci_compare();
	assert_open_and_closed();
	assert_int_equal(*word(BEHIND_PORT_CLOSED, COMMAND), 0x0400);
}

/* Numbers below the first open bridge under which, once that one is open, several would answer. */
static void leftovers_below(void **state)
{
	(void)state;
	firmware(UPSTREAM, 3, 255);
	firmware(DOWN_0, 4, 255);
	firmware(DOWN_1, 4, 255);
	firmware(DOWN_CLOSED, 0, 255);
	pci_deny();
	pci_compare();
	assert_open_and_closed();
	assert_int_equal(*word(BEHIND_DOWN_CLOSED, COMMAND), 0x0007);
}

static void undeclared_behind_a_bridge(void **state)
{
	(void)state;
	devices[BEHIND_PORT_CLOSED].above = UPSTREAM;
	devices[BEHIND_PORT_CLOSED].devfn = 0x19;
	devices[DOWN_1].above = DOWN_CLOSED;
	devices[DOWN_CLOSED].devfn = 0x18;
	set(DOWN_CLOSED, HEADER, 0x00810000, 0);
	pci_compare();
	assert_bad_of("pci.vendor down 1");
	assert_string_equal(lines[0], "undeclared bridge 00:03.0 id 1b36:000c class 060400: closed");
	assert_string_equal(lines[1], "undeclared bridge 03:03.0 id 1b36:000c class 060400: closed");
	assert_string_equal(lines[2],
			    "undeclared function 03:03.1 id 1234:11e8 class 00ff00: kept off, its stream is denied");
	assert_string_equal(lines[3], "pci-03-03-1 {");
	assert_string_equal(lines[4], "\tbridge = <&to_bus_03>; devfn = <3 1>;");
	assert_string_equal(lines[5], "\tid = <0x1234 0x11e8>; class = <0x00ff00>;");
	assert_int_equal(*word(BEHIND_PORT_CLOSED, COMMAND), 0x0400);
}

static void bridge_missing(void **state)
{
	(void)state;
	*word(PORT, 0) = 0;
	pci_compare();
	assert_bad_of("pci.vendor port");
	assert_bad_of("pci.device port");
	assert_bad_of("pci.bridge-buses port");
	assert_bad_of("pci.vendor a");
	assert_bad_of("pci.device a");
	assert_int_equal(verdicts_bad(), 5);
}

static void other_bridge(void **state)
{
	(void)state;
	*word(DOWN_1, 0) = 0x8233104c;
	pci_compare();
	assert_bad_of("pci.vendor down 1");
	assert_bad_of("pci.device down 1");
	assert_int_equal(verdicts_bad(), 2);
}

/* No bridge at all: it gets no number, whatever it has there. */
static void function_in_place_of_a_bridge(void **state)
{
	(void)state;
	*word(PORT, HEADER) = 0;
	*word(PORT, BUSES) = 0xc0000000;
	devices[PORT].is_bridge = false;
	devices[PORT].writable[BUSES / 4] = 0xffffffff;
	pci_compare();
	assert_int_equal(*word(PORT, BUSES), 0xc0000000);
	assert_bad_of("pci.header port");
	assert_bad_of("pci.bridge-buses port");
	assert_bad_of("pci.vendor a");
}

static void bridge_in_place_of_a_function(void **state)
{
	(void)state;
	set_bridge(BEHIND_PORT);
	devices[BEHIND_PORT].is_bridge = true;
	*word(BEHIND_PORT, 0) = 0x11e81234;
	*word(BEHIND_PORT, 0x08) = 0x00ff0000;
	*word(BEHIND_PORT, BUSES) = 0x070600;
	pci_compare();
	assert_bad_of("pci.header a");
	assert_int_equal(verdicts_bad(), 1);
	assert_int_equal(*word(BEHIND_PORT, BUSES), 0);
}

static void numbers_that_do_not_stay(void **state)
{
	(void)state;
	devices[DOWN_0].writable[BUSES / 4] = 0x0f0f0f ^ 0x000400;
	pci_compare();
	assert_bad_of("pci.bridge-buses down 0");
	fresh(NULL);
	set(PORT_CLOSED, BUSES, 0x070700, 0);
	pci_compare();
	assert_int_equal(verdicts_bad(), 1);
	assert_bad_of("pci.bridge-closed");
}

/* Only the first two registers of a bridge are BARs; its ROM is elsewhere too. */
static void bars_of_a_bridge(void **state)
{
	(void)state;
	set(PORT, 0x10, 0, 0xfffff000);
	*word(PORT, 0x38) = 0xffff0001;
	for (unsigned at = 0x1c; at < 0x38; at += 4)
		set(PORT, at, 0x12345678, 0xffffffff);
	pci_compare();
	assert_bad_of("pci.undeclared-bars port");
	assert_int_equal(verdicts_bad(), 1);
	assert_int_equal(*word(PORT, 0x38), 0);
	for (unsigned at = 0x1c; at < 0x38; at += 4)
		assert_int_equal(*word(PORT, at), 0x12345678);
}

static void programs_what_the_table_lists(void **state)
{
	(void)state;
	pci_compare();
	set(BEHIND_PORT, 0x10, 0, 0xfff00000);
	*word(SWITCH_PORT, 0x3c) = 0x00480005;
	pci_place_bars();
	assert_int_equal(*word(PORT, 0x20), 0x10101000);
	assert_int_equal(*word(SWITCH_PORT, 0x3c), 0x00000005);
	assert_int_equal(*word(BEHIND_PORT, 0x10), 0x10100000);
	assert_int_equal(*word(DOWN_1, 0x104), 0x001d0000);
	assert_all_good();
	for (unsigned i = 1; i < DEVICES; i++)
		if (numbers[i] != NOWHERE)
			assert_int_equal(*word(i, COMMAND), i == DOWN_CLOSED || i == PORT_CLOSED ? 0x0400 : 0x0402);
	pci_allow_dma();
	for (unsigned i = 1; i < DEVICES; i++)
		if (numbers[i] != NOWHERE)
			assert_int_equal(*word(i, COMMAND), i == DOWN_CLOSED || i == PORT_CLOSED ? 0x0400 : 0x0406);
}

static void registers_are_read_back(void **state)
{
	(void)state;
	pci_compare();
	set(BEHIND_PORT, 0x10, 0, 0xfff00000);
	devices[DOWN_1].writable[0x104 / 4] = 0x000f0000;
	*word(UPSTREAM, 0x3c) = 0x00010000;     /* only read */
	devices[PORT].writable[0x20 / 4] = 0;
	pci_place_bars();
	assert_bad_of("pci.acs down 1");
	assert_bad_of("pci.as-found upstream");
	assert_bad_of("pci.bridge-memory port");
	assert_int_equal(verdicts_bad(), 3);
	assert_int_equal(*word(UPSTREAM, 0x3c), 0x00010000);
}

#define TEST(function) cmocka_unit_test_setup(function, fresh)

int main(void)
{
	const struct CMUnitTest bridge_tests[] = {
		TEST(unnumbered), TEST(numbered_otherwise), TEST(leftovers_below), TEST(undeclared_behind_a_bridge),
		TEST(bridge_missing), TEST(other_bridge), TEST(function_in_place_of_a_bridge),
		TEST(bridge_in_place_of_a_function), TEST(numbers_that_do_not_stay), TEST(bars_of_a_bridge),
		TEST(programs_what_the_table_lists), TEST(registers_are_read_back),
	};

	return cmocka_run_group_tests_name("ecam_bridges", bridge_tests, NULL, NULL);
}
