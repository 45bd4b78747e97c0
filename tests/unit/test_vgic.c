/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of one interrupt: latches, lines, the physical one behind it, and the vCPU that it goes to. */
#include "fake_vgic.h"
#include "test.h"

#include <pthread.h>

#include <mullion/bits.h>
#include <mullion/percpu.h>

enum { MSI = FIRST_MSI, ISPENDR = 0x204, ICPENDR = 0x284, ISACTIVER = 0x304, ICACTIVER = 0x384, ROUNDS = 2000 };
#define MASK(intid) (1u << (intid) % 32)

/* What the PD's program does with an interrupt it expects. */
static void take(uint32_t intid)
{
	assert_int_equal(guest_ack(), intid);
	guest_end(intid);
}

static void take_nothing(void) { assert_int_equal(guest_ack(), NONE); }

static void route(uint32_t intid, uint64_t affinity)
{
	assert_true(vgic_distributor_write(0x6000 + 8 * (uint64_t)intid, 8, affinity));
}

static void timer_and_sgi_write_one_list_register(void **state)
{
	(void)state;
	for (int i = 0; i < 9; i++) {
		raise_msi(MSI + (uint32_t)i);           /* others come and go: both keep their list registers */
		take(MSI + (uint32_t)i);
		lr_writes();
		raise_timer();
		assert_int_equal(lr_writes(), 1);
		take(TIMER);
		assert_false(is_physical_active(TIMER));
		send_sgi(0, 5);
		assert_int_equal(lr_writes(), 1);
		take(5);
	}
	take_nothing();
}

static void msi_latches_while_disabled(void **state)
{
	(void)state;
	enable(MSI, false);
	raise_msi(MSI);
	raise_msi(MSI);
	take_nothing();
	assert_int_equal(gicd_read(ISPENDR), MASK(MSI));
	enable(MSI, true);
	take(MSI);
	take_nothing();
	assert_int_equal(gicd_read(ISPENDR), 0);
}

static void msi_merges_while_pending(void **state)
{
	(void)state;
	raise_msi(MSI);
	raise_msi(MSI);
	take(MSI);
	take_nothing();
}

static void msi_latches_while_active(void **state)
{
	(void)state;
	raise_msi(MSI);
	assert_int_equal(guest_ack(), MSI);
	raise_msi(MSI);
	take_nothing();
	assert_int_equal(gicd_read(ISPENDR), MASK(MSI));
	assert_int_equal(gicd_read(ISACTIVER), MASK(MSI));
	guest_end(MSI);
	take(MSI);
	take_nothing();
}

static void disabling_pulls_back(void **state)
{
	(void)state;
	raise_msi(MSI);
	send_sgi(0, 3);
	enable(MSI, false);
	enable(3, false);
	assert_int_equal(shown(0, MSI), 0);
	take_nothing();
	assert_int_equal(gicd_read(ISPENDR), MASK(MSI));
	enable(3, true);
	enable(MSI, true);
	take(3);
	take(MSI);
}

static void disabling_leaves_active(void **state)
{
	(void)state;
	raise_msi(MSI);
	assert_int_equal(guest_ack(), MSI);
	enable(MSI, false);
	raise_msi(MSI);
	assert_int_equal(gicd_read(ISACTIVER), MASK(MSI));
	guest_end(MSI);
	assert_int_equal(gicd_read(ISACTIVER), 0);
	take_nothing();
	enable(MSI, true);
	take(MSI);
}

static void group_pulls_back(void **state)
{
	(void)state;
	/* vCPU 1 is off: nobody is there to serve it. */
	run_as(1);
	vgic_cpu_off();
	run_as(0);
	raise_msi(MSI);
	gicd_write(0, 0);
	take_nothing();
	send_sgi(0, 1);
	take_nothing();
	gicd_write(0, 2);
	take(1);
	assert_int_equal(guest_ack(), MSI);
	gicd_write(0, 0);
	guest_end(MSI);
	raise_msi(MSI);
	take_nothing();
	gicd_write(0, 2);
	take(MSI);
}

