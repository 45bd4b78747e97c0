/* SPDX-License-Identifier: Apache-2.0 */
/* Protection domains: vCPUs on and off, what stops a PD and what follows. Orders of CPUs: test_pd_order.c. */
#include "fake_pd.h"
#include "test.h"

#include <mullion/request.h>

enum { STALE_ENTRY = 0x90000000, PERIOD = 60, PERIOD_TICKS = PERIOD * TICKS_PER_SECOND };

static enum vcpu_power found;

static void turn_on(void) { found = pd_vcpu_on(1, STALE_ENTRY, 5); }
static void power_off(void) { pd_end(PD_OFF); }
static void reset(void) { pd_end(PD_RESET); }
static void crash(void) { pd_crash("write outside its memory", 0x1234, 0x5678); }
static void hang(void) { pd_hang("its watchdog expired"); }
static void start(void) { pd_run(percpu()->cpu); }

static struct table_pd *pd(void) { return &fake_pds[FAKE_PD]; }

static void forget(void)
{
	memset(fake_done, 0, sizeof(fake_done));
	memset(fake_said, 0, sizeof(fake_said));
}

/* What was done and said since is what the test is about. */
static int one_runs(void **state)
{
	fake_pd_fresh(state);
	assert_int_equal(fake_do(0, start), PARKED);
	fake_serve();
	forget();
	return 0;
}

static int two_run(void **state)
{
	one_runs(state);
	fake_do(0, turn_on);
	fake_serve();
	forget();
	return 0;
}

static void restart(void)
{
	assert_int_equal(fake_state.reload, RELOAD_WANTED);
	fake_state.reload = RELOAD_NONE;
	fake_do(0, pd_begin);
	fake_serve();
}

static void first_vcpu_starts(void **state)
{
	(void)state;
	fake_pd_fresh(state);
	fake_state.vwatchdog.status = 1;
	fake_state.vpci.sizing[1] = 1;
	assert_int_equal(fake_do(1, start), PARKED);
	assert_string_equal(fake_done, "");
	assert_int_equal(fake_do(0, start), PARKED);
	assert_string_equal(fake_done, "vu");
	assert_int_equal(fake_state.vwatchdog.status | fake_state.vpci.sizing[1], 0);
	assert_says(fake_said, "plc starts at 0x80000000");
	fake_serve();
	assert_int_equal(fake_entry(0), ENTRY);
	assert_int_equal(fake_argument(0), ARGUMENT);
	assert_int_equal(fake_entry(1) | fake_entry(2), 0);
}

static void vcpu_is_turned_on_once(void **state)
{
	(void)state;
	fake_do(0, turn_on);
	assert_int_equal(found, VCPU_OFF);
	assert_string_equal(fake_done, "1");
	fake_do(0, turn_on);
	assert_int_equal(found, VCPU_STARTING);
	fake_serve();
	assert_int_equal(fake_entry(1), STALE_ENTRY);
	assert_int_equal(fake_argument(1), 5);
	fake_do(0, turn_on);
	assert_int_equal(found, VCPU_ON);
	assert_string_equal(fake_done, "1");
	assert_int_equal(fake_do(1, pd_vcpu_off), PARKED);
	fake_do(0, turn_on);
	assert_int_equal(found, VCPU_OFF);
}

static void no_vcpu_is_turned_on_while_it_stops(void **state)
{
	(void)state;
	fake_state.stopping = PD_RESET + 1;
	fake_do(0, turn_on);
	assert_int_equal(found, VCPU_ON);
	assert_int_equal(fake_state.vcpus[1].power, VCPU_OFF);
	assert_string_equal(fake_done, "");
}

/* Neither in that run, nor, with that run's entry, in the next. */
static void vcpu_that_did_not_start_never_does(void **state)
{
	(void)state;
	pd()->restart_count = 1;
	fake_do(0, turn_on);
	fake_do(0, reset);
	fake_serve();
	assert_int_equal(fake_entry(1), 0);
	restart();
	assert_int_equal(fake_state.vcpus[1].power, VCPU_OFF);
	assert_int_equal(fake_entry(1), 0);
	fake_do(0, turn_on);
	assert_int_equal(found, VCPU_OFF);
}

static void functions_lose_bus_mastering_first(void **state)
{
	(void)state;
	fake_do(1, crash);
	assert_string_equal(fake_done, "xxfe02g");
	fake_serve();
	assert_string_equal(fake_done, "xxfe02gegPe");
}

