/* SPDX-License-Identifier: Apache-2.0 */
/* CONFIG_SELFTEST: the CPU's tables and code that the seal must hold. */
#include <mullion/selftest.h>

#include <arch/asm.h>
#include <arch/percpu.h>
#include <arch/vmsa.h>

extern const char entry[];

uint32_t arch_selftest_targets(struct selftest_target *targets)
{
	const struct table_cpu *cpu = percpu()->cpu;
	const uint64_t everything = vmsa_s1_leaf(VMSA_FIRST_BLOCK_LEVEL, 0, ACCESS_R | ACCESS_W, VMSA_NORMAL);
	uint32_t n = 0;

	targets[n++] = (struct selftest_target){ "own stage 1, run", cpu->run_root, everything, true };
	targets[n++] = (struct selftest_target){ "own stage 1, event", cpu->event_root, everything, true };
	targets[n++] = (struct selftest_target){ "PD stage 2", table.pds[cpu->pd].memory_root, everything, true };
	targets[n++] = (struct selftest_target){ "text", paddr((uintptr_t)entry), 0, true };
	targets[n++] = (struct selftest_target){ "partition table", paddr((uintptr_t)&table), 0, true };
	targets[n++] = (struct selftest_target){ "stack guard", paddr((uintptr_t)cpu->stack_top - (2u << STACK_BIT) + 8),
						 0, true };
	return n;
}