static void pending_and_active_by_register(void **state)
{
	(void)state;
	gicd_write(ISPENDR, MASK(MSI) | MASK(EDGE));
	gicd_write(ICPENDR, MASK(MSI));
	take(EDGE);
	raise_msi(MSI);
	gicd_write(ICPENDR, MASK(MSI));
	take_nothing();
	gicd_write(ISACTIVER, MASK(MSI));
	raise_msi(MSI);
	take_nothing();
	gicd_write(ICACTIVER, MASK(MSI));
	take(MSI);
}

static void edge_keeps_its_latch(void **state)
{
	(void)state;
	enable(EDGE, false);
	raise_spi(EDGE);
	enable(EDGE, true);
	assert_true(is_physical_active(EDGE));
	take(EDGE);
	assert_false(is_physical_active(EDGE));
}

static void level_is_resampled(void **state)
{
	(void)state;
	enable(LEVEL, false);
	raise_spi(LEVEL);
	assert_int_equal(gicd_read(ISPENDR), MASK(LEVEL));
	enable(LEVEL, true);
	assert_false(is_physical_active(LEVEL));
	take_nothing();                 /* the line went low meanwhile */
	raise_spi(LEVEL);               /* it did not */
	take(LEVEL);
	assert_false(is_physical_active(LEVEL));
}

static void level_is_resampled_after_it_was_pulled_back(void **state)
{
	(void)state;
	raise_spi(LEVEL);
	enable(LEVEL, false);
	assert_true(is_physical_active(LEVEL));
	enable(LEVEL, true);
	assert_false(is_physical_active(LEVEL));
	take_nothing();
}

static void clearing_a_level_ends_the_physical_one(void **state)
{
	(void)state;
	raise_spi(LEVEL);
	gicd_write(ICPENDR, MASK(LEVEL));
	assert_false(is_physical_active(LEVEL));
	take_nothing();
	raise_spi(LEVEL);
	assert_int_equal(guest_ack(), LEVEL);
	gicd_write(ICPENDR, MASK(LEVEL));
	assert_true(is_physical_active(LEVEL));
	gicd_write(ICACTIVER, MASK(LEVEL));
	assert_false(is_physical_active(LEVEL));
}

/* A list register with HW = 1 cannot be active and pending: the physical one ends with the last of both. */
static void physical_active_and_pending(void **state)
{
	(void)state;
	raise_spi(LEVEL);
	assert_int_equal(guest_ack(), LEVEL);
	gicd_write(ISPENDR, MASK(LEVEL));
	guest_end(LEVEL);
	assert_true(is_physical_active(LEVEL));
	take(LEVEL);
	assert_false(is_physical_active(LEVEL));
	take_nothing();
}

static void physical_while_active_by_register(void **state)
{
	(void)state;
	gicd_write(ISACTIVER, MASK(EDGE));
	raise_spi(EDGE);
	take_nothing();
	gicd_write(ICACTIVER, MASK(EDGE));
	take(EDGE);
	assert_false(is_physical_active(EDGE));
}

static void timer_is_resampled(void **state)
{
	(void)state;
	enable(TIMER, false);
	raise_timer();
	enable(TIMER, true);
	assert_false(is_physical_active(TIMER));
	take_nothing();
}

/* Its physical interrupt is private: only its CPU can end it. */
static void timer_is_resampled_by_another(void **state)
{
	(void)state;
	enable(TIMER, false);
	raise_timer();
	run_as(1);
	gicr_write(0, 0x100, MASK(TIMER));
	run_as(0);
	assert_true(is_physical_active(TIMER));
	serve();
	assert_false(is_physical_active(TIMER));
	take_nothing();
}

static void line_comes_again_while_high(void **state)
{
	(void)state;
	set_line(true);
	set_line(true);
	take(EMULATED);
	take(EMULATED);
	assert_int_equal(guest_ack(), EMULATED);
	set_line(false);
	guest_end(EMULATED);
	take_nothing();
}

static void line_withdraws(void **state)
{
	(void)state;
	set_line(true);
	gicd_write(ICPENDR, MASK(EMULATED));
	assert_int_equal(gicd_read(ISPENDR), MASK(EMULATED));
	set_line(false);
	assert_int_equal(gicd_read(ISPENDR), 0);
	take_nothing();
	enable(EMULATED, false);
	set_line(true);
	take_nothing();
	enable(EMULATED, true);
	take(EMULATED);
}

