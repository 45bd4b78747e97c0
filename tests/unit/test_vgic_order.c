/* SPDX-License-Identifier: Apache-2.0 */
/* More interrupts than list registers: each arrives once, the most urgent first, whatever came before. */
#include "fake_vgic.h"
#include "test.h"

enum { SGIS = 16, ALL = SGIS + MSIS, STEPS = 200000, DEEP = 12 };

static uint32_t seed;

static uint32_t any(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 16) % below;
}

/* The n-th of 16 SGIs and 20 SPIs. */
static uint32_t intid_of(uint32_t n) { return n < SGIS ? n : FIRST_MSI + n - SGIS; }
static uint32_t number_of(uint32_t intid) { return intid < SGIS ? intid : intid - FIRST_MSI + SGIS; }

static void raise_one(uint32_t intid)
{
	if (intid < SGIS)
		send_sgi(0, intid);
	else
		raise_msi(intid);
}

static uint8_t priorities[ALL];

static void mix_priorities(void)
{
	for (uint32_t n = 0; n < ALL; n++) {
		priorities[n] = (uint8_t)(any(20) * 8);
		set_priority(intid_of(n), priorities[n]);
	}
}

/* Acknowledges and ends until nothing is left, and checks that it was `count`, each once and in order. */
static void drain(uint32_t count)
{
	bool seen[ALL] = { false };
	uint32_t last = 0, last_intid = 0;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t intid = guest_ack(), n = number_of(intid);

		assert_int_not_equal(intid, NONE);
		assert_false(seen[n]);
		seen[n] = true;
		assert_true(priorities[n] >= last);
		assert_true(i == 0 || priorities[n] > last || intid > last_intid);
		last = priorities[n];
		last_intid = intid;
		guest_end(intid);
	}
	assert_int_equal(guest_ack(), NONE);
}

static void all_at_once(void **state)
{
	(void)state;
	for (seed = 1; seed < 50; seed++) {
		uint32_t first = any(ALL);

		mix_priorities();
		enable(0, true);
		gicd_write(0x184, UINT32_MAX);
		gicr_write(0, 0x180, UINT32_MAX);
		for (uint32_t n = 0; n < ALL; n++)
			raise_one(intid_of((first + n * 7) % ALL));
		gicr_write(0, 0x100, UINT32_MAX);
		gicd_write(0x104, UINT32_MAX);
		drain(ALL);
	}
}

static void least_urgent_first(void **state)
{
	(void)state;
	for (uint32_t n = 0; n < ALL; n++) {
		priorities[n] = (uint8_t)((ALL - 1 - n) / 2 * 8);
		set_priority(intid_of(n), priorities[n]);
	}
	for (uint32_t n = 0; n < ALL; n++)
		raise_one(intid_of(n));
	drain(ALL);
}

static void most_urgent_first(void **state)
{
	(void)state;
	for (uint32_t n = 0; n < ALL; n++) {
		priorities[n] = (uint8_t)(n / 2 * 8);
		set_priority(intid_of(n), priorities[n]);
	}
	for (uint32_t n = 0; n < ALL; n++)
		raise_one(intid_of(n));
	drain(ALL);
}

/* Each preempts the one before, far deeper than list registers go; all end in reverse. */
static void nested_deeper_than_list_registers(void **state)
{
	(void)state;
	for (uint32_t n = 0; n < DEEP; n++)
		set_priority(FIRST_MSI + n, (uint8_t)((DEEP - n) * 8));
	for (uint32_t n = 0; n < DEEP; n++) {
		raise_msi(FIRST_MSI + n);
		assert_int_equal(guest_ack(), FIRST_MSI + n);
	}
	for (uint32_t n = DEEP; n > 0; n--) {
		assert_int_equal(guest_ack(), NONE);
		assert_int_equal(gicd_read(0x304), (1u << n) - 1);
		guest_end(FIRST_MSI + n - 1);
	}
	assert_int_equal(gicd_read(0x304), 0);
}

/* A physical one that had to leave its list register while active is still deactivated. */
static void physical_ends_outside(void **state)
{
	(void)state;
	set_priority(LEVEL, 0xf0);
	raise_spi(LEVEL);
	assert_int_equal(guest_ack(), LEVEL);
	for (uint32_t n = 0; n < LRS; n++)
		raise_msi(FIRST_MSI + n);
	assert_int_equal(shown(0, LEVEL), 0);
	assert_true(is_physical_active(LEVEL));
	guest_end(LEVEL);
	assert_false(is_physical_active(LEVEL));
	assert_int_equal(gicd_read(0x304), 0);
}

