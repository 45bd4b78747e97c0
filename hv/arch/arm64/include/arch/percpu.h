/* SPDX-License-Identifier: Apache-2.0 */
/* What arm64 keeps for each CPU; TPIDR_EL2 points at its struct percpu. */
#ifndef ARCH_PERCPU_H
#define ARCH_PERCPU_H

#include <arch/sysreg.h>

struct arch_percpu {
	uint64_t probe_esr;     /* ESR_EL2 of the last probe that faulted */
};

static inline struct percpu *arch_percpu(void) { return (struct percpu *)sysreg_read(tpidr_el2); }

#endif
