/* SPDX-License-Identifier: Apache-2.0 */
/* PSCI (DEN0022F) as a PD has it: its own vCPUs, its own power. */
#include "pd.h"

#include <arch/sysreg.h>

extern const char pd_start[];

int64_t pd_psci(uint32_t function, uint64_t a, uint64_t b, uint64_t c)
{
	register uint64_t x0 __asm__("x0") = function;
	register uint64_t x1 __asm__("x1") = a;
	register uint64_t x2 __asm__("x2") = b;
	register uint64_t x3 __asm__("x3") = c;

	__asm__ volatile("hvc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) : : "memory");
	return (int32_t)x0;     /* every result of ours has 32 bits; 64 are sign-extended */
}

/* Aff0 of MPIDR_EL1: a PD's vCPUs are numbered by it. */
uint32_t pd_vcpu(void) { return (uint32_t)sysreg_read(mpidr_el1) & 0xff; }

enum psci_result pd_vcpu_on(uint32_t vcpu)
{
	pd_barrier();
	return (enum psci_result)pd_psci(PSCI_CPU_ON, vcpu, (uintptr_t)pd_start, 0);
}

enum psci_result pd_vcpu_power(uint32_t vcpu) { return (enum psci_result)pd_psci(PSCI_AFFINITY_INFO, vcpu, 0, 0); }

static _Noreturn void for_good(uint32_t function)
{
	for (;;)
		pd_psci(function, 0, 0, 0);
}

void pd_vcpu_off(void) { for_good(PSCI_CPU_OFF); }
void pd_power_off(void) { for_good(PSCI_SYSTEM_OFF); }
void pd_reset(void) { for_good(PSCI_SYSTEM_RESET); }
