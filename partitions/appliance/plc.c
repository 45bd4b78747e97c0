/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The controller: one vCPU that moves data through its window in a cycle, and
 * watches that nothing of it is lost and that nobody touches its secret. What it
 * prints is information only; the host judges by the canaries.
 */
#include "edu.h"
#include "pd.h"
#include "plc.h"
#include "shared.h"

enum { TRANSFER_SIZE = 256, LATENESS_STATUSES = 8 /* for each line of lateness */ };

static struct {
	uint64_t rounds, good, answers, wrong;
} counts;

static volatile uint64_t msis;

void pd_on_interrupt(uint32_t intid)
{
	if (intid == PD_MSI_BASE) {
		edu_interrupt_take(PD_EDU_BAR0);
		msis++;
	} else {
		devices_interrupt(intid);
	}
}

static void wrong(const char *what)
{
	counts.wrong++;
	pd_print("wrong in round %lu: %s", counts.rounds, what);
}

static uint64_t pattern(uint64_t seed, uint64_t i) { return (seed + 1) * UINT64_C(0x9e3779b97f4a7c15) + i; }

/* Window to device to another place of the window. */
static bool round_trip(void)
{
	uint64_t slots = PD_IO_SIZE / (2 * TRANSFER_SIZE);
	uint64_t from = counts.rounds % slots * TRANSFER_SIZE;
	uint64_t to = from + PD_IO_SIZE / 2;

	for (uint64_t i = 0; i < TRANSFER_SIZE; i += 8) {
		pd_write64(PD_IO_BASE + from + i, pattern(counts.rounds, i));
		pd_write64(PD_IO_BASE + to + i, 0);
	}
	if (!edu_fetch(PD_EDU_BAR0, PD_IO_IOVA + from, TRANSFER_SIZE) ||
	    !edu_store(PD_EDU_BAR0, PD_IO_IOVA + to, TRANSFER_SIZE))
		return false;
	for (uint64_t i = 0; i < TRANSFER_SIZE; i += 8)
		if (pd_read64(PD_IO_BASE + to + i) != pattern(counts.rounds, i))
			return false;
	return true;
}

/* The canaries: README.md gives their formula. */
static void secret_fill(uint64_t seed)
{
	for (uint64_t i = 0; i < PD_SECRET_SIZE; i += 8)
		pd_write64(PD_SECRET_BASE + i, pattern(seed, i));
}

static bool secret_holds(uint64_t seed)
{
	for (uint64_t i = 0; i < PD_SECRET_SIZE; i += 8)
		if (pd_read64(PD_SECRET_BASE + i) != pattern(seed, i))
			return false;
	return true;
}

/* gateway answers the counter of this round or an earlier one. */
static void talk(void)
{
	static uint64_t answered;
	uint64_t answer = pd_read64(PD_SHARED_BASE + SHARED_ANSWER);

	while (answer && answered < counts.rounds && shared_answer(answered) != answer)
		answered++;
	if (answer && shared_answer(answered) != answer)
		wrong("gateway answers what was not asked");
	counts.answers = answered;
	pd_write64(PD_SHARED_BASE + SHARED_COUNTER, counts.rounds);
	pd_barrier();
}

static void status(void)
{
	static uint64_t statuses;

	pd_print("round %lu: DMA good %lu, ticks %lu, RTC %lu, UART %lu, MSIs %lu, gateway at %lu, wrong %lu",
		 counts.rounds, counts.good, pd_timer_ticks(), devices_rtc_interrupts(), devices_uart_interrupts(),
		 msis, counts.answers, counts.wrong);
	devices_uart_line("plc is alive\r\n");
	if (statuses++ % LATENESS_STATUSES == LATENESS_STATUSES - 1)
		lateness_print();
}

void pd_main(void)
{
	uint64_t rounds = pd_argument("rounds", 0);
	uint64_t seed = pd_argument("secret", 0);
	uint64_t next = pd_now() + pd_second();

	pd_timer_start((uint32_t)pd_argument("hz", 100));
	secret_fill(seed);
	if (!edu_present(PD_EDU_BAR0))
		wrong("no edu device");
	pd_msi_start(PD_EDU_CONFIG, EDU_MSI, PD_MSI_FRAME, PD_MSI_BASE);
	devices_start();
	while (!rounds || counts.rounds < rounds) {
		counts.rounds++;
		if (round_trip())
			counts.good++;
		else
			wrong("DMA round trip");
		if (!secret_holds(seed))
			wrong("somebody changed the secret");
		talk();
		if (pd_now() >= next) {
			next += pd_second();
			status();
		}
	}
	status();
}
