/* SPDX-License-Identifier: Apache-2.0 */
/* What arm64 keeps for each CPU; TPIDR_EL2 points at its struct percpu. */
#ifndef ARCH_PERCPU_H
#define ARCH_PERCPU_H

#include <arch/sysreg.h>

enum { WORKAROUNDS = 3 };

struct arch_percpu {
	uint64_t probe_esr;     /* ESR_EL2 of the last probe that faulted */
	uint64_t next_fault_line;       /* ticks: no line about a PD's fault before */
	uint32_t faults;        /* of the vCPU, that became exceptions */
	int8_t workarounds[WORKAROUNDS];        /* what firmware said of each: psci.c */
};

/* Not volatile: it never changes once C runs, so one read serves a whole function. */
static inline struct percpu *arch_percpu(void)
{
	struct percpu *own;

	__asm__("mrs %0, tpidr_el2" : "=r"(own));
	return own;
}

#endif
