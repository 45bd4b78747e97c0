/* SPDX-License-Identifier: Apache-2.0 */
/*
 * First light: DMA round trips through the window, checked; and in every round
 * one attempt to reach what the table does not give. What this program prints
 * is information only: whether the attempts failed is judged from outside.
 */
#include "edu.h"
#include "pd.h"

enum { TRANSFER_SIZE = 256, TIMER_HZ = 100 };

static uint64_t pattern(uint64_t round, uint64_t i) { return (round + 1) * UINT64_C(0x9e3779b97f4a7c15) + i; }

/* Window to device to another place of the window. */
static bool round_trip(uint64_t round)
{
	uint64_t slots = PD_IO_SIZE / (2 * TRANSFER_SIZE);
	uint64_t from = (round % slots) * TRANSFER_SIZE;
	uint64_t to = from + PD_IO_SIZE / 2;

	for (uint64_t i = 0; i < TRANSFER_SIZE; i += 8) {
		pd_write64(PD_IO_BASE + from + i, pattern(round, i));
		pd_write64(PD_IO_BASE + to + i, 0);
	}
	if (!edu_fetch(PD_EDU_BAR0, PD_IO_IOVA + from, TRANSFER_SIZE) ||
	    !edu_store(PD_EDU_BAR0, PD_IO_IOVA + to, TRANSFER_SIZE))
		return false;
	for (uint64_t i = 0; i < TRANSFER_SIZE; i += 8)
		if (pd_read64(PD_IO_BASE + to + i) != pattern(round, i))
			return false;
	return true;
}

/* What the window may not give: each is tried as a write, then as a read whose loot goes to the window's end. */
static const struct {
	const char *name;
	uint64_t addr;
} targets[] = {
	{ "behind the window", PD_IO_IOVA + PD_IO_SIZE },
	{ "before the window", PD_IO_IOVA - 4096 },
	{ "own memory without the D bit", PD_DATA_BASE },
	{ "own code", PD_CODE_BASE },
	{ "the hypervisor, by host address", 0 },
};

static void attack(uint64_t round)
{
	uint64_t which = round % (sizeof(targets) / sizeof(targets[0]));
	uint64_t addr = targets[which].addr ? targets[which].addr : pd_argument("host", 0);
	uint64_t loot = PD_IO_IOVA + PD_IO_SIZE - TRANSFER_SIZE;

	pd_print("tries DMA to %s, 0x%lx", targets[which].name, addr);
	if (!edu_store(PD_EDU_BAR0, addr, TRANSFER_SIZE) || !edu_fetch(PD_EDU_BAR0, addr, TRANSFER_SIZE) ||
	    !edu_store(PD_EDU_BAR0, loot, TRANSFER_SIZE))
		pd_print("the device does not answer");
}

void pd_main(void)
{
	uint64_t rounds = pd_argument("rounds", 0);
	uint64_t good = 0;

	pd_timer_start(TIMER_HZ);
	if (!edu_present(PD_EDU_BAR0)) {
		pd_print("no edu device");
		return;
	}
	for (uint64_t round = 0; !rounds || round < rounds; round++) {
		if (round_trip(round))
			good++;
		pd_print("round %lu: %lu good DMA round trips, %lu timer ticks", round + 1, good, pd_timer_ticks());
		attack(round);
	}
}
