/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual watchdog against the specification of the generic watchdog (DEN0094), on a clock that the test winds. */
#include "test.h"

#include <mullion/arch.h>
#include <mullion/pd.h>
#include <mullion/percpu.h>
#include <mullion/request.h>
#include <mullion/vdev.h>

enum { WCS = 0x000, WOR = 0x008, WCV = 0x010, WRR = 0x1000, IIDR = 0xfcc, REFRESH_IIDR = 0x1fcc };
enum { ENABLED = 1, WS0 = 2, WS1 = 4 };
enum { NOW = 1000000, OFFSET = 5000, SPI = 3 };

static struct pd_state state_of_pd;
static const uint8_t cpus[] = { 4, 5 };
static const struct table_pd pd = { .cpus = cpus, .cpu_count = 2, .has_watchdog = true, .watchdog_spi = SPI };
static struct percpu first, second;
_Thread_local struct percpu *fake_percpu;

static uint64_t now, timer;             /* timer: ticks that it was started for; 0: off */
static bool line;
static uint32_t requested_cpu, requested;
static jmp_buf hung;

uint64_t arch_ticks(void) { return now; }
void arch_timer_start(uint64_t ticks) { timer = ticks ? ticks : 1; }
void arch_timer_stop(void) { timer = 0; }
void vgic_set_line(uint32_t spi, bool high)
{
	assert_int_equal(spi, SPI);
	assert_int_equal(state_of_pd.lock.taken, 0);
	assert_ptr_equal(fake_percpu, &first);          /* one CPU tells, in order */
	line = high;
}
void request_send(uint32_t cpu, uint32_t bits)
{
	requested_cpu = cpu;
	requested |= bits;
}
void pd_hang(const char *reason)
{
	assert_says(reason, "watchdog");
	longjmp(hung, 1);
}

static uint32_t get(uint64_t offset)
{
	uint64_t value = 0;

	assert_true(vwatchdog_access(offset, 4, false, &value));
	assert_int_equal(value >> 32, 0);
	return (uint32_t)value;
}

static void put(uint64_t offset, uint32_t word)
{
	uint64_t value = word;

	assert_true(vwatchdog_access(offset, 4, true, &value));
}

static uint64_t compare(void) { return get(WCV) | (uint64_t)get(WCV + 4) << 32; }

static int setup(void **state)
{
	(void)state;
	state_of_pd = (struct pd_state){ 0 };
	first = (struct percpu){ .pd = &pd, .state = &state_of_pd };
	second = (struct percpu){ .pd = &pd, .state = &state_of_pd, .vcpu = 1 };
	fake_percpu = &first;
	now = NOW;
	timer = requested = 0;
	line = false;
	return 0;
}

/* True if the PD hangs when its timer comes. */
static bool passes(uint64_t ticks)
{
	now += ticks;
	if (setjmp(hung))
		return true;
	vwatchdog_serve();
	return false;
}

static void start(void)
{
	put(WOR, OFFSET);
	put(WCS, ENABLED);
}

static void identifies_itself(void **state)
{
	(void)state;
	assert_int_equal(get(IIDR), 0x10000);
	assert_int_equal(get(REFRESH_IIDR), 0x10000);
	assert_int_equal(get(WCS) | get(WOR) | get(WOR + 4) | get(WCV) | get(WRR) | get(0x20) | get(WCS + 4), 0);
	put(IIDR, ~0u);
	put(0x20, ~0u);
	put(WCS + 4, ~0u);
	put(WRR + 4, ~0u);
	assert_int_equal(get(WCS), 0);
	assert_int_equal(get(IIDR), 0x10000);
}

static void other_widths_fault(void **state)
{
	uint64_t value = 0;

	(void)state;
	for (unsigned bytes = 1; bytes <= 8; bytes *= 2)
		assert_int_equal(vwatchdog_access(WCS, bytes, false, &value), bytes == 4);
}

