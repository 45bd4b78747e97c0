/* SPDX-License-Identifier: Apache-2.0 */
/* The CPU that takes the exception: state.c. */
#ifndef ARCH_PERCPU_H
#define ARCH_PERCPU_H

#include <stdint.h>

enum { WORKAROUNDS = 3 };

struct arch_percpu {
	uint64_t probe_esr;
	uint64_t next_fault_line;
	uint32_t faults;
	int8_t workarounds[WORKAROUNDS];
};

struct percpu;
extern struct percpu *prove_cpu;
static inline struct percpu *arch_percpu(void) { return prove_cpu; }

#endif
