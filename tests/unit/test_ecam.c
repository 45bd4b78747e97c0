/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration space at boot: what pci_deny() takes away, what pci_compare()
 * refuses, and the node that it prints of a function that nobody declared.
 */
#include "test.h"

#include <mullion/arch.h>
#include <mullion/log.h>
#include <mullion/mmio.h>
#include <mullion/pci.h>
#include <mullion/percpu.h>
#include <mullion/request.h>

#include "fake_verdict.h"

enum { ECAM = 0x40000000, COMMAND = 4, LINES_MAX = 64 };

/* ---- hardware: devices of bus 0, all else reads all ones ---- */

enum { EDU = 1, NVME = 2, PF = 3, DEVICES = 4, PF_7 = DEVICES, PAGES };

static struct {
	uint32_t words[1024], writable[1024];
} pages[PAGES];

static char lines[LINES_MAX][160];
static unsigned line_count;

static uint32_t *find(uint64_t pa, bool writable)
{
	uint64_t bdf = (pa - ECAM) >> 12;
	uint64_t page = bdf == (PF << 3 | 7) ? PF_7 : bdf & 7 ? PAGES : bdf >> 3 < DEVICES ? bdf >> 3 : PAGES;
	unsigned at = (unsigned)(pa & 0xfff) / 4;

	assert_true(pa >= ECAM && bdf < 256);
	if (page == PAGES || !pages[page].words[0])
		return NULL;
	return writable ? &pages[page].writable[at] : &pages[page].words[at];
}

/* Whether there is configuration space at all. */
static bool answers;

uint32_t mmio_read32(paddr_t addr) { return find(addr.pa, false) ? *find(addr.pa, false) : UINT32_MAX; }
bool arch_probe_read32(paddr_t addr, uint32_t *value)
{
	if (!answers)
		return false;
	*value = mmio_read32(addr);
	return true;
}

uint16_t mmio_read16(paddr_t addr) { return (uint16_t)(mmio_read32(paddr(addr.pa & ~3ull)) >> 8 * (addr.pa & 2)); }

