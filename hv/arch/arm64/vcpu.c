/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The start of a vCPU: EL1 as the architecture resets it, so that nothing of
 * firmware's is left for the PD to see or trip over.
 */
#include <arch/guest.h>
#include <arch/sysreg.h>
#include <mullion/arch.h>
#include <mullion/percpu.h>

#define SCTLR_EL1_RESET  UINT64_C(0x30d00800)   /* RES1 bits; MMU and caches off */
#define VTTBR_VMID       GENMASK(63, 48)

/* What firmware, which ran at EL2, or an earlier PD could have left. */
#define EL1_ZEROES(zero) \
	zero(mdscr_el1) zero(pmuserenr_el0) zero(cpacr_el1) zero(contextidr_el1) zero(csselr_el1) zero(vbar_el1) \
	zero(mair_el1) zero(amair_el1) zero(tcr_el1) zero(ttbr0_el1) zero(ttbr1_el1) zero(par_el1) zero(tpidr_el0) \
	zero(tpidrro_el0) zero(tpidr_el1) zero(sp_el0) zero(sp_el1) zero(elr_el1) zero(spsr_el1) zero(esr_el1) \
	zero(far_el1) zero(afsr0_el1) zero(afsr1_el1) zero(cntkctl_el1) zero(cntv_ctl_el0) zero(cntv_cval_el0) \
	zero(fpcr) zero(fpsr)
#define EL1_ZERO(name) sysreg_write(name, 0);

void arch_vcpu_run(const struct table_pd *pd, uint64_t entry, uint64_t argument)
{
	sysreg_write(vttbr_el2, FIELD_PREP(VTTBR_VMID, pd->vmid) | pd->memory_root.pa);
	sysreg_write(vmpidr_el2, BIT(31) | percpu()->vcpu);     /* RES1, Aff0 */
	smccc_reset();
	sysreg_write(hcr_el2, sysreg_read(hcr_el2) & ~HCR_VSE);
	sysreg_write(sctlr_el1, SCTLR_EL1_RESET);
	sysreg_write(ICC_SRE_EL1, 7);           /* system registers, where the GIC has another interface too */
	EL1_ZEROES(EL1_ZERO)
	sysreg_write(elr_el2, entry);
	sysreg_write(spsr_el2, SPSR_EL1H_MASKED);
	/* No translation of whoever had this VMID before. */
	__asm__ volatile("isb\n\ttlbi vmalls12e1\n\tdsb nsh\n\tisb" : : : "memory");
	arch_guest_start(arch_cpu()->stack_top, argument);
}
