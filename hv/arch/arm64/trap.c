/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exceptions: a PD's exits, which are served, become the PD's own exception or
 * stop that PD; and our own, which are a probe's or panic. irq.c has interrupts.
 */
#include <arch/esr.h>
#include <arch/guest.h>
#include <arch/sysreg.h>
#include <mullion/arch.h>
#include <mullion/exits.h>
#include <mullion/log.h>
#include <mullion/pd.h>
#include <mullion/percpu.h>
#include <mullion/section.h>

extern const char probe_start[], probe_end[], probe_fault[];

void trap_guest_sync(struct guest_regs *regs);
void trap_guest_serror(void);
_Noreturn void trap_guest_other(void);
void trap_hyp_sync(struct guest_regs *regs);
_Noreturn void trap_hyp_unexpected(unsigned kind);

/* Lines about a PD's faults: so many a second, so that a PD that lives on its faults fills no ring. */
enum { FAULT_LINES_PER_SECOND = 10, VECTORS_SIZE = 0x800 };

/* By the PD's policy: reports, and returns for an exception to be injected; or stops it. */
static void guest_fault(const char *reason, uint64_t addr)
{
	struct percpu *cpu = percpu();
	uint64_t now = arch_ticks();

	if (cpu->pd->on_crash != POLICY_REPORT)
		pd_crash(reason, sysreg_read(elr_el2), addr);
	cpu->arch.faults++;
	if (now < cpu->arch.next_fault_line)
		return;
	cpu->arch.next_fault_line = now + arch_ticks_per_second() / FAULT_LINES_PER_SECOND;
	log_warn("%s: %s, pc 0x%lx, at 0x%lx; %u faults so far", cpu->pd->label, reason, sysreg_read(elr_el2), addr,
		 cpu->arch.faults);
}

/* HPFAR_EL2 is unknown unless translation failed (Arm ARM, HPFAR_EL2). */
static bool fault_has_ipa(uint64_t esr) { return FIELD_GET(ESR_FSC_TYPE, esr) == ESR_FAULT_TRANSLATION; }

/* Without an IPA, the PD's own virtual address tells. */
void guest_abort(uint64_t esr)
{
	static const char *const reasons[2][3] = {
		{ "read it is not permitted", "write it is not permitted", "fetch it is not permitted" },
		{ "read outside its memory", "write outside its memory", "fetch outside its memory" },
	};
	bool fetch = FIELD_GET(ESR_EC, esr) == ESR_EC_INSTRUCTION_ABORT_LOWER;
	const char *reason = reasons[fault_has_ipa(esr)][fetch ? 2 : FIELD_GET(ESR_WNR, esr)];
	uint64_t addr = fault_has_ipa(esr) ? guest_fault_addr().ipa : sysreg_read(far_el2);

	/* Where its vectors themselves cannot be fetched, an exception of its own would come here for ever. */
	if (fetch && sysreg_read(elr_el2) - sysreg_read(vbar_el1) < VECTORS_SIZE)
		pd_crash(reason, sysreg_read(elr_el2), addr);
	guest_fault(reason, addr);
	guest_inject_abort(esr);
}

static APART void guest_seldom(struct guest_regs *regs, uint64_t esr)
{
	const char *reason = "exception it may not take";

	exit_count(FIELD_GET(ESR_EC, esr) == ESR_EC_SMC64 ? EXIT_CALL : EXIT_OTHER);
	switch (FIELD_GET(ESR_EC, esr)) {
	case ESR_EC_DATA_ABORT_LOWER:
	case ESR_EC_INSTRUCTION_ABORT_LOWER:
		guest_abort(esr);
		return;
	case ESR_EC_SMC64:                      /* it would return to itself */
		reason = "call with an immediate";
		if (esr & ESR_IMMEDIATE)
			break;
		guest_skip(esr);
		psci_serve(regs);
		return;
	case ESR_EC_HVC64:                      /* it comes with its return address past it */
		reason = "call with an immediate";
		sysreg_write(elr_el2, sysreg_read(elr_el2) - 4);
		break;
	case ESR_EC_SYSREG:
		reason = "system register it does not have";
		/*
		 * SGIs of group 0 and of the other security state reach nobody (IHI 0069H, 12.2). Kernels take debug
		 * and performance monitors for granted: a PD's read 0 and do nothing.
		 */
		if ((esr & ESR_SYSREG) != ESR_ICC_SGI0R && (esr & ESR_SYSREG) != ESR_ICC_ASGI1R && !esr_is_debug(esr))
			break;
		guest_skip(esr);
		if (esr & ESR_SYSREG_READ) {
			regs->x[FIELD_GET(ESR_SYSREG_RT, esr)] = 0;
			guest_return_all(regs);
		}
		return;
	}
	guest_fault(reason, esr);
	guest_inject_undefined();
}

/* What a PD does all the time comes first: a call, a register of a device, an SGI to its own vCPUs. */
void trap_guest_sync(struct guest_regs *regs)
{
	uint64_t esr = sysreg_read(esr_el2);

	if (esr == ESR_HVC_0) {
		exit_count(EXIT_CALL);
		psci_serve(regs);
		return;
	}
	if ((esr & ESR_DEVICE_MASK) == ESR_DEVICE) {
		guest_device_access(regs, esr);
		return;
	}
	if ((esr & ESR_SYSREG) == ESR_ICC_SGI1R) {
		exit_count(EXIT_SGI);
		guest_skip(esr);
		vgic_send_sgi(regs->x[FIELD_GET(ESR_SYSREG_RT, esr)]);
		return;
	}
	guest_seldom(regs, esr);
}

void trap_guest_serror(void)
{
	exit_count(EXIT_OTHER);
	guest_fault("SError", sysreg_read(esr_el2));
	guest_inject_serror();
}

/*
 * Vectors that are taken if EL1 is AArch32 (Arm ARM D1.3.1), which HCR_EL2.RW rules out; AArch32 at EL0 below an
 * AArch64 EL1 takes those of AArch64.
 */
void trap_guest_other(void)
{
	pd_crash("exception it may not take", sysreg_read(elr_el2), sysreg_read(esr_el2));
}

void trap_hyp_sync(struct guest_regs *regs)
{
	uint64_t elr = sysreg_read(elr_el2);
	uint64_t esr = sysreg_read(esr_el2);

	if (elr >= (uintptr_t)probe_start && elr < (uintptr_t)probe_end &&
	    FIELD_GET(ESR_EC, esr) == ESR_EC_DATA_ABORT) {
		percpu()->arch.probe_esr = esr;
		sysreg_write(elr_el2, (uintptr_t)probe_fault);
		return;
	}
	panic("exception in the hypervisor: esr 0x%lx elr 0x%lx far 0x%lx lr 0x%lx", esr, elr, sysreg_read(far_el2),
	      regs->x[30]);
}

void trap_hyp_unexpected(unsigned kind)
{
	static const char *const names[8] = { [3] = "exception on SP_EL0", "stack overflow", "IRQ", "FIQ", "SError" };

	panic("%s in the hypervisor: esr 0x%lx elr 0x%lx far 0x%lx", names[kind & 7], sysreg_read(esr_el2),
	      sysreg_read(elr_el2), sysreg_read(far_el2));
}
