/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A CPU's own writable page: only its CPU's maps have it writable. The other
 * half of the page is the architecture's emergency stack. Nothing here decides
 * what a device reaches: which CPU this is, and its maps, come from constants.
 */
#ifndef MULLION_PERCPU_H
#define MULLION_PERCPU_H

#include <mullion/table.h>
#include <mullion/vdev.h>

#include <arch/percpu.h>

struct percpu {
	const struct table_pd *pd;      /* running here; NULL before start and after stop */
	struct vuart vuart;
	struct arch_percpu arch;
};

_Static_assert(sizeof(struct percpu) <= PAGE_SIZE / 2, "the other half is a stack");

static inline struct percpu *percpu(void) { return arch_percpu(); }

#endif
