/* SPDX-License-Identifier: Apache-2.0 */
/* A vCPU's general registers while it is out, and what its exits may call. */
#ifndef ARCH_GUEST_H
#define ARCH_GUEST_H

#include <arch/asm.h>
#include <mullion/bits.h>
#include <mullion/types.h>

struct guest_regs {
	uint64_t x[31];
};

_Static_assert(sizeof(struct guest_regs) <= GUEST_REGS_SIZE, "assembly saves it there");

/* Register `n` of an instruction, where 31 reads as zero. */
static inline uint64_t guest_reg(const struct guest_regs *regs, unsigned n) { return n < 31 ? regs->x[n] : 0; }

static inline void guest_reg_set(struct guest_regs *regs, unsigned n, uint64_t value)
{
	if (n < 31)
		regs->x[n] = value;
}

#define HCR_VSE BIT(8)          /* a virtual SError is pending */

/* SMC Calling Convention (DEN0028) and PSCI (DEN0022): serves the call in x0 to x3. */
void psci_serve(struct guest_regs *regs);

/* Register or device access of the PD's at an address without memory (guest_device.c). False if nothing is there. */
bool guest_device_access(struct guest_regs *regs, uint64_t esr, ipaddr_t addr);
/* The exception as the PD's own, at its vector (inject.c). */
void guest_inject_undefined(void);
void guest_inject_abort(uint64_t esr);
void guest_inject_serror(void);

/* Into the PD, with ELR_EL2 and SPSR_EL2 set, x0 = argument and every other general register zero. */
_Noreturn void arch_guest_start(uint8_t *stack_top, uint64_t argument);

#endif
