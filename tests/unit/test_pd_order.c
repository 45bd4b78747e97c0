/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PD stops while its vCPUs come and go: whoever comes first, exactly one CPU
 * sees to what follows, and nothing of that run comes into the next.
 */
#include "fake_pd.h"
#include "test.h"

enum { STOPPER, OFF_GOER, OTHER, CALLS = 24, ORDERS = 12, STALE_ENTRY = 0x90000000 };

static void hang(void) { pd_hang("its watchdog expired"); }
static void reset(void) { pd_end(PD_RESET); }
static void turn_on(void) { pd_vcpu_on(OTHER, STALE_ENTRY, 0); }
static void turn_on_and_go_off(void)
{
	turn_on();
	pd_vcpu_off();
}

static void (*const offs[])(void) = { pd_vcpu_off, turn_on_and_go_off };

/* Of vCPU 0, that is on or off; of 1, that is on; and of 2. */
struct order {
	void (*stop)(void);
	bool stopper_runs;
	void (*go_off)(void);
	enum vcpu_power other;
	bool restarts;
};

static void begin(const struct order *order)
{
	fake_pd_fresh(NULL);
	fake_quarantined = true;
	fake_pds[FAKE_PD].restart_count = order->restarts;
	fake_pds[FAKE_PD].on_crash = fake_pds[FAKE_PD].on_dma_fault = POLICY_RESTART;
	if (order->stopper_runs)
		fake_runs(STOPPER);
	fake_runs(OFF_GOER);
	if (order->other == VCPU_ON)
		fake_runs(OTHER);
	else if (order->other == VCPU_STARTING)
		fake_do(OFF_GOER, turn_on);
}

static void nobody_is_left(void)
{
	assert_int_equal(fake_count('R') + fake_count('P'), 1);
	assert_int_equal(fake_count('R') == 1, fake_state.reload == RELOAD_WANTED);
	assert_int_equal(fake_count('x'), FUNCTIONS);
	for (uint32_t i = 0; i < VCPUS; i++) {
		assert_int_not_equal(fake_state.vcpus[i].power, VCPU_ON);
		assert_false(fake_cpus[i].runs);
	}
}

/* As reload.c begins it. In it, one is told again. */
static void next_run_is_a_first_one(void)
{
	fake_state.reload = RELOAD_NONE;
	fake_do(STOPPER, pd_begin);
	fake_serve();
	assert_int_equal(fake_entry(STOPPER), ENTRY);
	for (uint32_t i = 0; i < VCPUS; i++) {
		assert_int_equal(fake_state.vcpus[i].power, i == STOPPER ? VCPU_ON : VCPU_OFF);
		assert_int_equal(fake_cpus[i].runs, i == STOPPER);
	}
	memset(fake_done, 0, sizeof(fake_done));
	assert_int_equal(fake_do(STOPPER, pd_vcpu_off), PARKED);
	fake_serve();
	assert_int_equal(fake_count('P'), 1);
}

static void try_order(const struct order *order, uint32_t off_at, uint32_t other_at)
{
	begin(order);
	fake_meanwhile(off_at, OFF_GOER, order->go_off);
	fake_meanwhile(other_at, OTHER, order->other == VCPU_ON ? pd_vcpu_off : pd_start_vcpu);
	fake_do(STOPPER, order->stop);
	fake_meanwhile_rest();
	fake_serve();
	nobody_is_left();
	next_run_is_a_first_one();
}

static void try_all(const struct order *order)
{
	for (uint32_t off_at = 0; off_at < CALLS; off_at++)
		for (uint32_t other_at = 0; other_at < CALLS; other_at++)
			try_order(order, off_at, other_at);
}

/* A CPU that is parked takes interrupts still: its timer, and what the PD's policy wants. */
static void parked_cpu_stops_it(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < ORDERS; i++) {
		try_all(&(struct order){ hang, false, offs[i & 1], i / 4, i & 2 });
		try_all(&(struct order){ pd_stop_by_policy, false, offs[i & 1], i / 4, i & 2 });
	}
}

static void running_cpu_stops_it(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < ORDERS; i++) {
		try_all(&(struct order){ hang, true, offs[i & 1], i / 4, i & 2 });
		try_all(&(struct order){ pd_stop_by_policy, true, offs[i & 1], i / 4, i & 2 });
		try_all(&(struct order){ reset, true, offs[i & 1], i / 4, i & 2 });
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parked_cpu_stops_it),
		cmocka_unit_test(running_cpu_stops_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
