/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What lies around the analysed code: it answers anything that its contract
 * lets it, and asserts what its contract asks.
 */
#include "state.h"

#include <arch/guest.h>
#include <mullion/arch.h>
#include <mullion/boot.h>
#include <mullion/irqchip.h>
#include <mullion/log.h>
#include <mullion/mmio.h>
#include <mullion/request.h>

#include <string.h>

/* ---- device registers ---- */

uint8_t mmio_read8(paddr_t addr) { (void)addr; return (uint8_t)any64(); }
uint16_t mmio_read16(paddr_t addr) { (void)addr; return (uint16_t)any64(); }
uint32_t mmio_read32(paddr_t addr) { (void)addr; return any32(); }
uint64_t mmio_read64(paddr_t addr) { (void)addr; return any64(); }
void mmio_write8(paddr_t addr, uint8_t value) { (void)addr, (void)value; }
void mmio_write16(paddr_t addr, uint16_t value) { (void)addr, (void)value; }
void mmio_write32(paddr_t addr, uint32_t value) { (void)addr, (void)value; }
void mmio_write64(paddr_t addr, uint64_t value) { (void)addr, (void)value; }

/* ---- CPU and other CPUs ---- */

uint64_t arch_ticks(void) { return any64(); }
uint64_t arch_ticks_per_second(void) { return any64(); }
void arch_timer_stop(void) { }
void arch_timer_start(uint64_t ticks)
{
	/*@ assert ticks_of_the_timer: ticks < 0x80000000; */
	(void)ticks;
}

/* What a CPU does that is parked is looked into where a proof says so, once. */
bool prove_parks;

void arch_call_on_stack(uint8_t *stack_top, void (*function)(void))
{
	(void)stack_top;
	prove_invariant();
	if (prove_parks) {
		prove_parks = false;
		function();
	}
	for (;;)
		continue;
}

void guest_return_all(struct guest_regs *regs)
{
	(void)regs->x[31];
	prove_invariant();
	for (;;)
		continue;
}

void arch_vcpu_run(const struct table_pd *pd, uint64_t entry, uint64_t argument)
{
	(void)pd, (void)entry, (void)argument;
	prove_invariant();
	for (;;)
		continue;
}

void request_send(uint32_t cpu, uint32_t requests)
{
	/*@ assert request_to_a_cpu: 0 < cpu < table.cpu_count; */
	(void)requests;
}

void request_serve_halt(void) { }

void irqchip_deactivate(uint32_t intid) { (void)intid; }

/* ---- lines to the console ---- */

static void text_read(const char *text) { (void)strlen(text); }

void log_info(const char *format, ...) { text_read(format); }
void log_warn(const char *format, ...) { text_read(format); }

/* Nothing that a PD does may come here: mullion/log.h. */
void panic(const char *format, ...)
{
	(void)format;
	/*@ assert no_panic: \false; */
	for (;;)
		continue;
}
