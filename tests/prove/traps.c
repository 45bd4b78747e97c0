/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every exception of a PD, with any syndrome, addresses, registers and state:
 * calls, system registers, faults, interrupts; in front of the emulated devices.
 * Then the PD's start, and its CPU while that is parked. No run-time error, no
 * panic, and the invariant holds of what is left.
 */
#include "state.h"

#include <arch/guest.h>
#include <mullion/arch.h>

void trap_guest_sync(struct guest_regs *regs);
void trap_guest_serror(void);
_Noreturn void trap_guest_other(void);
void trap_guest_irq(void);

static void any_trap(struct guest_regs *regs)
{
	switch (any_within(0, 3)) {
	case 0:
		trap_guest_serror();
		break;
	case 1:
		trap_guest_other();
	case 2:
		trap_guest_irq();
		break;
	default:
		trap_guest_sync(regs);
	}
	prove_invariant();
}

/* Of a PD that starts, whatever its last run left, none but the first runs until that asks for it. */
static void begin(void)
{
	pd_begin();
	/*@ loop unroll 8; */
	for (uint32_t vcpu = 1; vcpu < prove_cpu->pd->cpu_count; vcpu++) {
		uint32_t power = prove_cpu->state->vcpus[vcpu].power;

		/*@ assert others_are_off: power == VCPU_OFF; */
	}
	prove_invariant();
}

void main(void)
{
	/*@ loop unroll 33; */
	for (uint32_t cpu = 1; cpu < table.cpu_count; cpu++) {
		struct guest_regs regs;

		if (!table.cpus[cpu].pd)
			continue;
		/*@ loop unroll 31; */
		for (unsigned n = 0; n < 31; n++)
			regs.x[n] = any64();
		regs.x[31] = 0;
		prove_cpu_is(cpu);
		switch (any_within(0, 3)) {
		case 0:
			if (prove_cpu->vcpu == 0)
				begin();
			break;
		case 1:
			prove_parks = true;
			pd_run(prove_cpu->cpu);
		case 2:
			any_trap(&regs);
		}
	}
}