/* ISPENDR's latch outlives the line until it is acknowledged. */
static void line_beside_a_latch(void **state)
{
	(void)state;
	set_line(true);
	gicd_write(ISPENDR, MASK(EMULATED));
	set_line(false);
	take(EMULATED);
	take_nothing();
	set_line(true);
	gicd_write(ISPENDR, MASK(EMULATED));
	assert_int_equal(guest_ack(), EMULATED);
	set_line(false);
	guest_end(EMULATED);
	take_nothing();
}

/* The same with the interrupt in the list register of another vCPU. */
static void line_of_another(void **state)
{
	(void)state;
	route(EMULATED, 1);
	set_line(true);
	run_as(1);
	serve();
	assert_int_equal(shown(1, EMULATED), 1);
	run_as(0);
	set_line(false);
	run_as(1);
	take_nothing();
	run_as(0);
	set_line(true);
	run_as(1);
	take(EMULATED);
	take(EMULATED);
}

static void sgis_across(void **state)
{
	(void)state;
	send_sgi(1, 7);
	send_sgi(1, 7);
	assert_true(has_request(1));
	take_nothing();
	run_as(1);
	take(7);
	take_nothing();
	vgic_send_sgi(BIT(40) | 9 << 24);       /* all but this one */
	take_nothing();
	run_as(0);
	take(9);
	take_nothing();
	vgic_send_sgi(2 << 24 | 3);
	take(2);
	run_as(1);
	take(2);
}

static void sgis_elsewhere_are_nobodys(void **state)
{
	(void)state;
	static const uint64_t wrong[] = { BIT(16) | 1, BIT(32) | 1, BIT(48) | 1, BIT(44) | 1, BIT(VCPUS), BIT(15) };

	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		vgic_send_sgi(4 << 24 | wrong[i]);
	assert_int_equal(gicr_read(0, 0x200) | gicr_read(2, 0x200), 0);
	assert_false(has_request(1) || has_request(2));
	take_nothing();
}

static void sgi_waits_for_a_vcpu_that_is_off(void **state)
{
	(void)state;
	gicr_write(2, 0x100, MASK(3));
	send_sgi(2, 3);
	assert_false(has_request(2));
	assert_int_equal(gicr_read(2, 0x200), MASK(3));
	run_as(2);
	vgic_cpu_init();
	take(3);
}

static void off_folds_back(void **state)
{
	(void)state;
	route(MSI, 1);
	raise_msi(MSI);
	run_as(1);
	raise_timer();
	assert_int_equal(shown(1, MSI), 0);     /* the request was not served */
	vgic_cpu_off();
	run_as(0);
	take_nothing();
	assert_int_equal(gicd_read(ISPENDR), MASK(MSI));
	raise_msi(MSI + 1);
	take(MSI + 1);
	route(MSI, 0);
	take(MSI);
	run_as(1);
	vgic_cpu_init();
	assert_false(is_physical_active(TIMER));        /* resampled */
	take_nothing();
}

/* Its CPU still takes physical interrupts: those of others, and late ones of its own. */
static void off_takes_nothing(void **state)
{
	(void)state;
	run_as(1);
	vgic_cpu_off();
	route(EDGE, 1);
	raise_spi(EDGE);
	raise_timer();
	raise_msi(MSI);
	assert_int_equal(shown(1, EDGE) + shown(1, TIMER) + shown(1, MSI), 0);
	run_as(0);
	take(MSI);
	take_nothing();
	run_as(1);
	serve();
	vgic_cpu_init();
	take(EDGE);
	assert_false(is_physical_active(EDGE) || is_physical_active(TIMER));
	take_nothing();
}

static void router_moves_pending(void **state)
{
	(void)state;
	raise_msi(MSI);
	route(MSI, 1);
	take_nothing();
	run_as(1);
	take(MSI);
	raise_msi(MSI);
	assert_int_equal(shown(1, MSI), 1);
	take(MSI);
}

