/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exceptions: a PD's exits, which are served, become the PD's own exception or
 * stop that PD; and our own, which are a probe's or panic. irq.c has interrupts.
 */
#include <arch/esr.h>
#include <arch/guest.h>
#include <arch/sysreg.h>
#include <mullion/arch.h>
#include <mullion/log.h>
#include <mullion/pd.h>
#include <mullion/percpu.h>

extern const char probe_start[], probe_end[], probe_fault[];

void trap_guest_sync(struct guest_regs *regs);
void trap_guest_serror(void);
_Noreturn void trap_guest_other(void);
void trap_hyp_sync(struct guest_regs *regs);
_Noreturn void trap_hyp_unexpected(unsigned kind);

/* Lines about a PD's faults: so many a second, so that a PD that lives on its faults fills no ring. */
enum { FAULT_LINES_PER_SECOND = 10, VECTORS_SIZE = 0x800 };

/* AArch32 at EL0 has instructions of two bytes. */
static void guest_skip(uint64_t esr) { sysreg_write(elr_el2, sysreg_read(elr_el2) + (esr & ESR_IL ? 4 : 2)); }

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

/* Faulting IPA of a translation fault: HPFAR_EL2 has the page, FAR_EL2 the offset. */
static ipaddr_t guest_fault_addr(void)
{
	uint64_t page = FIELD_GET(GENMASK(43, 4), sysreg_read(hpfar_el2));

	return (ipaddr_t){ page << PAGE_SHIFT | (sysreg_read(far_el2) & (PAGE_SIZE - 1)) };
}

/* Without an IPA, the PD's own virtual address tells. */
static uint64_t guest_told_addr(uint64_t esr)
{
	return fault_has_ipa(esr) ? guest_fault_addr().ipa : sysreg_read(far_el2);
}

static void guest_data_abort(struct guest_regs *regs, uint64_t esr)
{
	const char *reason;

	if (fault_has_ipa(esr) && guest_device_access(regs, esr, guest_fault_addr())) {
		guest_skip(esr);
		return;
	}
	if (esr & ESR_WNR)
		reason = fault_has_ipa(esr) ? "write outside its memory" : "write it is not permitted";
	else
		reason = fault_has_ipa(esr) ? "read outside its memory" : "read it is not permitted";
	guest_fault(reason, guest_told_addr(esr));
	guest_inject_abort(esr);
}

/* Where its vectors themselves cannot be fetched, an exception of its own would come here for ever. */
static void guest_instruction_abort(uint64_t esr)
{
	const char *reason = fault_has_ipa(esr) ? "fetch outside its memory" : "fetch it is not permitted";

	if (sysreg_read(elr_el2) - sysreg_read(vbar_el1) < VECTORS_SIZE)
		pd_crash(reason, sysreg_read(elr_el2), guest_told_addr(esr));
	guest_fault(reason, guest_told_addr(esr));
	guest_inject_abort(esr);
}

static void guest_undefined(const char *reason, uint64_t esr)
{
	guest_fault(reason, esr);
	guest_inject_undefined();
}

/* SGIs to the PD's own vCPUs; writes of group 0 and of the other security state reach nobody (IHI 0069H, 12.2). */
static bool guest_sysreg(struct guest_regs *regs, uint64_t esr)
{
	switch (esr & (ESR_SYSREG | ESR_SYSREG_READ)) {
	case ESR_ICC_SGI1R:
		vgic_send_sgi(guest_reg(regs, (unsigned)FIELD_GET(ESR_SYSREG_RT, esr)));
		return true;
	case ESR_ICC_SGI0R:
	case ESR_ICC_ASGI1R:
		return true;
	default:
		return false;
	}
}

/* A trapped SMC would return to itself; HVC comes with its return address past it. */
static void guest_call(struct guest_regs *regs, uint64_t esr)
{
	bool smc = FIELD_GET(ESR_EC, esr) == ESR_EC_SMC64;

	if (FIELD_GET(ESR_IMMEDIATE, esr)) {
		if (!smc)
			sysreg_write(elr_el2, sysreg_read(elr_el2) - 4);
		guest_undefined("call with an immediate", esr);
		return;
	}
	if (smc)
		guest_skip(esr);
	psci_serve(regs);
}

void trap_guest_sync(struct guest_regs *regs)
{
	uint64_t esr = sysreg_read(esr_el2);

	switch (FIELD_GET(ESR_EC, esr)) {
	case ESR_EC_SMC64:
	case ESR_EC_HVC64:
		guest_call(regs, esr);
		return;
	case ESR_EC_DATA_ABORT_LOWER:
		guest_data_abort(regs, esr);
		return;
	case ESR_EC_SYSREG:
		if (guest_sysreg(regs, esr))
			guest_skip(esr);
		else
			guest_undefined("system register it does not have", esr);
		return;
	case ESR_EC_INSTRUCTION_ABORT_LOWER:
		guest_instruction_abort(esr);
		return;
	default:
		guest_undefined("exception it may not take", esr);
	}
}

void trap_guest_serror(void)
{
	guest_fault("SError", sysreg_read(esr_el2));
	guest_inject_serror();
}

/* AArch32 at EL1, which HCR_EL2.RW rules out, and at EL0: the PD's kernel is not there to be told. */
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
