/* SPDX-License-Identifier: Apache-2.0 */
/* Requests between CPUs. The words are writable for all: a CPU serves what is its, whatever stands in its own. */
#include "test.h"

#include <mullion/arch.h>
#include <mullion/console.h>
#include <mullion/exits.h>
#include <mullion/irqchip.h>
#include <mullion/pci.h>
#include <mullion/pd.h>
#include <mullion/percpu.h>
#include <mullion/request.h>

enum { HOUSEKEEPING = 1, OF_PD = 2, IDLE = 3, CPUS = 4, OF_PDS = 0x71f, OF_HOUSEKEEPING = 0x60, ALL = 0x77f };

static const struct table_cpu cpus[CPUS] = { [OF_PD] = { .pd = 1 } };
const struct table table = { .cpus = cpus, .cpu_count = CPUS, .housekeeping = HOUSEKEEPING };

static struct percpu percpus[CPUS];
_Thread_local struct percpu *fake_percpu;
static const struct table_cpu *interrupted;
static uint32_t served, last;
static bool flushed;
static jmp_buf halted;

static void serve(uint32_t request)
{
	served |= request;
	last = request;
}

void console_drain(void) { serve(REQUEST_CONSOLE); }
void console_flush(void) { flushed = true; }
void pd_serve_power(void) { serve(REQUEST_POWER); }
void pci_gate(void) { serve(REQUEST_GATE); }
void vgic_refresh(void) { serve(REQUEST_VGIC); }
void vuart_input(void) { serve(REQUEST_INPUT); }
void pd_serve_stop(void) { serve(REQUEST_VCPU); }
void pd_stop_by_policy(void) { serve(REQUEST_STOP); }
void exits_print(void) { serve(REQUEST_EXITS); }
void reload_quiet(void) { serve(REQUEST_RELOAD); }
void vwatchdog_serve(void) { serve(REQUEST_WATCHDOG); }
void arch_barrier(void) { }
void arch_halt(void) { longjmp(halted, 1); }
void irqchip_request(const struct table_cpu *cpu) { interrupted = cpu; }

static void serve_on(uint32_t cpu)
{
	served = last = 0;
	fake_percpu = &percpus[cpu];
	fake_percpu->cpu = &cpus[cpu];
	request_serve();
}

static void each_serves_its_own(void **state)
{
	(void)state;
	for (uint32_t cpu = HOUSEKEEPING; cpu < CPUS; cpu++)
		request_send(cpu, ALL);
	serve_on(HOUSEKEEPING);
	assert_int_equal(served, OF_HOUSEKEEPING);
	serve_on(IDLE);
	assert_int_equal(served, 0);
	serve_on(OF_PD);
	assert_int_equal(served, OF_PDS);
	assert_int_equal(last, REQUEST_WATCHDOG);           /* it does not return */
}

static void once_for_all_that_asked(void **state)
{
	(void)state;
	request_send(OF_PD, REQUEST_VGIC);
	request_send(OF_PD, REQUEST_INPUT);
	assert_ptr_equal(interrupted, &cpus[OF_PD]);
	serve_on(OF_PD);
	assert_int_equal(served, REQUEST_VGIC | REQUEST_INPUT);
	serve_on(OF_PD);
	assert_int_equal(served, 0);
}

/* Of a panic: nothing else is served, and the housekeeping CPU prints what is left. */
static void halt_is_for_all(void **state)
{
	(void)state;
	for (volatile uint32_t cpu = HOUSEKEEPING; cpu < CPUS; cpu++) {
		flushed = false;
		request_send(cpu, REQUEST_HALT | ALL);
		if (!setjmp(halted)) {
			serve_on(cpu);
			fail();
		}
		assert_int_equal(served, 0);
		assert_int_equal(flushed, cpu == HOUSEKEEPING);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_serves_its_own),
		cmocka_unit_test(once_for_all_that_asked),
		cmocka_unit_test(halt_is_for_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
