/* SPDX-License-Identifier: Apache-2.0 */
/* CONFIG_SELFTEST: the CPU's tables and code that the seal must hold. */
#include <mullion/arch.h>
#include <mullion/percpu.h>
#include <mullion/selftest.h>

#include <arch/asm.h>
#include <arch/esr.h>
#include <arch/vmsa.h>

extern const char vectors[];

const char *arch_probe_reason(void)
{
	switch (FIELD_GET(ESR_FSC_TYPE, percpu()->arch.probe_esr)) {
	case ESR_FAULT_TRANSLATION: return "translation fault";
	case ESR_FAULT_PERMISSION: return "permission fault";
	case ESR_FAULT_EXTERNAL: return "external abort";
	default: return "other abort";
	}
}

uint32_t arch_selftest_targets(struct selftest_target *targets)
{
	const struct table_cpu *cpu = arch_cpu();
	/* A writable block from 0 on; 0x40 is RES1 in stage 1, and right to read in stage 2. */
	const uint64_t everything = vmsa_leaf(VMSA_FIRST_BLOCK_LEVEL, 0) | FIELD_PREP(VMSA_SH, VMSA_SH_INNER) |
				    VMSA_XN | 0x40;
	uint32_t n = 0;

	targets[n++] = (struct selftest_target){ "own stage 1, run", cpu->run_root, everything, true };
	targets[n++] = (struct selftest_target){ "own stage 1, event", cpu->event_root, everything, true };
	targets[n++] = (struct selftest_target){ "PD stage 2", table.pds[cpu->pd].memory_root, everything, true };
	targets[n++] = (struct selftest_target){ "text", paddr((uintptr_t)vectors), 0, true };
	targets[n++] = (struct selftest_target){ "partition table", paddr((uintptr_t)&table), 0, true };
	targets[n++] = (struct selftest_target){ "stack guard",
						 paddr((uintptr_t)cpu->stack_top - (2u << STACK_BIT) + 8), 0, true };
	return n;
}
