/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interrupts between vCPUs, and vCPUs that go off and come back. The others
 * count what they get in their handlers; they sleep, and a timer of their own
 * wakes them, so that an order to leave is seen.
 */
#include "tester.h"

enum { SECOND = 1, THIRD = 2, ROUNDS = 200, NOBODY = 9, INTIDS = 128, HZ = 500 };
enum { TARGETED = 3, ALL_BUT_SELF = 4, AT_OFF = 5, HOLD = 6, LOAD = 7, LATE_ONE = 8 };

static volatile uint32_t counts[PD_CPUS][INTIDS];       /* each written by its vCPU only */
static volatile bool leave[PD_CPUS], masked[PD_CPUS], is_masked[PD_CPUS], holding, release, load;

void pd_on_interrupt(uint32_t intid)
{
	counts[pd_vcpu()][intid]++;
	if (intid != HOLD)
		return;
	holding = true;
	while (!release)
		;
	holding = false;
}

void pd_vcpu_main(uint32_t vcpu)
{
	pd_timer_start(HZ);
	while (!leave[vcpu]) {
		if (masked[vcpu] != is_masked[vcpu]) {
			priority_mask(masked[vcpu] ? 0 : 0xff);
			is_masked[vcpu] = masked[vcpu];
		}
		if (load)
			pd_sgi(SECOND, LOAD);
		else if (!is_masked[vcpu])      /* else nothing would wake it */
			pd_wait();
	}
}

static bool within(volatile const bool *flag, bool value)
{
	uint64_t begin = pd_now();

	while (*flag != value)
		if (pd_now() - begin > pd_second())
			return false;
	return true;
}

/* The count that vCPU `vcpu` reaches, or did not in a second. */
static uint32_t count_becomes(uint32_t vcpu, uint32_t intid, uint32_t value)
{
	uint64_t begin = pd_now();

	while (counts[vcpu][intid] < value && pd_now() - begin < pd_second())
		;
	return counts[vcpu][intid];
}

static bool power_becomes(uint32_t vcpu, enum psci_result power)
{
	uint64_t begin = pd_now();

	while (pd_vcpu_power(vcpu) != power)
		if (pd_now() - begin > pd_second())
			return false;
	return true;
}

static bool vcpu_start(uint32_t vcpu)
{
	leave[vcpu] = false;
	return pd_vcpu_on(vcpu) == PSCI_SUCCESS && power_becomes(vcpu, PSCI_ON);
}

static bool vcpu_stop(uint32_t vcpu)
{
	leave[vcpu] = true;
	return power_becomes(vcpu, PSCI_OFF);
}

static bool vcpu_mask(uint32_t vcpu, bool value)
{
	masked[vcpu] = value;
	return within(&is_masked[vcpu], value);
}

static void sgis(void)
{
	pd_sgi(SECOND, TARGETED);
	result(SGI_TARGETED, count_becomes(SECOND, TARGETED, 1));
	pause();
	result(SGI_TARGETED, counts[SECOND][TARGETED]);
	result(SGI_TARGETED, counts[THIRD][TARGETED]);
	result(SGI_TARGETED, acknowledge_never());
	pd_barrier();
	sysreg_write(ICC_SGI1R_EL1, UINT64_C(1) << 40 | (uint64_t)ALL_BUT_SELF << 24);
	arch_isb();
	result(SGI_ALL_BUT_SELF, count_becomes(SECOND, ALL_BUT_SELF, 1));
	result(SGI_ALL_BUT_SELF, count_becomes(THIRD, ALL_BUT_SELF, 1));
	result(SGI_ALL_BUT_SELF, acknowledge_never());
	result(SGI_ALL_BUT_SELF, counts[SECOND][ALL_BUT_SELF]);
	result(SGI_ALL_BUT_SELF, counts[THIRD][ALL_BUT_SELF]);
}

/* A route changed between two MSIs, then while one is pending. */
static void routes(uint32_t intid)
{
	for (uint32_t vcpu = SECOND; vcpu <= THIRD; vcpu++) {
		pd_interrupt_route(intid, vcpu);
		device_raise(0);
		result(ROUTED, count_becomes(vcpu, intid, 1));
		result(ROUTED, acknowledge_never());
	}
	pd_interrupt_route(intid, 0);
	device_raise(0);
	result(ROUTED, acknowledge_soon());
	end(intid);
	result(ROUTED, counts[SECOND][intid]);
	result(ROUTED, counts[THIRD][intid]);

	priority_mask(0);
	device_raise(0);
	pause();
	pd_interrupt_route(intid, SECOND);
	result(ROUTED_PENDING, count_becomes(SECOND, intid, 2));
	priority_mask(0xff);
	result(ROUTED_PENDING, acknowledge_never());
	pd_interrupt_route(intid, NOBODY);
	device_raise(0);
	result(ROUTED_PENDING, acknowledge_never());
	result(ROUTED_PENDING, bit_read(ISPENDR, intid));
	result(ROUTED_PENDING, counts[SECOND][intid]);
	pd_interrupt_route(intid, THIRD);
	result(ROUTED_PENDING, count_becomes(THIRD, intid, 2));
	pd_interrupt_route(intid, 0);
}

