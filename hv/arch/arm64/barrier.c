/* SPDX-License-Identifier: Apache-2.0 */
/* Barriers between CPUs. */
#include <mullion/arch.h>

/* DSB, not DMB: an SGI, which is no memory access, must come after too (Arm ARM B2.3.12; IHI 0069H, 4.4.2). */
void arch_barrier(void) { __asm__ volatile("dsb ish" : : : "memory"); }

void arch_relax(void) { __asm__ volatile("wfe" : : : "memory"); }
void arch_signal(void) { __asm__ volatile("dsb ish\n\tsev" : : : "memory"); }
