/* SPDX-License-Identifier: Apache-2.0 */
/* Faults that become exceptions of its own, and leaves what its vectors found. */
#include "pd.h"

#include <arch/sysreg.h>

void faults_run(uint64_t found);
extern const char faults_vectors[];

void pd_main(void)
{
	__asm__ volatile("msr daifset, #0xf" : : : "memory");
	sysreg_write(vbar_el1, (uintptr_t)faults_vectors);
	arch_isb();
	faults_run(PD_FAULTS_BASE + 64);
	pd_write64(PD_FAULTS_BASE, 1);
	for (;;)
		pd_wait();
}