/* In another vCPU's list register: pending, as it masks all by priority. */
static void elsewhere_pending(uint32_t intid)
{
	result(ELSEWHERE_PENDING, vcpu_mask(SECOND, true));
	pd_interrupt_route(intid, SECOND);
	device_raise(0);
	pause();
	result(ELSEWHERE_PENDING, bit_read(ISPENDR, intid));
	bit_write(ICPENDR, intid);
	result(ELSEWHERE_PENDING, bit_read(ISPENDR, intid));
	pd_sgi(SECOND, TARGETED);
	pd_sgi(SECOND, LATE_ONE);
	pause();
	result(ELSEWHERE_PENDING, bit_read_of(SECOND, ISPENDR, TARGETED));
	bit_write_of(SECOND, ICPENDR, TARGETED);
	result(ELSEWHERE_PENDING, bit_read_of(SECOND, ISPENDR, TARGETED));
	device_raise(0);
	pause();
	bit_write(ICENABLER, intid);
	result(ELSEWHERE_PENDING, vcpu_mask(SECOND, false));
	result(ELSEWHERE_PENDING, count_becomes(SECOND, LATE_ONE, 1));
	pause();
	result(ELSEWHERE_PENDING, counts[SECOND][TARGETED]);
	result(ELSEWHERE_PENDING, counts[SECOND][intid]);
	bit_write(ISENABLER, intid);
	result(ELSEWHERE_PENDING, count_becomes(SECOND, intid, 3));
	pd_interrupt_route(intid, 0);
	bit_write_of(SECOND, ISPENDR, TARGETED);
	result(ELSEWHERE_PENDING, count_becomes(SECOND, TARGETED, 2));
}

/* In another vCPU's handler. */
static void elsewhere_active(void)
{
	pd_sgi(SECOND, HOLD);
	result(ELSEWHERE_ACTIVE, within(&holding, true));
	result(ELSEWHERE_ACTIVE, bit_read_of(SECOND, ISACTIVER, HOLD));
	result(ELSEWHERE_ACTIVE, bit_read(ISACTIVER, HOLD));
	result(ELSEWHERE_ACTIVE, bit_read_of(SECOND, ISPENDR, HOLD));
	pd_sgi(SECOND, HOLD);
	pause();
	result(ELSEWHERE_ACTIVE, bit_read_of(SECOND, ISPENDR, HOLD));
	release = true;
	result(ELSEWHERE_ACTIVE, count_becomes(SECOND, HOLD, 2));
	pause();
	result(ELSEWHERE_ACTIVE, bit_read_of(SECOND, ISACTIVER, HOLD));
}

static void sgi_at_off(void)
{
	result(SGI_AT_OFF, vcpu_stop(SECOND));
	pd_sgi(SECOND, AT_OFF);
	pause();
	result(SGI_AT_OFF, bit_read_of(SECOND, ISPENDR, AT_OFF));
	result(SGI_AT_OFF, counts[SECOND][AT_OFF]);
	result(SGI_AT_OFF, vcpu_start(SECOND));
	result(SGI_AT_OFF, count_becomes(SECOND, AT_OFF, 1));
	pause();
	result(SGI_AT_OFF, counts[SECOND][AT_OFF]);
}

/* An MSI each time that it is off, one each time that it is on, under a flood from the third. */
static void off_and_on(uint32_t intid)
{
	uint32_t expected = counts[SECOND][intid], load_before;

	load = true;
	load_before = counts[SECOND][LOAD];
	pd_interrupt_route(intid, SECOND);
	for (uint32_t round = 0; round < ROUNDS; round++) {
		if (!vcpu_stop(SECOND))
			break;
		device_raise(0);
		if (!vcpu_start(SECOND) || count_becomes(SECOND, intid, expected + 1) != expected + 1)
			break;
		device_raise(0);
		if (count_becomes(SECOND, intid, expected + 2) != expected + 2)
			break;
		expected += 2;
		result(OFF_AND_ON, round);
	}
	load = false;
	result(OFF_AND_ON, counts[SECOND][LOAD] - load_before > ROUNDS);
	pd_interrupt_route(intid, 0);
	result(OFF_AND_ON, acknowledge_never());
}

void vcpus_run(void)
{
	uint32_t intid = device_intid(0);

	vcpu_start(SECOND);
	vcpu_start(THIRD);
	sgis();
	routes(intid);
	elsewhere_pending(intid);
	elsewhere_active();
	sgi_at_off();
	off_and_on(intid);
	vcpu_stop(SECOND);
	vcpu_stop(THIRD);
}
