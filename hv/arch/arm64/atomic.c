/* SPDX-License-Identifier: Apache-2.0 */
/* Atomic words by exclusive accesses (Arm ARM B2.17), and barriers between CPUs. */
#include <mullion/arch.h>
#include <mullion/request.h>

void arch_atomic_or(uint32_t *word, uint32_t bits)
{
	uint32_t value, failed = 1;

	do {
		__asm__ volatile("ldaxr %w0, %2\n\torr %w0, %w0, %w3\n\tstlxr %w1, %w0, %2"
				 : "=&r"(value), "=&r"(failed), "+Q"(*word) : "r"(bits) : "memory");
	} while (failed);
}

uint32_t arch_atomic_take(uint32_t *word)
{
	uint32_t value, failed = 1;

	do {
		__asm__ volatile("ldaxr %w0, %2\n\tstlxr %w1, wzr, %2"
				 : "=&r"(value), "=&r"(failed), "+Q"(*word) : : "memory");
	} while (failed);
	return value;
}

/* DSB, not DMB: an SGI, which is no memory access, must come after too (Arm ARM B2.3.12; IHI 0069H, 4.4.2). */
void arch_barrier(void) { __asm__ volatile("dsb ish" : : : "memory"); }

void arch_relax(void) { __asm__ volatile("wfe" : : : "memory"); }
void arch_signal(void) { __asm__ volatile("dsb ish\n\tsev" : : : "memory"); }
