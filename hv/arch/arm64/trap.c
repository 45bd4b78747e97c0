/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exceptions: a PD's exits, which are served or stop that PD, and our own,
 * which are a probe's or panic.
 */
#include <arch/esr.h>
#include <arch/guest.h>
#include <arch/sysreg.h>
#include <mullion/arch.h>
#include <mullion/irqchip.h>
#include <mullion/log.h>
#include <mullion/pd.h>
#include <mullion/percpu.h>
#include <mullion/vdev.h>

extern const char probe_start[], probe_end[], probe_fault[];

void trap_guest_sync(struct guest_regs *regs);
void trap_guest_irq(void);
_Noreturn void trap_guest_other(void);
void trap_hyp_sync(struct guest_regs *regs);
_Noreturn void trap_hyp_unexpected(unsigned kind);

/* AArch32 at EL0 has instructions of two bytes. */
static void guest_skip(uint64_t esr) { sysreg_write(elr_el2, sysreg_read(elr_el2) + (esr & ESR_IL ? 4 : 2)); }

/* Faulting IPA of a translation fault: HPFAR_EL2 has the page, FAR_EL2 the offset. */
static ipaddr_t guest_fault_addr(void)
{
	uint64_t page = FIELD_GET(GENMASK(43, 4), sysreg_read(hpfar_el2));

	return (ipaddr_t){ page << PAGE_SHIFT | (sysreg_read(far_el2) & (PAGE_SIZE - 1)) };
}

/* The virtual UART. False if the access is not one it knows. */
static bool guest_console_access(struct guest_regs *regs, uint64_t esr, ipaddr_t addr)
{
	struct percpu *cpu = percpu();
	unsigned reg = (unsigned)FIELD_GET(ESR_SRT, esr);
	uint64_t offset = addr.ipa - cpu->pd->console.ipa;
	uint64_t value;

	if (!cpu->pd->has_console || offset >= PAGE_SIZE || !(esr & ESR_ISV) ||
	    (esr & (ESR_SSE | ESR_FNV | ESR_S1PTW)))
		return false;
	if (esr & ESR_WNR)
		return vuart_write(&cpu->vuart, cpu->pd->label, offset, guest_reg(regs, reg));
	if (!vuart_read(offset, &value))
		return false;
	guest_reg_set(regs, reg, value);
	return true;
}

/* HPFAR_EL2 is unknown unless translation failed: the PD's own virtual address tells then. */
static _Noreturn void guest_abort(const char *outside, const char *forbidden, uint64_t esr)
{
	if (FIELD_GET(ESR_FSC_TYPE, esr) == ESR_FAULT_TRANSLATION)
		pd_crash(outside, sysreg_read(elr_el2), guest_fault_addr().ipa);
	pd_crash(forbidden, sysreg_read(elr_el2), sysreg_read(far_el2));
}

static void guest_data_abort(struct guest_regs *regs, uint64_t esr)
{
	if (FIELD_GET(ESR_FSC_TYPE, esr) == ESR_FAULT_TRANSLATION &&
	    guest_console_access(regs, esr, guest_fault_addr()))
		guest_skip(esr);
	else if (esr & ESR_WNR)
		guest_abort("write outside its memory", "write it is not permitted", esr);
	else
		guest_abort("read outside its memory", "read it is not permitted", esr);
}

void trap_guest_sync(struct guest_regs *regs)
{
	uint64_t esr = sysreg_read(esr_el2);

	switch (FIELD_GET(ESR_EC, esr)) {
	case ESR_EC_SMC64:
		guest_skip(esr);       /* a trapped SMC would return to itself */
		psci_serve(regs);
		return;
	case ESR_EC_HVC64:
		psci_serve(regs);
		return;
	case ESR_EC_DATA_ABORT_LOWER:
		guest_data_abort(regs, esr);
		return;
	case ESR_EC_INSTRUCTION_ABORT_LOWER:
		guest_abort("fetch outside its memory", "fetch it is not permitted", esr);
	case ESR_EC_SYSREG:
		pd_crash("system register it does not have", sysreg_read(elr_el2), esr);
	default:
		pd_crash("exception it may not take", sysreg_read(elr_el2), esr);
	}
}

static void irq_handle(uint32_t intid)
{
	if (intid == table.timer_intid && percpu()->pd) {
		irqchip_hand_over(intid);
		vgic_inject_hw(intid);
		return;
	}
	if (intid == table.iommu.event_intid)
		events_handle();
	else if (intid == table.iommu.error_intid)
		events_handle_errors();
	irqchip_end(intid);
}

void trap_guest_irq(void)
{
	uint32_t intid = irqchip_ack();

	if (intid != IRQ_NONE)
		irq_handle(intid);
}

/* SError, and AArch32, which HCR_EL2.RW rules out. */
void trap_guest_other(void)
{
	pd_crash("SError", sysreg_read(elr_el2), sysreg_read(esr_el2));
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

void arch_park(void)
{
	sysreg_write(cntv_ctl_el0, 0);  /* the PD's timer must not keep us awake */
	for (;;) {
		uint32_t intid = irqchip_ack();

		if (intid != IRQ_NONE)
			irq_handle(intid);
		else
			__asm__ volatile("wfi");        /* wakes for a masked interrupt too (Arm ARM D1.7.2) */
	}
}
