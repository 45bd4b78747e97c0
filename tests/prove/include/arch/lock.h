/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PD's lock, with any number of CPUs of the PD beside this one: whatever is
 * found when it is taken satisfies the invariant, and satisfies it again when
 * it is released (state.c). That is all the CPUs know of each other.
 */
#ifndef ARCH_LOCK_H
#define ARCH_LOCK_H

#include <stdbool.h>
#include <stdint.h>

void prove_lock_taken(const uint32_t *taken);
void prove_lock_released(const uint32_t *taken);

static inline bool arch_lock_try(uint32_t *taken)
{
	prove_lock_taken(taken);
	return true;
}

static inline void arch_lock_relax(void) { }
static inline void arch_lock_release(uint32_t *taken) { prove_lock_released(taken); }

#endif
