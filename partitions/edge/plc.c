/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The controller beside Linux: a loop of 1 kHz in its timer's interrupt, and a
 * device that moves data through its window meanwhile. What it prints is for
 * people; its counts lie in memory for whoever judges from outside.
 */
#include "edu.h"
#include "pd.h"

#include <arch/sysreg.h>

enum { TRANSFER_SIZE = EDU_BUFFER_SIZE, MICROSECONDS = 1000000 };

/* In `counts`: words of 64 bits, in this order. */
enum count { TICKS, WORST, ROUNDS, WRONG, MSIS, OUTPUT, COUNTS };

static uint64_t count(enum count which) { return pd_read64(PD_COUNTS_BASE + 8 * which); }
static void count_set(enum count which, uint64_t value) { pd_write64(PD_COUNTS_BASE + 8 * which, value); }

static uint64_t worst_of_second;        /* by the interrupt; taken and cleared by the line of each second */

/*
 * One step of a loop: a first-order plant, a tenth of the way each step, held at
 * a setpoint that jumps once a second. It settles in less than that: 0.9^1000.
 */
static void control_step(uint64_t tick, uint64_t hz)
{
	static int64_t plant;
	int64_t setpoint = tick / hz % 2 ? 1000000 : -1000000, error = setpoint - plant;

	plant += error / 10;
	count_set(OUTPUT, (uint64_t)plant);
	if (tick % hz == hz - 1 && (error > 10 || error < -10))
		count_set(WRONG, count(WRONG) + 1);
}

static uint64_t hz;

/* The timer counts from when it is set; steps are due by the clock, so one that is late moves none after it. */
static void step_schedule(uint64_t late)
{
	sysreg_write(cntv_cval_el0, pd_now() - late + pd_second() / hz);
	arch_isb();
}

void pd_on_tick(uint64_t late)
{
	uint64_t us = late * MICROSECONDS / pd_second();

	step_schedule(late);
	control_step(count(TICKS), hz);
	count_set(TICKS, count(TICKS) + 1);
	if (us > count(WORST))
		count_set(WORST, us);
	if (us > worst_of_second)
		worst_of_second = us;
}

void pd_on_interrupt(uint32_t intid)
{
	if (intid != PD_MSI_BASE)
		return;
	edu_interrupt_take(PD_EDU_BAR0);
	count_set(MSIS, count(MSIS) + 1);
}

static uint64_t pattern(uint64_t seed, uint64_t i) { return (seed + 1) * UINT64_C(0x9e3779b97f4a7c15) + i; }

/* The first half of the window to the device, and back into the second. */
static bool round_trip(uint64_t seed)
{
	for (uint64_t i = 0; i < TRANSFER_SIZE; i += 8) {
		pd_write64(PD_IO_BASE + i, pattern(seed, i));
		pd_write64(PD_IO_BASE + TRANSFER_SIZE + i, 0);
	}
	if (!edu_fetch(PD_EDU_BAR0, PD_IO_IOVA, TRANSFER_SIZE) ||
	    !edu_store(PD_EDU_BAR0, PD_IO_IOVA + TRANSFER_SIZE, TRANSFER_SIZE))
		return false;
	for (uint64_t i = 0; i < TRANSFER_SIZE; i += 8)
		if (pd_read64(PD_IO_BASE + TRANSFER_SIZE + i) != pattern(seed, i))
			return false;
	return true;
}

static void status(void)
{
	pd_print("ticks %lu, worst lateness %lu us (this second %lu us), DMA rounds %lu, wrong %lu", count(TICKS),
		 count(WORST), worst_of_second, count(ROUNDS), count(WRONG));
	worst_of_second = 0;
}

void pd_main(void)
{
	uint64_t next = pd_now() + pd_second();

	hz = pd_argument("hz", 1000);
	if (!edu_present(PD_EDU_BAR0))
		count_set(WRONG, count(WRONG) + 1);
	pd_msi_start(PD_EDU_CONFIG, EDU_MSI, PD_MSI_FRAME, PD_MSI_BASE);
	pd_timer_start((uint32_t)hz);
	for (;;) {
		if (round_trip(count(ROUNDS)))
			count_set(ROUNDS, count(ROUNDS) + 1);
		else
			count_set(WRONG, count(WRONG) + 1);
		if (pd_now() >= next) {
			next += pd_second();
			status();
		}
	}
}
