/* SPDX-License-Identifier: Apache-2.0 */
/* A vCPU's general registers while it is out, and what its exits may call. */
#ifndef ARCH_GUEST_H
#define ARCH_GUEST_H

#include <arch/asm.h>
#include <arch/esr.h>
#include <arch/sysreg.h>
#include <mullion/types.h>

#define SPSR_EL1H_MASKED UINT64_C(0x3c5)        /* EL1 with its own stack, DAIF set */

/* As instructions name them: 31 reads as zero, and nobody looks at what is written there. */
struct guest_regs {
	uint64_t x[32];
};

_Static_assert(sizeof(struct guest_regs) == GUEST_REGS_SIZE, "assembly saves it there");

/* Of a translation fault: HPFAR_EL2 has the page, FAR_EL2 the offset. */
static inline ipaddr_t guest_fault_addr(void)
{
	uint64_t page = FIELD_GET(GENMASK(43, 4), sysreg_read(hpfar_el2));

	return (ipaddr_t){ page << PAGE_SHIFT | (sysreg_read(far_el2) & (PAGE_SIZE - 1)) };
}

/* AArch32 at EL0 has instructions of two bytes. */
static inline void guest_skip(uint64_t esr)
{
	sysreg_write(elr_el2, sysreg_read(elr_el2) + 2 + 2 * FIELD_GET(ESR_IL, esr));
}

#define HCR_VSE BIT(8)          /* a virtual SError is pending */

/* SMC Calling Convention (DEN0028) and PSCI (DEN0022): serves the call in x0 to x3. */
void psci_serve(struct guest_regs *regs);
/* At boot: asks firmware which workarounds it has for this CPU. */
void smccc_init(void);
/* At the start of a vCPU: the workaround that a PD can switch is on. */
void smccc_reset(void);

/* A load or store at an address without memory: a device's register (guest_device.c), or the PD's fault (trap.c). */
void guest_device_access(struct guest_regs *regs, uint64_t esr);
void guest_abort(uint64_t esr);
/* Back into the PD with registers that C keeps for its caller: an exit that just returns leaves x19 to x29 alone. */
_Noreturn void guest_return_all(struct guest_regs *regs);
/* The exception as the PD's own, at its vector (inject.c). */
void guest_inject_undefined(void);
void guest_inject_abort(uint64_t esr);
void guest_inject_serror(void);

/* Calls `function`, which does not return, on a stack that is empty: this one, or another. */
_Noreturn void arch_call_on_stack(uint8_t *stack_top, void (*function)(void));
/* Into the PD, with ELR_EL2 and SPSR_EL2 set, x0 = argument and every other general register zero. */
_Noreturn void arch_guest_start(uint8_t *stack_top, uint64_t argument);

#endif
