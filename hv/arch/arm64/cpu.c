/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What EL2 controls of PDs, CPU identity and the hypervisor's own address
 * spaces. Runs with HCR_EL2.E2H = 0. Every register that decides what a PD may
 * do is set from one table, to deny by default: what is not listed as given
 * traps, and by the PD's policy is an exception of its own or stops it. entry.S sets those of the hypervisor itself.
 */
#include <arch/asm.h>
#include <arch/guest.h>
#include <arch/sysreg.h>
#include <arch/vgic_hw.h>
#include <arch/vmsa.h>
#include <mullion/arch.h>
#include <mullion/boot.h>
#include <mullion/percpu.h>
#include <mullion/section.h>
#include <mullion/verdict.h>

_Static_assert(PAGE_SIZE == PERCPU_SIZE, "vectors.S");

#define HCR_VM    BIT(0)
#define HCR_SWIO  BIT(1)
#define HCR_PTW   BIT(2)
#define HCR_FMO   BIT(3)
#define HCR_IMO   BIT(4)
#define HCR_AMO   BIT(5)
#define HCR_TSC   BIT(19)
#define HCR_TIDCP BIT(20)
#define HCR_TACR  BIT(21)
#define HCR_TSW   BIT(22)
#define HCR_RW    BIT(31)

#define PMCR_N     GENMASK(15, 11)
#define MDCR_TPMCR BIT(5)
#define MDCR_TPM   BIT(6)
#define MDCR_TDE   BIT(8)
#define MDCR_TDA   BIT(9)
#define MDCR_TDOSA BIT(10)
#define MDCR_TDRA  BIT(11)
#define MDCR_TPMS  BIT(14)
#define MDCR_TTRF  BIT(19)

#define CPTR_RES1  UINT64_C(0x22ff)     /* bits 13, 9 and 7 to 0 */
#define CPTR_TZ    BIT(8)
#define CPTR_TSM   BIT(12)
#define CPTR_TTA   BIT(20)
#define CPTR_TAM   BIT(30)

#define CNT_CTL_ENABLE BIT(0)

#define ICC_SRE_ALL    GENMASK(3, 0)    /* Enable, DIB, DFB, SRE */

/* register, value: why */
#define EL2_CONTROLS(set) \
	/* stage 2 on; interrupts and SErrors to EL2; SMC, IMP DEF, ACTLR and set/way trapped; */ \
	/* no stage 1 walk through device memory; set/way invalidate also cleans; PDs are AArch64 */ \
	set(hcr_el2, HCR_RW | HCR_VM | HCR_SWIO | HCR_PTW | HCR_FMO | HCR_IMO | HCR_AMO | HCR_TSC | HCR_TIDCP | \
		HCR_TACR | HCR_TSW) \
	/* trace, SVE, SME and activity monitors trapped; FP and SIMD are the PD's */ \
	set(cptr_el2, CPTR_RES1 | CPTR_TZ | CPTR_TSM | CPTR_TTA | CPTR_TAM) \
	/* debug, OS lock, PMU, SPE and trace filter trapped; HPMN has its reset value, all counters: */ \
	/* fewer would be EL2's, and 0 is unpredictable without FEAT_HPMN0 */ \
	set(mdcr_el2, FIELD_GET(PMCR_N, sysreg_read(pmcr_el0)) | MDCR_TPMCR | MDCR_TPM | MDCR_TDE | MDCR_TDA | \
		MDCR_TDOSA | MDCR_TDRA | MDCR_TPMS | MDCR_TTRF) \
	/* traps of AArch32 at EL1: PDs run it at EL0 only */ \
	set(hstr_el2, 0) \
	/* physical timer and counter trapped: PDs have the virtual timer */ \
	set(cnthctl_el2, 0) \
	/* the virtual counter counts as the physical one does */ \
	set(cntvoff_el2, 0) \
	/* our own timer is off until it is needed */ \
	set(cnthp_ctl_el2, 0) \
	/* a PD sees the kind of CPU it runs on, and numbers of its own: arch_vcpu_run() */ \
	set(vpidr_el2, sysreg_read(midr_el1)) \
	set(vmpidr_el2, BIT(31)) \
	/* one format of stage 2 for all PDs; the root is set when one starts */ \
	set(vtcr_el2, vmsa_vtcr(table.ipa_bits, table.pa_bits)) \
	set(vttbr_el2, 0) \
	/* system register interface to the GIC for us and for PDs (theirs is virtual) */ \
	set(ICC_SRE_EL2, ICC_SRE_ALL)

extern uint64_t boot_root[VMSA_ENTRIES];
void arch_mmu_switch(paddr_t root);
void arch_zero(uint64_t start, uint64_t end);
_Noreturn void arch_start(uint64_t entry_ticks);
_Noreturn void arch_start_secondary(void);

static BOOT_DATA uint64_t entry_ticks;

void arch_cpu_init(void)
{
#define EL2_CONTROL_SET(name, value) sysreg_write(name, value);
	EL2_CONTROLS(EL2_CONTROL_SET)
	arch_isb();
	smccc_init();
	/* With one, an overflow would never ask for more: vgic_lr.c. */
	verdict_least("cpu.list-registers", "", vgic_hw_lr_count(), 2);
	/* With more, active priorities would be in registers that nobody clears: vgic_hw_reset(). */
	verdict_equal("cpu.preemption-bits", "", FIELD_GET(ICH_VTR_PREBITS, sysreg_read(ICH_VTR_EL2)) + 1, 5);
}

