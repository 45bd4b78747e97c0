/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A CPU's own writable page; TPIDR_EL2 points at it. Only its CPU's maps have
 * it writable.
 */
#ifndef ARCH_PERCPU_H
#define ARCH_PERCPU_H

#include <mullion/table.h>
#include <mullion/vdev.h>

#include <arch/sysreg.h>

struct percpu {
	const struct table_cpu *cpu;
	const struct table_pd *pd;      /* running here; NULL before start and after stop */
	uint64_t probe_esr;             /* ESR_EL2 of the last probe that faulted, else 0 */
	struct vuart vuart;
};

_Static_assert(sizeof(struct percpu) <= PAGE_SIZE, "one page");

static inline struct percpu *percpu(void) { return (struct percpu *)sysreg_read(tpidr_el2); }

#endif
