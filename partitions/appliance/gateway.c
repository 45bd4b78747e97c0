/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gateway: two vCPUs, one-way windows, and a region shared with plc. The
 * first vCPU does the work and all printing; the second one (gateway_second.c)
 * answers SGIs and serves the MSI while it is routed there.
 */
#include "edu.h"
#include "gateway.h"
#include "pd.h"
#include "shared.h"

enum {
	TRANSFER_SIZE = 256,
	ROUTE_ROUNDS = 8,       /* the MSI goes to the other vCPU after so many */
	RESTART_ROUNDS = 64,    /* and the second vCPU off and on again */
	LINE_SIZE = 80,
};

static struct {
	uint64_t rounds, good, pings, restarts, wrong;
} counts;

/* By their vCPU's handler. */
static volatile uint64_t msis[PD_CPUS], pongs;

static struct {
	volatile uint32_t length;
	volatile bool complete;
	char text[LINE_SIZE];
} input;

/* Until the line is taken, what follows waits in the UART. */
static void input_take(void)
{
	int c;

	while (!input.complete && (c = pd_getc()) >= 0) {
		if (c == '\r' || c == '\n' || input.length == LINE_SIZE - 1)
			input.complete = true;
		else
			input.text[input.length++] = (char)c;
	}
	if (input.complete)
		pd_interrupt_disable(PD_CONSOLE_INTID);
}

static void input_echo(void)
{
	if (!input.complete)
		return;
	input.text[input.length] = '\0';
	pd_print("you typed: %s", input.text);
	input.length = 0;
	input.complete = false;
	pd_barrier();
	pd_console_listen();
}

void pd_on_interrupt(uint32_t intid)
{
	if (intid == SGI_PING) {
		second.pings++;
		pd_sgi(0, SGI_PONG);
	} else if (intid == SGI_PONG) {
		pongs++;
	} else if (intid == PD_MSI_BASE) {
		edu_interrupt_take(PD_EDU_BAR0);
		msis[pd_vcpu()]++;
	} else if (intid == PD_CONSOLE_INTID) {
		input_take();
	}
}

static void wrong(const char *what)
{
	counts.wrong++;
	pd_print("wrong in round %lu: %s", counts.rounds, what);
}

static uint64_t pattern(uint64_t i) { return (counts.rounds + 1) * UINT64_C(0x2545f4914f6cdd1d) + i; }

/* From the window that the device reads to the one that it writes. */
static bool round_trip(void)
{
	for (uint64_t i = 0; i < TRANSFER_SIZE; i += 8) {
		pd_write64(PD_OUT_BASE + i, pattern(i));
		pd_write64(PD_IN_BASE + i, 0);
	}
	if (!edu_fetch(PD_EDU_BAR0, PD_OUT_IOVA, TRANSFER_SIZE) || !edu_store(PD_EDU_BAR0, PD_IN_IOVA, TRANSFER_SIZE))
		return false;
	for (uint64_t i = 0; i < TRANSFER_SIZE; i += 8)
		if (pd_read64(PD_IN_BASE + i) != pattern(i))
			return false;
	return true;
}

/* The MSI stays with the first vCPU while the second one is away. */
static void second_restart(void)
{
	pd_interrupt_route(PD_MSI_BASE, 0);
	if (!second_stop())
		wrong("the second vCPU does not go");
	else if (!second_start())
		wrong("the second vCPU does not come back");
	else
		counts.restarts++;
}

static void round(void)
{
	counts.rounds++;
	pd_sgi(1, SGI_PING);
	counts.pings++;
	if (round_trip())
		counts.good++;
	else
		wrong("DMA round trip");
	if (pongs + 1 < counts.pings)
		wrong("an SGI was lost");
	pd_write64(PD_SHARED_BASE + SHARED_ANSWER, shared_answer(pd_read64(PD_SHARED_BASE + SHARED_COUNTER)));
	pd_barrier();
	if (counts.rounds % RESTART_ROUNDS == 0)
		second_restart();
	else if (counts.rounds % RESTART_ROUNDS == ROUTE_ROUNDS)
		pd_interrupt_route(PD_MSI_BASE, 1);
	input_echo();
}

static void status(void)
{
	pd_print("round %lu: DMA good %lu, ticks %lu %lu, SGIs %lu of %lu, MSIs %lu %lu, restarts %lu, wrong %lu",
		 counts.rounds, counts.good, pd_timer_ticks(), second.ticks, pongs, counts.pings, msis[0], msis[1],
		 counts.restarts, counts.wrong);
}

void pd_main(void)
{
	uint64_t rounds = pd_argument("rounds", 0);
	uint64_t next = pd_now() + pd_second();

	pd_timer_start((uint32_t)pd_argument("hz", 100));
	pd_msi_start(PD_EDU_CONFIG, EDU_MSI, PD_MSI_FRAME, PD_MSI_BASE);
	pd_console_listen();
	if (!edu_present(PD_EDU_BAR0))
		wrong("no edu device");
	if (!second_start())
		wrong("the second vCPU does not start");
	while (!rounds || counts.rounds < rounds) {
		round();
		if (pd_now() >= next) {
			next += pd_second();
			status();
		}
	}
	status();
}