static void two_signals(void **state)
{
	(void)state;
	start();
	assert_int_equal(get(WCS), ENABLED);
	assert_int_equal(compare(), NOW + OFFSET);
	assert_int_equal(timer, OFFSET);
	assert_false(passes(OFFSET - 1));
	assert_false(line);
	assert_int_equal(timer, 1);
	assert_false(passes(1));
	assert_true(line);
	assert_int_equal(get(WCS), ENABLED | WS0);
	assert_int_equal(compare(), NOW + 2 * OFFSET);
	assert_false(passes(OFFSET - 1));
	assert_true(passes(1));
	assert_int_equal(get(WCS), ENABLED | WS0 | WS1);
}

static void refresh_clears_signals(void **state)
{
	static const uint32_t regs[] = { WRR, WOR, WCS };

	for (size_t i = 0; i < sizeof(regs) / sizeof(regs[0]); i++) {
		setup(state);
		start();
		assert_false(passes(OFFSET));
		assert_true(line);
		put(regs[i], regs[i] == WCS ? ENABLED : OFFSET);
		assert_int_equal(get(WCS), ENABLED);
		assert_false(line);
		assert_int_equal(compare(), now + OFFSET);
		assert_false(passes(OFFSET - 1));
		assert_false(line);
	}
}

static void off_is_off(void **state)
{
	(void)state;
	put(WOR, OFFSET);
	assert_int_equal(timer, 0);
	assert_false(passes(10 * OFFSET));
	start();
	put(WCS, 0xfffffffe);
	assert_int_equal(get(WCS), 0);
	assert_int_equal(timer, 0);
	assert_false(passes(10 * OFFSET));
	assert_false(line);
}

/* 48 bits, in halves; the timer has 31. */
static void offset_is_long(void **state)
{
	(void)state;
	put(WOR, 0x89abcdef);
	put(WOR + 4, 0xfedc7654);
	assert_int_equal(get(WOR), 0x89abcdef);
	assert_int_equal(get(WOR + 4), 0x7654);
	put(WCS, ENABLED);
	assert_int_equal(compare(), NOW + UINT64_C(0x765489abcdef));
	assert_int_equal(timer, 0x7fffffff);
	assert_false(passes(timer));
	assert_int_equal(timer, 0x7fffffff);
	assert_false(line);
}

static void compare_can_be_written(void **state)
{
	(void)state;
	start();
	put(WCV, NOW + 7);
	put(WCV + 4, 0);
	assert_int_equal(timer, 7);
	assert_false(passes(7));
	assert_true(line);
}

static void no_time_at_all(void **state)
{
	(void)state;
	put(WCS, ENABLED);
	assert_true(line);
	assert_true(passes(0));
}

/* It writes, and the first CPU does the rest. */
static void others_ask_the_first(void **state)
{
	(void)state;
	fake_percpu = &second;
	start();
	assert_int_equal(requested_cpu, 4);
	assert_int_equal(requested, REQUEST_WATCHDOG);
	assert_int_equal(timer, 0);
	vwatchdog_serve();
	assert_int_equal(timer, 0);
	fake_percpu = &first;
	vwatchdog_serve();
	assert_int_equal(timer, OFFSET);
}

static void stopped_pd_has_none(void **state)
{
	(void)state;
	start();
	state_of_pd.stopping = 1;
	assert_false(passes(10 * OFFSET));
	assert_int_equal(timer, 0);
	assert_false(line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(identifies_itself, setup),
		cmocka_unit_test_setup(other_widths_fault, setup),
		cmocka_unit_test_setup(two_signals, setup),
		cmocka_unit_test_setup(refresh_clears_signals, setup),
		cmocka_unit_test_setup(off_is_off, setup),
		cmocka_unit_test_setup(offset_is_long, setup),
		cmocka_unit_test_setup(compare_can_be_written, setup),
		cmocka_unit_test_setup(no_time_at_all, setup),
		cmocka_unit_test_setup(others_ask_the_first, setup),
		cmocka_unit_test_setup(stopped_pd_has_none, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
