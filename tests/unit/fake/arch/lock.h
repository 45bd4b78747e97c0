/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands in for exclusive accesses: CPUs are threads of the test, if it has
 * any. A lock that nobody gives back aborts.
 */
#ifndef ARCH_LOCK_H
#define ARCH_LOCK_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

enum { FAKE_LOCK_PATIENCE = 10000000 };

static inline bool arch_lock_try(uint32_t *taken)
{
	static _Thread_local unsigned failed;

	if (!__atomic_exchange_n(taken, 1, __ATOMIC_ACQUIRE)) {
		failed = 0;
		return true;
	}
	if (++failed == FAKE_LOCK_PATIENCE)
		abort();
	return false;
}

static inline void arch_lock_relax(void) { sched_yield(); }

static inline void arch_lock_release(uint32_t *taken) { __atomic_store_n(taken, 0, __ATOMIC_RELEASE); }

#endif