void mmio_write32(paddr_t addr, uint32_t value)
{
	uint32_t *word = find(addr.pa, false), writable = 0;

	assert_non_null(word);  /* boot writes to nobody who is not there */
	writable = *find(addr.pa, true);
	*word = (*word & ~writable) | (value & writable);
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

/* ---- table: edu is declared ---- */

_Thread_local struct percpu *fake_percpu;
static struct table_capability msi = { 0x05, 0x40, 0x018e, 0x0080 };
static const struct table_bar bar = { 0, false, 0x10000000, 0x100000 };
static const struct table_function functions[] = {
	{ 0 },
	{ .name = "edu", .bdf = EDU << 3, .config = { ECAM + (EDU << 15) }, .vendor = 0x1234, .device = 0x11e8,
	  .class = 0x00ff00, .bars = &bar, .bar_count = 1, .capabilities = &msi, .capability_count = 1 },
};
const struct table table = { .pci = { { ECAM }, 0, 255 }, .functions = functions, .function_count = 2 };

static void set(unsigned device, unsigned at, uint32_t value, uint32_t writable)
{
	pages[device].words[at / 4] = value;
	pages[device].writable[at / 4] = writable;
}

static uint32_t get(unsigned device, unsigned at) { return pages[device].words[at / 4]; }

static void set_nvme(void)
{
	set(NVME, 0, 0x00101b36, 0);
	set(NVME, COMMAND, 0x00100000, 0x0000ffff);
	set(NVME, 0x08, 0x01080202, 0);
	set(NVME, 0x10, 0x00000004, 0xffffc000);
	set(NVME, 0x14, 0x00000080, 0xffffffff);
	set(NVME, 0x18, 0x0000c001, 0xffffffe1);        /* I/O */
	set(NVME, 0x20, 0x10004000, 0xfffff000);
	set(NVME, 0x34, 0x40, 0);
	set(NVME, 0x40, 0x00408011, 0);                 /* MSI-X, 65 vectors */
	set(NVME, 0x80, 0x00926010, 0);                 /* PCIe */
	set(NVME, 0x60, 0x00030001, 0);                 /* PM: the last */
}

static int fresh(void **state)
{
	(void)state;
	memset(pages, 0, sizeof(pages));
	line_count = 0;
	verdicts_reset();
	msi = (struct table_capability){ 0x05, 0x40, 0x018e, 0x0080 };
	set(EDU, 0, 0x11e81234, 0);
	set(EDU, COMMAND, 0x00100000, 0x0000ffff);
	set(EDU, 0x08, 0x00ff0010, 0);
	set(EDU, 0x10, 0, 0xfff00000);
	answers = true;
	set(EDU, 0x34, 0x40, 0);
	set(EDU, 0x40, 0x00800005, 0);
	return 0;
}

/* ---- deny ---- */

static void deny_turns_all_off(void **state)
{
	(void)state;
	set_nvme();
	set(EDU, COMMAND, 0x00100007, 0x0000ffff);
	set(NVME, COMMAND, 0x00100007, 0x0000ffff);
	assert_true(pci_deny());
	assert_int_equal(get(EDU, COMMAND), 0x00100400);
	assert_int_equal(get(NVME, COMMAND), 0x00100400);
	assert_int_equal(get(NVME, 0x14), 0x80);
}

/* A device with several functions may have them with gaps, up to the last number; one with one may have no other. */
static void deny_finds_the_last_function(void **state)
{
	(void)state;
	set(PF, 0, 0x10c98086, 0);
	set(PF_7, 0, 0x10c98086, 0);
	set(PF_7, COMMAND, 0x00100007, 0x0000ffff);
	pci_deny();
	assert_int_equal(get(PF_7, COMMAND), 0x00100007);
	set(PF, 0x0c, 0x00800000, 0);
	pci_deny();
	assert_int_equal(get(PF_7, COMMAND), 0x00100400);
}

/* One access more would panic. */
static void deny_touches_nothing_that_does_not_answer(void **state)
{
	(void)state;
	set(EDU, COMMAND, 0x00100007, 0x0000ffff);
	answers = false;
	assert_false(pci_deny());
	assert_int_equal(get(EDU, COMMAND), 0x00100007);
}

/* VF Enable and VF MSE go, the other bits of SR-IOV's control stay, and other capabilities are not touched. */
static void deny_removes_virtual_functions(void **state)
{
	(void)state;
	set(PF, 0, 0x10c98086, 0);
	set(PF, COMMAND, 0x00100000, 0x0000ffff);
	set(PF, 0x100, 0x15020001, UINT32_MAX);         /* AER, then 0x150 */
	set(PF, 0x108, UINT32_MAX, UINT32_MAX);
	set(PF, 0x150, 0x1a010010, UINT32_MAX);         /* SR-IOV, then 0x1a0 */
	set(PF, 0x158, 0x00a5001f, UINT32_MAX);
	set(PF, 0x1a0, 0x0001000e, UINT32_MAX);
	set(PF, 0x1a8, UINT32_MAX, UINT32_MAX);
	pci_deny();
	assert_int_equal(get(PF, 0x158), 0x00a50016);
	assert_int_equal(get(PF, 0x108), UINT32_MAX);
	assert_int_equal(get(PF, 0x1a8), UINT32_MAX);
}

/* Lists that a broken device could have: a loop, an end beyond the page, all ones. */
static void deny_ends_on_broken_lists(void **state)
{
	static const uint32_t headers[] = { 0x10010001, 0xffc10001, 0xffffffff, 0x08010001, 0 };

	(void)state;
	set(PF, 0, 0x10c98086, 0);
	set(PF, 0xffc, 0xffc10010, UINT32_MAX);
	set(PF, 0x80, 0x00000010, UINT32_MAX);
	set(PF, 0x88, UINT32_MAX, UINT32_MAX);
	for (size_t i = 0; i < ARRAY_SIZE(headers); i++) {
		set(PF, 0x100, headers[i], UINT32_MAX);
		pci_deny();
		assert_int_equal(get(PF, 0x100), headers[i]);
		assert_int_equal(get(PF, 0x88), UINT32_MAX);
	}
}

/* ---- compare ---- */

static void same_machine_passes(void **state)
{
	(void)state;
	set(EDU, 0x30, 0xfeff0001, 0xfffff801);         /* a ROM, that firmware left on */
	pci_compare();
	assert_all_good();
	assert_int_equal(line_count, 0);
	assert_int_equal(get(EDU, 0x30), 0);
}

static void capabilities_differ(void **state)
{
	(void)state;
	set(EDU, 0x40, 0x00000005, 0);          /* 32-bit */
	pci_compare();
	assert_int_equal(verdicts_bad(), 1);
	assert_bad_of("pci.capability-control edu");

	fresh(NULL);
	set(EDU, 0x40, 0x01800005, 0);          /* with masks */
	pci_compare();
	assert_int_equal(verdicts_bad(), 1);
	assert_bad_of("pci.capability-control edu");

	fresh(NULL);
	set(EDU, 0x40, 0x00805001, 0);          /* another first: MSI elsewhere */
	set(EDU, 0x50, 0x00800005, 0);
	pci_compare();
	assert_int_equal(verdicts_bad(), 1);
	assert_bad_of("pci.capability edu");

	fresh(NULL);
	set(EDU, COMMAND, 0, 0x0000ffff);       /* no list */
	pci_compare();
	assert_int_equal(verdicts_bad(), 1);
	assert_bad_of("pci.capability edu");
}

/* The table may use fewer vectors than there are, not more. */
static void vectors_are_at_least(void **state)
{
	(void)state;
	set(EDU, 0x40, 0x008b0005, 0);          /* and enabled, which is nobody's business */
	pci_compare();
	assert_all_good();
	msi.control = 0x008c;
	pci_compare();
	assert_int_equal(verdicts_bad(), 1);
	assert_bad_of("pci.capability-vectors edu");
}

static void broken_list_ends(void **state)
{
	(void)state;
	set(EDU, 0x34, 0x80, 0);
	set(EDU, 0x80, 0x00008009, 0);          /* a loop */
	pci_compare();
	assert_bad_of("pci.capability edu");
	fresh(NULL);
	set(NVME, 0, 0x00101b36, 0);
	set(NVME, COMMAND, 0x00100000, 0x0000ffff);
	set(NVME, 0x34, 0x40, 0);
	set(NVME, 0x40, 0x00002c09, 0);         /* into the header */
	set(NVME, 0x2c, 0x00800005, 0);
	pci_compare();
	assert_int_equal(line_count, 5);
	assert_string_equal(lines[4], "};");
}

/* ---- the node ---- */

static void undeclared_is_a_node(void **state)
{
	static const char *const expected[] = {
		"undeclared function 00:02.0 id 1b36:0010 class 010802: kept off, its stream is denied",
		"pci-00-02-0 {",
		"\tbdf = <0x00 2 0>;",
		"\tid = <0x1b36 0x0010>; class = <0x010802>;",
		"\tbars = <0 MEM64 0x4000>,",
		"\t       <4 MEM32 0x1000>;",
		"\tmsix = <0x40 65>;",
		"\tpcie = <0x80>;",
		"\tpm = <0x60>;",
		"};",
	};

	(void)state;
	set_nvme();
	pci_compare();
	assert_all_good();
	assert_int_equal(line_count, ARRAY_SIZE(expected));
	for (unsigned i = 0; i < line_count; i++)
		assert_string_equal(lines[i], expected[i]);
	assert_int_equal(get(NVME, 0x10), 0x00000004);
	assert_int_equal(get(NVME, 0x14), 0x00000080);
	assert_int_equal(get(NVME, 0x18), 0x0000c001);
	assert_int_equal(get(NVME, 0x20), 0x10004000);
}

static void node_has_msi(void **state)
{
	(void)state;
	set(EDU, 0, 0, 0);
	set_nvme();
	set(NVME, 0x40, 0x018a8005, 0);
	set(NVME, 0x80, 0x00910010, 0);         /* PCIe version 1, and the last */
	for (unsigned at = 0x10; at < 0x28; at += 4)
		set(NVME, at, 0, 0);
	pci_compare();
	assert_int_equal(line_count, 6);
	assert_string_equal(lines[4], "\tmsi = <0x40 32 (MSI_64 | MSI_MASK)>;");
	assert_string_equal(lines[5], "};");
}

/* By the PCIe capability, or by AF where there is none; the bit next to it is another thing. */
static void node_says_that_it_resets(void **state)
{
	static const struct { uint32_t pcie, devcap, af; bool resets; } cases[] = {
		{ 0x00020010, 0x10000000, 0, true }, { 0x00020010, 0xefffffff, 0, false },
		{ 0x00020010, 0, 0x02000613, true }, { 0, 0x10000000, 0x02000613, true },
		{ 0, 0x10000000, 0x01000613, false }, { 0, 0x10000000, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned found = 0;

		fresh(NULL);
		set(NVME, 0, 0x00101b36, 0);
		set(NVME, COMMAND, 0x00100000, 0x0000ffff);
		set(NVME, 0x34, 0x80, 0);
		set(NVME, 0x80, cases[i].pcie ? cases[i].pcie | 0xa000 : 0x0000a009, 0);
		set(NVME, 0x84, cases[i].devcap, 0);
		set(NVME, 0xa0, cases[i].af, 0);
		pci_compare();
		for (unsigned line = 0; line < line_count; line++)
			found += !strcmp(lines[line], "\t/* resets by FLR */");
		assert_int_equal(found, cases[i].resets);
	}
}

/* What is in a table: bridges of PCIe, two BARs at the most, ACS. */
static void undeclared_bridge_is_a_node(void **state)
{
	static const char *const types[16] = { [4] = "root-port", "upstream", "downstream", "pcie-pci" };

	(void)state;
	for (unsigned type = 0; type < 16; type++) {
		char expected[64];

		fresh(NULL);
		set_nvme();
		set(NVME, 0x0c, 0x00010000, 0);
		set(NVME, 0x10, 0, 0xfffff000);
		set(NVME, 0x14, 0, 0);
		set(NVME, 0x18, 0, UINT32_MAX);
		set(NVME, 0x80, 0x00020010 | type << 20, 0);
		set(NVME, 0x34, 0x80, 0);
		set(NVME, 0x100, 0x14810001, 0);
		set(NVME, 0x148, type % 2 ? 0 : 0x0001000d, 0);
		pci_compare();
		snprintf(expected, sizeof(expected), type % 2 ? "\ttype = \"%s\";" : "\ttype = \"%s\"; acs = <0x148>;",
			 types[type] ? types[type] : "");
		assert_int_equal(line_count, types[type] ? 7 : 1);
		if (types[type]) {
			assert_string_equal(lines[4], "\tbars = <0 MEM32 0x1000>;");
			assert_string_equal(lines[5], expected);
		}
	}
}

/* Neither one that is not PCIe's nor the host's own. Behind bridges: test_ecam_bridges.c. */
static void other_bridges_are_no_nodes(void **state)
{
	(void)state;
	set_nvme();
	set(NVME, 0x0c, 0x00010000, 0);
	set(NVME, 0x18, 0, UINT32_MAX);         /* no buses behind it */
	set(PF, 0, 0x00081b36, 0);
	set(PF, 0x08, 0x06000000, 0);
	pci_compare();
	assert_int_equal(line_count, 2);
	assert_string_equal(lines[0], "undeclared bridge 00:02.0 id 1b36:0010 class 010802: closed");
	assert_says(lines[1], "undeclared function 00:03.0 id 1b36:0008 class 060000: kept off, its stream is denied");
}

#define TEST(function) cmocka_unit_test_setup(function, fresh)

int main(void)
{
	const struct CMUnitTest ecam_tests[] = {
		TEST(same_machine_passes), TEST(capabilities_differ), TEST(vectors_are_at_least),
		TEST(broken_list_ends), TEST(undeclared_is_a_node), TEST(node_has_msi), TEST(node_says_that_it_resets),
		TEST(undeclared_bridge_is_a_node), TEST(other_bridges_are_no_nodes),
		TEST(deny_removes_virtual_functions), TEST(deny_ends_on_broken_lists), TEST(deny_turns_all_off),
		TEST(deny_finds_the_last_function),
		TEST(deny_touches_nothing_that_does_not_answer),
	};

	return cmocka_run_group_tests_name("ecam", ecam_tests, NULL, NULL);
}
