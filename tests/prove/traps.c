/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every exception of a PD, with any syndrome, addresses, registers and state:
 * calls, system registers, faults, interrupts; in front of the emulated devices.
 * No run-time error, no panic, and the invariant holds of what is left.
 */
#include "state.h"

#include <arch/guest.h>

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
		if (any_bool())
			any_trap(&regs);
	}
}
