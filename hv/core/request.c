/* SPDX-License-Identifier: Apache-2.0 */
/* Requests between CPUs: one word each in the shared page, and an SGI. */
#include <mullion/request.h>

#include <mullion/arch.h>
#include <mullion/console.h>
#include <mullion/exits.h>
#include <mullion/irqchip.h>
#include <mullion/pci.h>
#include <mullion/pd.h>
#include <mullion/percpu.h>
#include <mullion/section.h>

static SHARED_DATA uint32_t requests[TABLE_CPUS_MAX];

void request_send(uint32_t cpu, uint32_t bits)
{
	__atomic_fetch_or(&requests[cpu], bits, __ATOMIC_ACQ_REL);
	arch_barrier();         /* the word is there before the interrupt says so */
	irqchip_request(&table.cpus[cpu]);
}

/* Who serves what, in this order: stops do not return. */
static const struct {
	uint32_t request;
	bool housekeeping;      /* its alone; of CPUs of PDs otherwise */
	void (*serve)(void);
} served[] = {
	{ REQUEST_CONSOLE, true, console_drain }, { REQUEST_POWER, true, pd_serve_power },
	{ REQUEST_GATE, false, pci_gate },        { REQUEST_VGIC, false, vgic_refresh },
	{ REQUEST_INPUT, false, vuart_input },    { REQUEST_EXITS, false, exits_print },
	{ REQUEST_RELOAD, false, reload_quiet },  { REQUEST_VCPU, false, pd_serve_stop },
	{ REQUEST_STOP, false, pd_stop_by_policy }, { REQUEST_WATCHDOG, false, vwatchdog_serve },
};

void request_serve_halt(void)
{
	uint32_t cpu = (uint32_t)(percpu()->cpu - table.cpus);

	if (!(__atomic_load_n(&requests[cpu], __ATOMIC_ACQUIRE) & REQUEST_HALT))
		return;
	if (cpu == table.housekeeping)
		console_flush();        /* why */
	arch_halt();
}

/* The words are writable for every CPU: what another CPU has to do is not believed. */
void request_serve(void)
{
	uint32_t cpu = (uint32_t)(percpu()->cpu - table.cpus), bits;
	bool housekeeping = cpu == table.housekeeping, has_pd = percpu()->cpu->pd;

	request_serve_halt();
	bits = __atomic_exchange_n(&requests[cpu], 0, __ATOMIC_ACQ_REL);
	for (uint32_t i = 0; i < ARRAY_SIZE(served); i++)
		if ((bits & served[i].request) && (served[i].housekeeping ? housekeeping : has_pd))
			served[i].serve();
}