static void router_to_nobody_keeps_pending(void **state)
{
	uint64_t value;

	(void)state;
	raise_msi(MSI);
	route(MSI, 0x100);
	take_nothing();
	assert_int_equal(gicd_read(ISPENDR), MASK(MSI));
	assert_true(vgic_distributor_read(0x6000 + 8 * MSI, 8, &value));
	assert_int_equal(value, 0xff);
	route(MSI, 0);
	take(MSI);
	gicd_write(0x6000 + 8 * MSI, 1);
	assert_int_equal(gicd_read(0x6000 + 8 * MSI), 1);
	assert_int_equal(gicd_read(0x6004 + 8 * MSI), 0);
	gicd_write(0x6004 + 8 * MSI, 0);
	assert_int_equal(gicd_read(0x6000 + 8 * MSI), 1);
	gicd_write(0x6004 + 8 * MSI, 1);
	assert_int_equal(gicd_read(0x6000 + 8 * MSI), 0xff);
}

/* Active on vCPU 0 while it is routed to vCPU 1: it comes again where it is active, and later where it goes. */
static void home_elsewhere(void **state)
{
	(void)state;
	raise_msi(MSI);
	assert_int_equal(guest_ack(), MSI);
	route(MSI, 1);
	run_as(1);
	raise_msi(MSI);
	take_nothing();
	run_as(0);
	serve();
	assert_int_equal(shown(0, MSI), 1);
	assert_int_equal(shown(1, MSI), 0);
	guest_end(MSI);
	take(MSI);
	run_as(1);
	raise_msi(MSI);
	take_nothing();                 /* vCPU 0's list register had it last */
	run_as(0);
	take_nothing();
	run_as(1);
	take(MSI);
}

/* A list register that is used again passes on what came for its last interrupt meanwhile. */
static void reused_list_register_passes_on(void **state)
{
	(void)state;
	raise_msi(MSI);
	route(MSI, 1);
	route(MSI, 0);
	take(MSI);
	route(MSI, 0);
	raise_msi(MSI);
	assert_int_equal(guest_ack(), MSI);
	route(MSI, 1);
	guest_end(MSI);
	run_as(1);
	raise_msi(MSI);                 /* vCPU 0 is asked, and does something else first */
	run_as(0);
	for (uint32_t i = 1; i <= LRS; i++)
		raise_msi(MSI + i);
	run_as(1);
	take(MSI);
}

/* The other vCPU as a thread: its program does nothing but take requests. */
static volatile bool is_over, is_through;

static void *other_vcpu(void *unused)
{
	run_as(1);
	while (!is_over)
		serve();
	return unused;
}

static pthread_t other_start(void *(*program)(void *))
{
	pthread_t thread;

	is_over = is_through = false;
	assert_int_equal(pthread_create(&thread, NULL, program, NULL), 0);
	return thread;
}

static void other_stop(pthread_t thread)
{
	is_over = true;
	pthread_join(thread, NULL);
}

static void others_are_stopped_for_the_truth(void **state)
{
	pthread_t thread;

	(void)state;
	run_as(1);
	route(MSI, 1);
	route(MSI + 1, 1);
	raise_msi(MSI);
	assert_int_equal(guest_ack(), MSI);
	raise_msi(MSI + 1);
	send_sgi(1, 2);
	run_as(0);
	thread = other_start(other_vcpu);
	assert_int_equal(gicd_read(ISACTIVER), MASK(MSI));
	assert_int_equal(gicd_read(ISPENDR), MASK(MSI + 1));
	assert_int_equal(gicr_read(1, 0x200), MASK(2));
	enable(MSI + 1, false);
	gicd_write(ICACTIVER, MASK(MSI));
	route(MSI, 0);
	raise_msi(MSI);
	other_stop(thread);
	take(MSI);
	run_as(1);
	assert_int_equal(shown(1, MSI), 0);
	assert_int_equal(shown(1, MSI + 1), 0);
	assert_int_equal(shown(1, 2), 1);
}