static void last_cpu_off_is_power_off(void **state)
{
	(void)state;
	assert_int_equal(fake_do(0, pd_vcpu_off), PARKED);
	assert_string_equal(fake_done, "g");
	assert_int_equal(*fake_status(FAKE_PD), PD_RUNNING);
	fake_do(1, pd_vcpu_off);
	assert_string_equal(fake_done, "ggxxfe02P");
	assert_says(fake_said, "plc turned its last CPU off");
	assert_int_equal(*fake_status(FAKE_PD), PD_OFF);
}

/* One that starts is as good as on. */
static void cpu_off_beside_one_that_starts(void **state)
{
	(void)state;
	fake_do(0, turn_on);
	fake_do(0, pd_vcpu_off);
	assert_int_equal(fake_state.stopping, 0);
	fake_serve();
	assert_int_equal(fake_entry(1), STALE_ENTRY);
}

/* Of who is not there any more, only what it counted. */
static void stop_of_a_parked_cpu_returns(void **state)
{
	(void)state;
	assert_int_equal(fake_do(1, pd_serve_stop), RETURNED);
	assert_string_equal(fake_done, "");
	fake_do(0, crash);
	forget();
	assert_int_equal(fake_do(1, pd_serve_stop), RETURNED);
	assert_string_equal(fake_done, "e");
}

static void stays_off(void (*stop)(void), enum pd_status status)
{
	forget();
	assert_int_equal(fake_do(0, stop), PARKED);
	fake_serve();
	assert_int_equal(*fake_status(FAKE_PD), status);
	assert_int_equal(fake_count('P'), 1);
	assert_int_equal(fake_count('R'), 0);
	assert_int_equal(fake_state.reload, RELOAD_NONE);
}

static void restarts(void (*stop)(void), const char *text)
{
	forget();
	assert_int_equal(fake_do(0, stop), PARKED);
	fake_serve();
	assert_int_equal(*fake_status(FAKE_PD), PD_RUNNING);
	assert_int_equal(fake_count('P'), 0);
	assert_int_equal(fake_count('R'), 1);
	assert_says(fake_said, text);
	restart();
}

static void wish_without_restarts(void **state)
{
	stays_off(reset, PD_RESET);
	assert_says(fake_said, "asks for a reset");
	assert_null(strstr(fake_said, "restart"));
	two_run(state);
	stays_off(power_off, PD_OFF);
}

static void wish_with_restarts(void **state)
{
	(void)state;
	pd()->restart_count = 2;
	restarts(reset, "plc restarts, 1 of 2");
	stays_off(power_off, PD_OFF);
	assert_int_equal(fake_state.restarts, 1);
}

static void limit_is_a_crash(void **state)
{
	(void)state;
	pd()->restart_count = 2;
	pd()->restart_seconds = 0;
	restarts(reset, "plc restarts, 1 of 2");
	fake_now = UINT64_MAX / 2;      /* since boot, however long ago */
	restarts(reset, "plc restarts, 2 of 2");
	stays_off(reset, PD_CRASHED);
	assert_says(fake_said, "plc stays off: restart-limit = <2 0> is reached");
}

static void limit_at(uint64_t last)
{
	pd()->restart_count = 2;
	pd()->restart_seconds = PERIOD;
	fake_now = 7 * PERIOD_TICKS;
	restarts(reset, "restarts, 1 of 2");
	fake_now += PERIOD_TICKS - 2;
	restarts(reset, "restarts, 2 of 2");
	fake_now += last;
}

/* From the first restart of it on, not from boot nor from the last one. */
static void period_of_the_limit(void **state)
{
	limit_at(1);
	stays_off(reset, PD_CRASHED);
	two_run(state);
	limit_at(2);
	restarts(reset, "restarts, 1 of 2");
	fake_now += PERIOD_TICKS - 1;
	restarts(reset, "restarts, 2 of 2");
	stays_off(reset, PD_CRASHED);
	assert_says(fake_said, "restart-limit = <2 60> is reached");
}

static void crash_by_policy(void **state)
{
	static const uint8_t policies[] = { POLICY_REPORT, POLICY_STOP };

	for (size_t i = 0; i < ARRAY_SIZE(policies); i++) {
		two_run(state);
		pd()->restart_count = 1;
		pd()->on_crash = policies[i];
		pd()->on_dma_fault = POLICY_RESTART;
		stays_off(i ? hang : crash, PD_CRASHED);
		assert_null(strstr(fake_said, "restart"));
	}
	two_run(state);
	pd()->restart_count = 2;
	pd()->on_crash = POLICY_RESTART;
	restarts(crash, "plc stopped: write outside its memory, pc 0x1234, at 0x5678");
	restarts(hang, "plc stopped: its watchdog expired");
	stays_off(hang, PD_CRASHED);
}

