/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What no part of the hypervisor decides, as any value at all: registers of the
 * PD, of the CPU and of devices, and whatever other CPUs write meanwhile. Comes
 * before every source (-include).
 */
#ifndef PROVE_MACHINE_H
#define PROVE_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

extern volatile uint64_t prove_word;

static inline uint64_t any64(void) { return prove_word; }
static inline uint32_t any32(void) { return (uint32_t)prove_word; }
static inline bool any_bool(void) { return prove_word & 1; }

/*@ assigns \result \from low, high; ensures low <= \result <= high; */
uint32_t any_within(uint32_t low, uint32_t high);

/* The compiler has asserted it. */
#define _Static_assert(...) extern int prove_static_assert
/* No size depends on it: struct virq has four bytes anyhow. */
#define _Alignas(alignment)

/* GCC's, which the analyser does not know. Another CPU may have written the word: any value. */
#define __atomic_load_n(word, order)  ((__typeof__(*(word)))any64())
#define __atomic_exchange_n(word, value, order) (*(word) = (value), (__typeof__(*(word)))any64())
#define __atomic_store_n(word, value, order) ((void)(*(word) = (value)))

/* Number of the lowest bit that is set, of a value that is not 0: it is no higher than the highest. */
static inline int prove_ctz(uint32_t value)
{
	int most = 0;

	/*@ assert builtin_ctz: value != 0; */
	for (uint32_t rest = value >> 1; rest; rest >>= 1)
		most++;
	return (int)any_within(0, (uint32_t)most);
}
#define __builtin_ctz prove_ctz

#endif