/* Each wants the other's list registers empty, again and again, both at once. */
static void stop_all_the_time(uint32_t vcpu)
{
	run_as(vcpu);
	for (int i = 0; i < ROUNDS; i++) {
		send_sgi(!vcpu, 1);
		assert_int_equal(gicr_read(!vcpu, 0x200), MASK(1));
		gicr_write(!vcpu, 0x180, MASK(1));
		gicr_write(!vcpu, 0x100, MASK(1));
		serve();
	}
}

static void *other_stopper(void *unused)
{
	stop_all_the_time(1);
	is_through = true;
	return other_vcpu(unused);
}

static void both_stop_each_other(void **state)
{
	pthread_t thread = other_start(other_stopper);

	(void)state;
	stop_all_the_time(0);
	while (!is_through)
		serve();
	other_stop(thread);
	take(1);
	take_nothing();
	run_as(1);
	take(1);
	take_nothing();
}

static void others_run(void)
{
	for (int i = 0; i < 10 * ROUNDS; i++)
		sched_yield();
}

/* By those who wait, once they do: any try would leave another mark. */
static void nobody_tries_the_lock(void)
{
	enum { MARK = 2 };
	struct lock *lock = &percpu()->state->lock;

	others_run();
	lock_take(lock);
	__atomic_store_n(&lock->taken, MARK, __ATOMIC_SEQ_CST);
	others_run();
	assert_int_equal(__atomic_load_n(&lock->taken, __ATOMIC_SEQ_CST), MARK);
	lock_release(lock);
}

static void *stopper(void *unused)
{
	run_as(0);
	gicr_read(1, 0x200);
	return unused;
}

static void *yielder(void *unused)
{
	run_as(2);
	gicr_read(2, 0x100);
	return unused;
}

/* A PD whose CPUs wait for each other would else keep the housekeeping CPU's requests waiting for the lock. */
static void who_waits_leaves_the_lock_alone(void **state)
{
	struct vgic *gic = &percpu()->state->vgic;
	pthread_t threads[2];

	(void)state;
	send_sgi(1, 2);
	run_as(1);
	serve();                        /* its list register has one: the page alone does not tell */
	assert_int_equal(pthread_create(&threads[0], NULL, stopper, NULL), 0);
	while (!__atomic_load_n(&gic->stop, __ATOMIC_SEQ_CST))
		;
	nobody_tries_the_lock();
	assert_int_equal(pthread_create(&threads[1], NULL, yielder, NULL), 0);
	while (!(__atomic_load_n(&gic->stopped, __ATOMIC_SEQ_CST) & 1 << 2))
		;
	nobody_tries_the_lock();
	serve();
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
}

/* SGIs and moving SPIs between two vCPUs that run: none is lost, none comes twice. */
static uint32_t taken[2];

static void *other_taker(void *unused)
{
	run_as(1);
	while (!is_over) {
		uint32_t intid = guest_ack();

		if (intid == NONE)
			continue;
		guest_end(intid);
		__atomic_fetch_add(&taken[intid == MSI], 1, __ATOMIC_SEQ_CST);
	}
	return unused;
}

static void none_is_lost(void **state)
{
	pthread_t thread;

	(void)state;
	taken[0] = taken[1] = 0;
	route(MSI, 1);
	thread = other_start(other_taker);
	for (uint32_t i = 0; i < ROUNDS; i++) {
		send_sgi(1, 4);
		while (__atomic_load_n(&taken[0], __ATOMIC_SEQ_CST) == i)
			sched_yield();
		raise_msi(MSI);
		route(MSI, i % 2);
		while (__atomic_load_n(&taken[1], __ATOMIC_SEQ_CST) == i)
			if (guest_ack() == MSI) {
				guest_end(MSI);
				__atomic_fetch_add(&taken[1], 1, __ATOMIC_SEQ_CST);
			}
	}
	other_stop(thread);
	assert_int_equal(taken[0], ROUNDS);
	assert_int_equal(taken[1], ROUNDS);
}

/* A PD that stops: its other vCPU may never answer. */
static void nobody_waits_for_a_stopping_pd(void **state)
{
	(void)state;
	run_as(1);
	send_sgi(1, 2);
	run_as(0);
	percpu()->state->stopping = 1;
	gicr_read(1, 0x200);
}

