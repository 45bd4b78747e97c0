/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A spinlock between the CPUs of one PD. No lock is ever taken by CPUs of two
 * PDs: what crosses PDs goes through single words and rings of the shared page.
 */
#ifndef MULLION_LOCK_H
#define MULLION_LOCK_H

#include <arch/lock.h>  /* arch/<name>/include/arch/lock.h: acquire and release order */

#include <stdint.h>

struct lock {
	uint32_t taken;
};

static inline void lock_take(struct lock *lock)
{
	while (!arch_lock_try(&lock->taken))
		arch_lock_relax();
}

static inline void lock_release(struct lock *lock) { arch_lock_release(&lock->taken); }

#endif
