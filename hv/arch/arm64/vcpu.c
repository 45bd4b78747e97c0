/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The start of a vCPU: EL1 as the architecture resets it, so that nothing of
 * firmware's is left for the PD to see or trip over.
 */
#include <arch/guest.h>
#include <arch/percpu.h>
#include <arch/sysreg.h>
#include <mullion/arch.h>
#include <mullion/bits.h>

#define SPSR_EL1H_MASKED UINT64_C(0x3c5)        /* EL1 with its own stack, DAIF set */
#define SCTLR_EL1_RESET  UINT64_C(0x30d00800)   /* RES1 bits; MMU and caches off */
#define VTTBR_VMID       GENMASK(63, 48)

void arch_vcpu_run(const struct table_pd *pd)
{
	sysreg_write(vttbr_el2, FIELD_PREP(VTTBR_VMID, pd->vmid) | pd->memory_root.pa);
	sysreg_write(sctlr_el1, SCTLR_EL1_RESET);
	sysreg_write(cpacr_el1, 0);
	sysreg_write(contextidr_el1, 0);
	sysreg_write(vbar_el1, 0);
	sysreg_write(mair_el1, 0);
	sysreg_write(tcr_el1, 0);
	sysreg_write(ttbr0_el1, 0);
	sysreg_write(ttbr1_el1, 0);
	sysreg_write(tpidr_el0, 0);
	sysreg_write(tpidrro_el0, 0);
	sysreg_write(tpidr_el1, 0);
	sysreg_write(sp_el0, 0);
	sysreg_write(sp_el1, 0);
	sysreg_write(elr_el1, 0);
	sysreg_write(spsr_el1, 0);
	sysreg_write(esr_el1, 0);
	sysreg_write(far_el1, 0);
	sysreg_write(cntkctl_el1, 0);
	sysreg_write(cntv_ctl_el0, 0);
	sysreg_write(elr_el2, pd->entry.ipa);
	sysreg_write(spsr_el2, SPSR_EL1H_MASKED);
	/* No translation of whoever had this VMID before. */
	__asm__ volatile("isb\n\ttlbi vmalls12e1\n\tdsb nsh\n\tisb" : : : "memory");
	arch_guest_start(percpu()->cpu->stack_top);
}