static void refused_dma_by_policy(void **state)
{
	pd()->restart_count = 1;
	pd()->on_crash = POLICY_RESTART;
	pd()->on_dma_fault = POLICY_STOP;
	fake_quarantined = true;
	stays_off(pd_stop_by_policy, PD_CRASHED);
	assert_says(fake_said, "a function of its own was denied memory");
	two_run(state);
	pd()->restart_count = 1;
	pd()->on_dma_fault = POLICY_RESTART;
	fake_quarantined = true;
	restarts(pd_stop_by_policy, "plc restarts, 1 of 1");
}

/* It was about functions that were reset meanwhile, or stops the PD twice. */
static void refused_dma_of_before(void **state)
{
	(void)state;
	pd()->restart_count = 1;
	pd()->on_dma_fault = POLICY_RESTART;
	assert_int_equal(fake_do(0, pd_stop_by_policy), RETURNED);
	assert_int_equal(fake_state.stopping, 0);
	fake_quarantined = true;
	fake_state.stopping = PD_OFF + 1;
	assert_int_equal(fake_do(0, pd_stop_by_policy), RETURNED);
	assert_string_equal(fake_done, "");
	assert_string_equal(fake_said, "");
}

/* Whoever comes first decides: its functions are stopped once, and it takes one restart. */
static void second_stop_changes_nothing(void **state)
{
	(void)state;
	pd()->restart_count = 1;
	pd()->on_crash = POLICY_RESTART;
	fake_do(0, power_off);
	assert_int_equal(fake_do(1, crash), PARKED);
	assert_string_equal(fake_done, "xxfe12gegP");
	assert_int_equal(*fake_status(FAKE_PD), PD_OFF);
	assert_int_equal(fake_state.restarts, 0);
	assert_null(strstr(fake_said, "restart"));
}

/* reload.c asks for it where a PD could not be started anew; it never runs again. */
static void staying_off_needs_a_stop(void **state)
{
	(void)state;
	fake_do(0, pd_stays_off);
	assert_string_equal(fake_done, "");
	fake_state.stopping = PD_CRASHED + 1;
	fake_do(0, pd_stays_off);
	assert_string_equal(fake_done, "P");
	assert_int_equal(*fake_status(FAKE_PD), PD_CRASHED);
}

static enum fake_end power(uint8_t first, uint8_t second, uint8_t third)
{
	*fake_status(1) = first;
	*fake_status(2) = second;
	*fake_status(3) = third;
	forget();
	return fake_do(0, pd_serve_power);
}

static void machine_ends_with_its_pds(void **state)
{
	(void)state;
	assert_int_equal(power(PD_OFF, PD_RUNNING, PD_OFF), RETURNED);
	assert_int_equal(power(PD_OFF, PD_RESET, PD_CRASHED), RETURNED);
	assert_int_equal(power(PD_RUNNING, PD_RESET, PD_OFF), RETURNED);
	assert_string_equal(fake_done, "");
	assert_int_equal(power(PD_OFF, PD_OFF, PD_OFF), POWERED_OFF);
	assert_string_equal(fake_done, "EC");
	assert_says(fake_said, "every PD is off: power off");
	assert_int_equal(power(PD_OFF, PD_RESET, PD_OFF), RESET);
	assert_string_equal(fake_done, "EC");
	assert_says(fake_said, "every PD is off: reset");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_vcpu_starts),
		cmocka_unit_test_setup(vcpu_is_turned_on_once, one_runs),
		cmocka_unit_test_setup(no_vcpu_is_turned_on_while_it_stops, one_runs),
		cmocka_unit_test_setup(vcpu_that_did_not_start_never_does, one_runs),
		cmocka_unit_test_setup(functions_lose_bus_mastering_first, two_run),
		cmocka_unit_test_setup(last_cpu_off_is_power_off, two_run),
		cmocka_unit_test_setup(cpu_off_beside_one_that_starts, one_runs),
		cmocka_unit_test_setup(stop_of_a_parked_cpu_returns, one_runs),
		cmocka_unit_test_setup(wish_without_restarts, two_run),
		cmocka_unit_test_setup(wish_with_restarts, two_run),
		cmocka_unit_test_setup(limit_is_a_crash, two_run),
		cmocka_unit_test_setup(period_of_the_limit, two_run),
		cmocka_unit_test_setup(crash_by_policy, two_run),
		cmocka_unit_test_setup(refused_dma_by_policy, two_run),
		cmocka_unit_test_setup(refused_dma_of_before, two_run),
		cmocka_unit_test_setup(second_stop_changes_nothing, two_run),
		cmocka_unit_test_setup(staying_off_needs_a_stop, one_runs),
		cmocka_unit_test_setup(machine_ends_with_its_pds, fake_pd_fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