/* Aff3, Aff2, Aff1, Aff0. */
static uint64_t cpu_affinity(void)
{
	return sysreg_read(mpidr_el1) & (GENMASK(39, 32) | GENMASK(23, 0));
}

const struct table_cpu *arch_cpu(void)
{
	uint64_t affinity = cpu_affinity();

	for (uint32_t i = 1; i < table.cpu_count; i++)
		if (table.cpus[i].hw_id == affinity)
			return &table.cpus[i];
	return &table.cpus[0];
}

/* On the stack and the page of its own that the table gives the CPU. */
static _Noreturn void cpu_start(const struct table_cpu *cpu, void (*function)(void))
{
	struct percpu *own = cpu->percpu;

	sysreg_write(tpidr_el2, (uintptr_t)own);
	own->cpu = cpu;
	own->pd = &table.pds[cpu->pd];
	own->state = own->pd->state;
	own->vcpu = cpu->vcpu;
	__asm__ volatile("msr daifclr, #4");    /* an SError of firmware's or ours panics here, not in a PD */
	arch_call_on_stack(cpu->stack_top, function);
}

/* A CPU the table does not know borrows the first one's stack, to be refused by arch_cpu_compare(). */
void arch_start(uint64_t ticks)
{
	entry_ticks = ticks;
	cpu_start(arch_cpu()->percpu ? arch_cpu() : &table.cpus[1], boot_main);
}

/* Firmware started the CPU that it was asked for, or it has no place here. */
void arch_start_secondary(void)
{
	if (!arch_cpu()->percpu)
		arch_halt();
	cpu_start(arch_cpu(), boot_secondary);
}

void arch_cpu_compare(void)
{
	uint64_t mmfr0 = sysreg_read(id_aa64mmfr0_el1), mmfr1 = sysreg_read(id_aa64mmfr1_el1);
	uint64_t pfr0 = sysreg_read(id_aa64pfr0_el1);

	verdict_holds("cpu.in-table", "", arch_cpu()->percpu);
	verdict_least("cpu.pa-bits", "", vmsa_ps_bits((unsigned)FIELD_GET(GENMASK(3, 0), mmfr0)), table.pa_bits);
	verdict_holds("cpu.granule-4k", "", FIELD_GET(GENMASK(31, 28), mmfr0) != 0xf);
	/* ECV, FGT; HCX, LORegions; MPAM, RAS: this release does not set what controls them. */
	verdict_equal("cpu.uncontrolled", "mmfr0", mmfr0 & GENMASK(63, 56), 0);
	verdict_equal("cpu.uncontrolled", "mmfr1", mmfr1 & (GENMASK(43, 40) | GENMASK(19, 16)), 0);
	verdict_equal("cpu.uncontrolled", "pfr0", pfr0 & (GENMASK(43, 40) | GENMASK(31, 28)), 0);
	verdict_equal("cpu.gic-sysregs", "", FIELD_GET(GENMASK(27, 24), pfr0), 1);
}

uint64_t arch_ticks(void)
{
	arch_isb();
	return sysreg_read(cntvct_el0);
}

uint64_t arch_entry_ticks(void) { return entry_ticks; }

void arch_scrub(paddr_t base, uint64_t size) { arch_zero(base.pa, base.pa + size); }

uint64_t arch_ticks_per_second(void) { return sysreg_read(cntfrq_el0); }

void arch_timer_start(uint64_t ticks)
{
	sysreg_write(cnthp_tval_el2, ticks);
	sysreg_write(cnthp_ctl_el2, CNT_CTL_ENABLE);
	arch_isb();
}

void arch_timer_stop(void)
{
	sysreg_write(cnthp_ctl_el2, 0);
	arch_isb();             /* its line is low before the interrupt is ended */
}

void arch_seal(const struct table_cpu *cpu) { arch_mmu_switch(cpu->run_root); }

/* No TTBR names it any more and no TLB holds it: the trampoline flushed that of each CPU. */
void arch_seal_last(void)
{
	arch_zero((uintptr_t)boot_root, (uintptr_t)boot_root + sizeof(boot_root));
}

/*
 * A CPU's run, event and reload map differ in permissions and in what is not
 * there at all, so they may follow each other with the MMU on; the flush makes
 * those of the new one the ones in force before the next instruction (Arm ARM,
 * TLB maintenance).
 */
static APART void map_follow(paddr_t root)
{
	sysreg_write(ttbr0_el2, root.pa);
	arch_isb();
	__asm__ volatile("tlbi alle2\n\tdsb nsh\n\tisb" : : : "memory");
}

void arch_event_map_open(void) { map_follow(arch_cpu()->event_root); }
void arch_reload_map_open(void) { map_follow(arch_cpu()->reload_root); }
void arch_map_close(void) { map_follow(arch_cpu()->run_root); }

void arch_halt(void)
{
	for (;;)
		__asm__ volatile("wfi");
}