/* Ended in two steps, active ones cannot be told apart outside: they stay. */
static void split_ends_stay_inside(void **state)
{
	(void)state;
	guest_set_eoi_split(true);
	for (uint32_t n = 0; n < LRS - 1; n++) {
		raise_msi(FIRST_MSI + n);
		assert_int_equal(guest_ack(), FIRST_MSI + n);
		guest_end(FIRST_MSI + n);
	}
	for (uint32_t n = LRS; n < MSIS; n++) {
		set_priority(FIRST_MSI + n, 0);
		raise_msi(FIRST_MSI + n);
	}
	for (uint32_t n = 0; n < LRS - 1; n++)
		assert_int_equal(shown(0, FIRST_MSI + n), 1);
	guest_deactivate(FIRST_MSI);
	guest_deactivate(FIRST_MSI + 2);
	for (uint32_t n = LRS; n < MSIS; n++) {
		assert_int_equal(guest_ack(), FIRST_MSI + n);
		guest_end(FIRST_MSI + n);
		guest_deactivate(FIRST_MSI + n);
	}
	assert_int_equal(gicd_read(0x304), 2);
}

/* With active ones in all list registers but one, each that goes through the last one brings the next. */
static void split_ends_let_the_next_in(void **state)
{
	(void)state;
	guest_set_eoi_split(true);
	for (uint32_t n = 0; n < LRS - 1; n++) {
		raise_msi(FIRST_MSI + n);
		assert_int_equal(guest_ack(), FIRST_MSI + n);
		guest_end(FIRST_MSI + n);
	}
	for (uint32_t n = LRS; n < MSIS; n++)
		raise_msi(FIRST_MSI + n);
	for (uint32_t n = LRS; n < MSIS; n++) {
		assert_int_equal(guest_ack(), FIRST_MSI + n);
		guest_end(FIRST_MSI + n);
		guest_deactivate(FIRST_MSI + n);
	}
	assert_int_equal(gicd_read(0x304), (1 << (LRS - 1)) - 1);
}

static bool pending[ALL], active[ALL], enabled[ALL];
static uint32_t stack[ALL], depth;

/* What an interrupt controller with room for all would acknowledge: of this priority, ALL if nothing. */
static uint32_t expected(void)
{
	uint32_t best = ALL;

	for (uint32_t n = 0; n < ALL; n++)
		if (pending[n] && enabled[n] && !active[n] && (best == ALL || priorities[n] < priorities[best]) &&
		    (!depth || priorities[n] < priorities[stack[depth - 1]]))
			best = n;
	return best;
}

static void step_ack(void)
{
	uint32_t best = expected(), intid = guest_ack(), n = number_of(intid);

	if (best == ALL) {
		assert_int_equal(intid, NONE);
		return;
	}
	assert_int_not_equal(intid, NONE);
	assert_true(pending[n] && enabled[n] && !active[n]);
	assert_int_equal(priorities[n], priorities[best]);
	pending[n] = false;
	active[n] = true;
	stack[depth++] = n;
}

static void step_end(void)
{
	if (!depth)
		return;
	guest_end(intid_of(stack[--depth]));
	active[stack[depth]] = false;
}

static void step_registers(uint32_t n)
{
	uint32_t intid = intid_of(n);
	bool is_private = intid < SGIS;

	assert_int_equal(!!((is_private ? gicr_read(0, 0x200) : gicd_read(0x204)) & 1u << intid % 32), pending[n]);
	assert_int_equal(!!((is_private ? gicr_read(0, 0x300) : gicd_read(0x304)) & 1u << intid % 32), active[n]);
	enabled[n] = !enabled[n];
	enable(intid, enabled[n]);
}

/* Against a controller with room for all, step by step. */
static void any_order(void **state)
{
	(void)state;
	seed = 1;
	mix_priorities();
	for (uint32_t n = 0; n < ALL; n++) {
		enabled[n] = true;
		pending[n] = active[n] = false;
	}
	for (uint32_t i = 0; i < STEPS; i++) {
		uint32_t n = any(ALL), what = any(16);

		/* Floods and droughts in turn. */
		if (what < (i / 64 % 2 ? 3u : 8u)) {
			pending[n] = true;
			raise_one(intid_of(n));
		} else if (what < 12) {
			step_ack();
		} else if (what < 15) {
			step_end();
		} else {
			step_registers(n);
		}
	}
	assert_true(depth < ALL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(all_at_once, fake_vgic_fresh),
		cmocka_unit_test_setup(least_urgent_first, fake_vgic_fresh),
		cmocka_unit_test_setup(most_urgent_first, fake_vgic_fresh),
		cmocka_unit_test_setup(nested_deeper_than_list_registers, fake_vgic_fresh),
		cmocka_unit_test_setup(physical_ends_outside, fake_vgic_fresh),
		cmocka_unit_test_setup(split_ends_stay_inside, fake_vgic_fresh),
		cmocka_unit_test_setup(split_ends_let_the_next_in, fake_vgic_fresh),
		cmocka_unit_test_setup(any_order, fake_vgic_fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
