/* SPDX-License-Identifier: Apache-2.0 */
/* Bus mastering is taken from a function, against the PD's wish; and given back with all that boot wrote. */
#include "fake_config.h"

#include <mullion/arch.h>
#include <mullion/log.h>
#include <mullion/pci.h>
#include <mullion/request.h>
#include <mullion/vdev.h>

static uint64_t now;
static unsigned warnings;

uint64_t arch_ticks(void) { return now++; }
uint64_t arch_ticks_per_second(void) { return 100; }
void log_info(const char *format, ...) { (void)format; }       /* of pci_deny(), which is not ours */
void log_warn(const char *format, ...)
{
	(void)format;
	warnings++;
}

static uint64_t get(uint64_t at, unsigned bytes)
{
	uint64_t value = 0;

	assert_true(vpci_access(PAGE_OF(1) + at, bytes, false, &value));
	return value;
}

static void put(uint64_t at, unsigned bytes, uint64_t value)
{
	assert_true(vpci_access(PAGE_OF(1) + at, bytes, true, &value));
}

/* ---- quarantine: marks stay until a restore, so each test has a function of its own or comes last ---- */

static bool masters(unsigned device) { return word(device, COMMAND) & MASTER; }

/* As if the housekeeping CPU's mark arrives, and the gate runs, at the worst moments. */
static void quarantine_holds(void **state)
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

static void stop_holds(void **state)
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

/* ---- after a reset ---- */

static int after_reset(void **state)
{
	fresh(state);
	writes_need_lock = false;       /* no other CPU of the PD runs */
	now = warnings = 0;
	set_word(1, COMMAND, 0x80100000, 0x0000ffff, 0xf9000000);
	set_word(1, 0x00, 0x000d1b36, 0, 0);
	set_word(1, BAR, 0, 0xfff00000, 0);
	set_word(1, 0x18, 4, 0xffffc000, 0);
	set_word(1, 0x1c, 0, 0xffffffff, 0);
	set_word(1, 0x84, 0x10000000, 0, 0);
	return 0;
}

/* A PD that turned it off cannot keep its function from being reset; and stays without bus mastering. */
static void decodes_to_be_reset(void **state)
{
	(void)state;
	set_word(1, BAR, 0x77700000, 0xfff00000, 0);
	pci_decode(1);
	assert_int_equal(word(1, BAR), 0x10000000);
	assert_false(is_posted);
	assert_int_equal(word(1, COMMAND) & 0xffff, 0x0402);
}

/* As it was at boot: what is fixed, bus mastering, and not what the PD wrote. */
static void restored_as_at_boot(void **state)
{
	(void)state;
	set_word(1, 0x40, 0x00710000 | 0x00860005, 0xffffffff, 0);
	set_word(1, 0x44, 0x08010040, 0xffffffff, 0);
	set_word(1, 0x50, 0x00482810 | 1, 0x0000ffff, 0x004f0000);
	assert_true(pci_is_quarantined(1));
	assert_true(pci_restore(1));
	assert_int_equal(word(1, BAR), 0x10000000);
	assert_int_equal(word(1, 0x18), 0x20000004);
	assert_int_equal(word(1, 0x1c), 0x80);
	assert_int_equal(word(1, COMMAND) & 0xffff, 0x0406);
	assert_int_equal(word(1, 0x40) & 0x00710000, 0);
	assert_int_equal(word(1, 0x44), 0);
	assert_int_equal(word(1, 0x50), 0x00002801);
	assert_int_equal(word(1, COMMAND) >> 16, 0x0010);
	assert_false(pci_is_quarantined(1));
	assert_int_equal(warnings, 0);
}

/* Decoding and bus mastering come last, when all else is as it must be. */
static void register_that_does_not_hold(void **state)
{
	(void)state;
	set_word(1, BAR, 0, 0xff000000 & ~0x10000000u, 0);
	assert_false(pci_restore(1));
	assert_int_equal(word(1, COMMAND) & 0xffff, 0x0400);
	assert_true(pci_is_quarantined(1));
	assert_int_equal(warnings, 1);
}

static void capability_that_is_gone(void **state)
{
	(void)state;
	set_word(1, 0x84, 0, 0, 0);
	assert_false(pci_restore(1));
	assert_int_equal(word(1, COMMAND) & 0xffff, 0x0400);
	assert_int_equal(warnings, 1);
}

/* It has a second to answer. */
static void another_device_is_not_restored(void **state)
{
	(void)state;
	set_word(1, 0x00, 0xffffffff, 0, 0);
	assert_false(pci_restore(1));
	assert_true(now >= 100);
	assert_int_equal(warnings, 1);
	assert_true(pci_is_quarantined(1));
}

#define TEST(function) cmocka_unit_test_setup(function, fresh)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(quarantine_holds), TEST(write_between_mark_and_gate), TEST(stop_holds), TEST(gate_is_of_one_pd),
		cmocka_unit_test_setup(decodes_to_be_reset, after_reset),
		cmocka_unit_test_setup(another_device_is_not_restored, after_reset),
		cmocka_unit_test_setup(capability_that_is_gone, after_reset),
		cmocka_unit_test_setup(register_that_does_not_hold, after_reset),
		cmocka_unit_test_setup(restored_as_at_boot, after_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
