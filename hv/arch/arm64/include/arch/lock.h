/* SPDX-License-Identifier: Apache-2.0 */
/* Exclusive accesses behind mullion/lock.h (Arm ARM B2.17.3, K14.2.3: load-acquire, store-release). */
#ifndef ARCH_LOCK_H
#define ARCH_LOCK_H

#include <stdbool.h>
#include <stdint.h>

static inline bool arch_lock_try(uint32_t *taken)
{
	uint32_t failed;

	/* The labels are for whoever measures from outside how long a lock is held: its hold begins at the last try. */
	__asm__ volatile("ldaxr %w0, %1\n\tcbnz %w0, 1f\n\tstxr %w0, %w2, %1\n1:\nlock_taken_%=:"
			 : "=&r"(failed), "+Q"(*taken) : "r"(1) : "memory");
	return !failed;
}

static inline void arch_lock_relax(void) { __asm__ volatile("yield"); }
static inline void arch_lock_release(uint32_t *taken)
{
	__asm__ volatile("lock_released_%=: stlr wzr, %0" : "=Q"(*taken) : : "memory");
}

#endif
