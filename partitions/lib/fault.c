/* SPDX-License-Identifier: Apache-2.0 */
/* Exceptions of a PD program: those that try.S expects, and the end of it. */
#include "pd.h"

#include <arch/sysreg.h>

/* try.S: attempts lie in [begin, end); failed() is where one that took an exception goes on. */
extern const char pd_try_begin[], pd_try_end[], pd_try_failed[];
extern uint32_t pd_try_slot;
bool pd_try_slot_run(uint64_t registers[4]);

static volatile uint64_t fault_esr[PD_CPUS];

uint64_t pd_fault_esr(void) { return fault_esr[pd_vcpu()]; }
uint32_t pd_fault_class(void) { return (uint32_t)(pd_fault_esr() >> 26) & 0x3f; }

void pd_exception(void)
{
	uint64_t elr = sysreg_read(elr_el1);

	if (elr < (uintptr_t)pd_try_begin || elr >= (uintptr_t)pd_try_end)
		pd_unexpected();
	fault_esr[pd_vcpu()] = sysreg_read(esr_el1);
	sysreg_write(elr_el1, (uintptr_t)pd_try_failed);
}

/* Fetches see the new instruction (Arm ARM B2.7.4); cleaning does nothing where data is not cached. */
bool pd_try_instruction(uint32_t instruction, uint64_t registers[4])
{
	*(volatile uint32_t *)&pd_try_slot = instruction;
	__asm__ volatile("dc cvau, %0; dsb ish; ic ivau, %0; dsb ish; isb" : : "r"(&pd_try_slot) : "memory");
	return pd_try_slot_run(registers);
}

void pd_unexpected(void)
{
	pd_print("unexpected exception: esr 0x%lx elr 0x%lx far 0x%lx", sysreg_read(esr_el1), sysreg_read(elr_el1),
		 sysreg_read(far_el1));
	pd_power_off();
}
