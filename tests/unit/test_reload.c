/* SPDX-License-Identifier: Apache-2.0 */
/* A PD starts anew: in which order, in which map, and that nothing is believed that asks for it. */
#include "test.h"

#include <mullion/arch.h>
#include <mullion/load.h>
#include <mullion/log.h>
#include <mullion/mmio.h>
#include <mullion/pci.h>
#include <mullion/pd.h>
#include <mullion/percpu.h>
#include <mullion/request.h>

enum { TICKS_PER_SECOND = 1000000, DRAIN_US = 30000, WAIT_US = 700 };

static const struct table_reset resets[] = {
	{ { 0x1000 }, 2, 0x40, WAIT_US }, { { 0x1000 }, 2, 0, 0 }, { { 0x2004 }, 4, 0x12345678, 0 },
	{ { 0x3001 }, 1, 7, 5 },
};
static const struct table_pd pd = { .label = "one", .cpu_count = 2, .first_function = 3, .function_count = 2,
				    .restart_count = 1, .drain_us = DRAIN_US, .resets = resets, .reset_count = 4 };
static const struct table_pd quick = { .label = "quick", .cpu_count = 1, .restart_count = 1 };
static const struct table_pd never = { .label = "never", .cpu_count = 1 };

static struct pd_state state_of_pd;
static struct percpu cpu;
_Thread_local struct percpu *fake_percpu = &cpu;

/* What was done, a letter each, in order. */
static char done[64];
static uint64_t now;
static bool open, holds, returns;

static void did(char letter)
{
	size_t length = strlen(done);

	assert_true(length < sizeof(done) - 1);
	done[length] = letter;
}

uint64_t arch_ticks(void) { return now++; }
uint64_t arch_ticks_per_second(void) { return TICKS_PER_SECOND; }
void arch_reload_map_open(void)
{
	assert_false(open);
	open = true;
	did('(');
}
void arch_map_close(void)
{
	assert_true(open);
	open = false;
	did(')');
}

static void wrote(uint64_t at, unsigned bytes, uint32_t value)
{
	const struct table_reset *reset = &resets[strlen(strchr(done, '(')) - 3];

	assert_true(open);
	assert_int_equal(at, reset->at.pa);
	assert_int_equal(bytes, reset->bytes);
	assert_int_equal(value, reset->value);
	did('w');
}

void mmio_write8(paddr_t at, uint8_t value) { wrote(at.pa, 1, value); }
void mmio_write16(paddr_t at, uint16_t value) { wrote(at.pa, 2, value); }
void mmio_write32(paddr_t at, uint32_t value) { wrote(at.pa, 4, value); }

void pd_scrub(const struct table_pd *which, bool shared)
{
	assert_true(open && which == cpu.pd && !shared);
	did('s');
}
void pd_copy(const struct table_pd *which)
{
	assert_true(open && which == cpu.pd);
	did('l');
}
bool pd_images_hold(const struct table_pd *which)
{
	assert_true(open && which == cpu.pd);
	did('v');
	return holds;
}
void pd_publish(const struct table_pd *which, bool shared)
{
	assert_true(open && which == cpu.pd && !shared);
	did('p');
}
void request_serve_halt(void) { }
bool pci_restore(uint32_t function)
{
	assert_true(!open && function >= 3 && function < 5);
	did('r');
	return returns || function == 3;
}
void pci_stop_dma(uint32_t function)
{
	assert_true(function >= 3 && function < 5);
	did('x');
}
void pci_decode(uint32_t function)
{
	assert_true(function >= 3 && function < 5);
	did('d');
}
void pd_begin(void) { did('b'); }
void pd_stays_off(void) { did('o'); }
void log_warn(const char *format, ...) { (void)format; }

static int setup(void **state)
{
	(void)state;
	state_of_pd = (struct pd_state){ .reload = RELOAD_WANTED, .stopping = PD_RESET + 1 };
	cpu = (struct percpu){ .pd = &pd, .state = &state_of_pd };
	memset(done, 0, sizeof(done));
	open = false;
	holds = returns = true;
	return 0;
}

static void order(void **state)
{
	uint64_t start = now;

	(void)state;
	reload_quiet();
	assert_string_equal(done, "(ddwwww)");
	assert_true(now - start >= DRAIN_US + WAIT_US);
	assert_int_equal(state_of_pd.reload, RELOAD_QUIET);
	reload_quiet();
	assert_string_equal(done, "(ddwwww)");
	reload_load();
	assert_string_equal(done, "(ddwwww)(slvp)rrb");
	assert_int_equal(state_of_pd.reload, RELOAD_NONE);
	reload_load();
	assert_string_equal(done, "(ddwwww)(slvp)rrb");
}

/* Events of the IOMMU that are about the last run are read by then. */
static void waits_in_any_case(void **state)
{
	uint64_t start = now;

	(void)state;
	cpu.pd = &quick;
	reload_quiet();
	assert_true(now - start >= 20000);
	reload_load();
	assert_string_equal(done, "()(slvp)b");
}

static void altered_image_stays_off(void **state)
{
	(void)state;
	holds = false;
	reload_quiet();
	reload_load();
	assert_string_equal(done, "(ddwwww)(slvp)xxo");
	assert_int_equal(state_of_pd.reload, RELOAD_NONE);
	assert_int_equal(state_of_pd.stopping, PD_CRASHED + 1);         /* whatever it wished */
}

static void function_that_is_gone_stays_off(void **state)
{
	(void)state;
	returns = false;
	reload_quiet();
	reload_load();
	assert_string_equal(done, "(ddwwww)(slvp)rrxxo");
}

/* The words that ask for it are written by CPUs that may be hijacked. */
static void nothing_is_believed(void **state)
{
	(void)state;
	reload_load();
	state_of_pd.reload = RELOAD_NONE;
	reload_quiet();
	state_of_pd.reload = RELOAD_WANTED;
	state_of_pd.vcpus[1].power = VCPU_ON;
	reload_quiet();
	state_of_pd.reload = RELOAD_QUIET;
	reload_load();
	state_of_pd.vcpus[1].power = VCPU_OFF;
	cpu.vcpu = 1;
	reload_load();
	cpu.vcpu = 0;
	cpu.pd = &never;
	reload_load();
	assert_string_equal(done, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(order, setup),
		cmocka_unit_test_setup(waits_in_any_case, setup),
		cmocka_unit_test_setup(altered_image_stays_off, setup),
		cmocka_unit_test_setup(function_that_is_gone_stays_off, setup),
		cmocka_unit_test_setup(nothing_is_believed, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