/* The other vCPU's program takes no request but to stop: it is slow to look anew. */
static void *other_stops_only(void *unused)
{
	run_as(1);
	while (!is_over)
		if (__atomic_load_n(&percpu()->state->vgic.stop, __ATOMIC_SEQ_CST))
			serve();
	return unused;
}

/* Once the write is done, nothing of the group is shown by anybody (IHI 0069H, 12.9.4). */
static void group_off_is_off_for_all(void **state)
{
	pthread_t thread;

	(void)state;
	run_as(1);
	send_sgi(1, 2);
	assert_int_equal(shown(1, 2), 1);
	run_as(0);
	thread = other_start(other_stops_only);
	gicd_write(0x000, 0);
	other_stop(thread);             /* it is back in its program */
	assert_int_equal(shown(1, 2), 0);
	thread = other_start(other_stops_only);
	gicd_write(0x000, 2);
	other_stop(thread);
	run_as(1);
	take(2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(timer_and_sgi_write_one_list_register, fake_vgic_fresh),
		cmocka_unit_test_setup(msi_latches_while_disabled, fake_vgic_fresh),
		cmocka_unit_test_setup(msi_merges_while_pending, fake_vgic_fresh),
		cmocka_unit_test_setup(msi_latches_while_active, fake_vgic_fresh),
		cmocka_unit_test_setup(disabling_pulls_back, fake_vgic_fresh),
		cmocka_unit_test_setup(disabling_leaves_active, fake_vgic_fresh),
		cmocka_unit_test_setup(group_pulls_back, fake_vgic_fresh),
		cmocka_unit_test_setup(pending_and_active_by_register, fake_vgic_fresh),
		cmocka_unit_test_setup(edge_keeps_its_latch, fake_vgic_fresh),
		cmocka_unit_test_setup(level_is_resampled, fake_vgic_fresh),
		cmocka_unit_test_setup(level_is_resampled_after_it_was_pulled_back, fake_vgic_fresh),
		cmocka_unit_test_setup(clearing_a_level_ends_the_physical_one, fake_vgic_fresh),
		cmocka_unit_test_setup(physical_active_and_pending, fake_vgic_fresh),
		cmocka_unit_test_setup(physical_while_active_by_register, fake_vgic_fresh),
		cmocka_unit_test_setup(timer_is_resampled, fake_vgic_fresh),
		cmocka_unit_test_setup(timer_is_resampled_by_another, fake_vgic_fresh),
		cmocka_unit_test_setup(line_comes_again_while_high, fake_vgic_fresh),
		cmocka_unit_test_setup(line_withdraws, fake_vgic_fresh),
		cmocka_unit_test_setup(line_beside_a_latch, fake_vgic_fresh),
		cmocka_unit_test_setup(line_of_another, fake_vgic_fresh),
		cmocka_unit_test_setup(sgis_across, fake_vgic_fresh),
		cmocka_unit_test_setup(sgis_elsewhere_are_nobodys, fake_vgic_fresh),
		cmocka_unit_test_setup(sgi_waits_for_a_vcpu_that_is_off, fake_vgic_fresh),
		cmocka_unit_test_setup(off_folds_back, fake_vgic_fresh),
		cmocka_unit_test_setup(off_takes_nothing, fake_vgic_fresh),
		cmocka_unit_test_setup(router_moves_pending, fake_vgic_fresh),
		cmocka_unit_test_setup(router_to_nobody_keeps_pending, fake_vgic_fresh),
		cmocka_unit_test_setup(home_elsewhere, fake_vgic_fresh),
		cmocka_unit_test_setup(reused_list_register_passes_on, fake_vgic_fresh),
		cmocka_unit_test_setup(others_are_stopped_for_the_truth, fake_vgic_fresh),
		cmocka_unit_test_setup(both_stop_each_other, fake_vgic_fresh),
		cmocka_unit_test_setup(who_waits_leaves_the_lock_alone, fake_vgic_fresh),
		cmocka_unit_test_setup(none_is_lost, fake_vgic_fresh),
		cmocka_unit_test_setup(nobody_waits_for_a_stopping_pd, fake_vgic_fresh),
		cmocka_unit_test_setup(group_off_is_off_for_all, fake_vgic_fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
