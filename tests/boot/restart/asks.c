/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks for a reset, 20 times: from its program, from the handler of its timer and
 * from that of a wire, so with that interrupt active, and by its other vCPU; each
 * time with DMA and an MSI on their way, and but for the wire with a CPU_ON of
 * the other vCPU that may come too late.
 */
#include "function.h"

enum { RESETS = 20, WATCH_TICKS = 5, UART_DR = 0x00, UART_CR = 0x30, UART_IMSC = 0x38, UART_ON = 0x301,
       UART_TX = 1 << 5 };
enum way { BY_PROGRAM, BY_TICK, BY_WIRE, BY_OTHER, WAYS };

static uint64_t run;
static bool shot, came;

static bool is_time(enum way by) { return shot && run <= RESETS && run % WAYS == by; }

static void maybe_reset(enum way by)
{
	if (is_time(by))
		pd_reset();
}

void pd_on_tick(uint64_t late)
{
	(void)late;
	maybe_reset(pd_vcpu() ? BY_OTHER : BY_TICK);
}

void pd_on_interrupt(uint32_t intid)
{
	if (intid == PD_MSI_BASE) {
		if (run > RESETS)
			function_interrupt();
		return;
	}
	log_add(LOG_WIRES);
	maybe_reset(BY_WIRE);
	pd_write32(PD_WIRE_BASE + UART_IMSC, 0);
}

/* It may be turned on again and again, and goes off each time, where that is what the reset comes into. */
void pd_vcpu_main(uint32_t vcpu)
{
	(void)vcpu;
	came = true;
	pd_timer_start(1000);
	if (log_get(LOG_VCPUS) < run)
		log_add(LOG_VCPUS);
	while (!is_time(BY_PROGRAM) && !is_time(BY_TICK))
		pd_wait();
}

/* Nobody turned it on in this run, whatever the last one asked for. */
static void watch_other(void)
{
	bool off = true;

	for (int i = 0; i < WATCH_TICKS; i++) {
		off = off && pd_vcpu_power(1) == PSCI_OFF;
		pd_wait();
	}
	if (off && !came)
		return;
	log_add(LOG_UNASKED);
	if (run <= RESETS)
		pd_reset();     /* it may never come: on with the next run */
}

/* Until the reset comes from elsewhere: while it is coming, too. */
static void turn_on_and_on(void)
{
	for (;;)
		pd_vcpu_on(1);
}

static void end_run(void)
{
	while (log_get(LOG_VCPUS) < run)
		pd_wait();
	function_shoot(PD_ASKS_IO_BASE, PD_ASKS_IO_IOVA);
	shot = true;
	if (is_time(BY_WIRE))
		return;
	if (!is_time(BY_PROGRAM))
		turn_on_and_on();
	while (pd_vcpu_on(1) != PSCI_SUCCESS)
		;
	pd_reset();
}

void pd_main(void)
{
	run = log_start();
	shot = came = false;    /* also where memory was not zeroed */
	if (!function_is_fresh())
		log_add(LOG_DIRTY_FUNCTION);
	pd_timer_start(100);
	watch_other();
	pd_vcpu_on(1);
	pd_interrupt_enable(PD_MSI_BASE, PD_PRIORITY, true);
	pd_interrupt_enable(PD_WIRE_INTID, PD_PRIORITY, false);
	if (run <= RESETS)
		end_run();
	/* A level that is high, until its handler lets it go. */
	pd_write32(PD_WIRE_BASE + UART_CR, UART_ON);
	pd_write32(PD_WIRE_BASE + UART_DR, '.');
	pd_write32(PD_WIRE_BASE + UART_IMSC, UART_TX);
	function_settle(PD_ASKS_IO_BASE, PD_ASKS_IO_IOVA);
	for (;;)
		pd_wait();
}
