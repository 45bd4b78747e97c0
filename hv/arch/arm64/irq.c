/* SPDX-License-Identifier: Apache-2.0 */
/* Physical interrupts, of a PD that runs and of a CPU that is parked: each to who serves it. */
#include <arch/guest.h>
#include <arch/sysreg.h>
#include <mullion/arch.h>
#include <mullion/console.h>
#include <mullion/exits.h>
#include <mullion/irqchip.h>
#include <mullion/pd.h>
#include <mullion/percpu.h>
#include <mullion/request.h>
#include <mullion/section.h>

void trap_guest_irq(void);

/* Only the PD that owns the function can come here: the ITS sends its LPIs to that PD's first CPU. */
static APART void irq_lpi(uint32_t intid)
{
	uint32_t idx = intid - IRQ_FIRST_LPI;
	const struct percpu *cpu = percpu();

	if (idx < table.lpi_count && table.lpis[idx].pd == cpu->cpu->pd && !cpu->state->stopping)
		vgic_inject_spi(table.lpis[idx].spi);
	irqchip_hand_over(intid);       /* an LPI is never active */
}

/* A wired interrupt of this PD's: 0 if it is none. While the PD is off it stays active, and so masked. */
static uint32_t irq_spi(uint32_t intid)
{
	const struct table_pd *pd = percpu()->pd;
	uint32_t spi = intid >= 32 && intid < pd->intid_end ? pd->spi_of_intid[intid - 32] : 0;

	if (!spi || pd->spis[spi - 1].kind > SPI_LEVEL)
		return 0;
	irqchip_hand_over(intid);
	vgic_inject_spi(spi - 1);
	return spi;
}

/* The hypervisor's own timer of a PD's CPU: what its watchdog does may not return. */
static void irq_watchdog(uint32_t intid)
{
	arch_timer_stop();
	irqchip_end(intid);
	vwatchdog_serve();
}

/* Those of the housekeeping CPU; false for any other. */
static bool irq_housekeeping(uint32_t intid)
{
	if (intid == table.iommu.event_intid || intid == table.iommu.error_intid) {
		events_interrupt(intid);
		return true;
	}
	if (intid == table.hyp_timer_intid)
		events_timer();
	else if (intid == table.console_intid)
		console_uart_interrupt();
	else
		return false;
	irqchip_end(intid);
	return true;
}

static void irq_handle(uint32_t intid)
{
	if (intid >= IRQ_FIRST_LPI) {
		irq_lpi(intid);
	} else if (intid == IRQ_REQUEST) {
		irqchip_end(intid);     /* first: what it asks for may not return */
		request_serve();
	} else if (intid == table.hyp_timer_intid && percpu()->cpu != &table.cpus[table.housekeeping]) {
		irq_watchdog(intid);
	} else if (intid == table.irqchip.maintenance_intid) {
		vgic_refresh();
		irqchip_end(intid);
	} else if (intid != IRQ_NONE && !irq_housekeeping(intid) && !irq_spi(intid)) {
		irqchip_end(intid);
	}
}

static enum exit_class irq_class(uint32_t intid)
{
	if (intid >= IRQ_FIRST_LPI)
		return EXIT_MSI;
	if (intid == IRQ_REQUEST || intid == table.hyp_timer_intid)
		return EXIT_KICK;
	return intid == table.irqchip.maintenance_intid ? EXIT_REFILL : EXIT_LINE;
}

void trap_guest_irq(void)
{
	uint32_t intid = irqchip_ack();

	if (intid == table.timer_intid) {
		exit_count(EXIT_TIMER);
		irqchip_hand_over(intid);       /* the PD deactivates it through its virtual one */
		vgic_inject_private(intid);
	} else {
		exit_count(irq_class(intid));
		irq_handle(intid);
	}
}

static void irq_park(void)
{
	for (;;) {
		uint32_t intid = irqchip_ack();

		if (intid == IRQ_NONE) {
			reload_load();
			pd_start_vcpu();
			/* Wakes for a masked interrupt too (Arm ARM D1.7.2). */
			__asm__ volatile("wfi" : : : "memory");
		} else if (intid == table.timer_intid) {
			sysreg_write(cntv_ctl_el0, 0);  /* of a vCPU that is off: nobody wants it */
			irqchip_end(intid);
		} else {
			irq_handle(intid);
		}
	}
}

/* On an empty stack: what a request asked for, from here or from a PD's exit, may end here (pd_serve_stop). */
void arch_park(void) { arch_call_on_stack(percpu()->cpu->stack_top, irq_park); }
