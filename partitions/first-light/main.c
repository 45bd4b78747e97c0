/* SPDX-License-Identifier: Apache-2.0 */
/*
 * First light: DMA round trips through the window, checked; and in every round
 * one attempt to reach what the table does not give. What this program prints
 * is information only: whether the attempts failed is judged from outside.
 */
#include "pd.h"

/* QEMU's edu device (docs/specs/edu.rst): a DMA engine with a buffer of its own. */
enum {
	EDU_ID = 0x00,
	EDU_DMA_SOURCE = 0x80,
	EDU_DMA_TARGET = 0x88,
	EDU_DMA_COUNT = 0x90,
	EDU_DMA_COMMAND = 0x98,
	EDU_DMA_START = 1,
	EDU_DMA_TO_MEMORY = 2,
	EDU_BUFFER = 0x40000,
	EDU_ID_EXPECTED = 0x010000ed,
};

enum { TRANSFER_SIZE = 256, TIMER_HZ = 100, WAIT_TICKS = 100 };

/* One transfer; false if the device does not finish. A refused transfer finishes too. */
static bool edu_transfer(uint64_t source, uint64_t target, uint64_t command)
{
	uint64_t end = pd_timer_ticks() + WAIT_TICKS;

	pd_barrier();
	pd_write64(PD_EDU_BAR0 + EDU_DMA_SOURCE, source);
	pd_write64(PD_EDU_BAR0 + EDU_DMA_TARGET, target);
	pd_write64(PD_EDU_BAR0 + EDU_DMA_COUNT, TRANSFER_SIZE);
	pd_write64(PD_EDU_BAR0 + EDU_DMA_COMMAND, command | EDU_DMA_START);
	while (pd_read64(PD_EDU_BAR0 + EDU_DMA_COMMAND) & EDU_DMA_START) {
		if (pd_timer_ticks() > end)
			return false;
		pd_wait();
	}
	pd_barrier();
	return true;
}

static bool edu_fetch(uint64_t iova) { return edu_transfer(iova, EDU_BUFFER, 0); }
static bool edu_store(uint64_t iova) { return edu_transfer(EDU_BUFFER, iova, EDU_DMA_TO_MEMORY); }

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
	if (!edu_fetch(PD_IO_IOVA + from) || !edu_store(PD_IO_IOVA + to))
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
	if (!edu_store(addr) || !edu_fetch(addr) || !edu_store(loot))
		pd_print("the device does not answer");
}

void pd_main(void)
{
	uint64_t rounds = pd_argument("rounds", 0);
	uint64_t good = 0;

	pd_timer_start(TIMER_HZ);
	if (pd_read32(PD_EDU_BAR0 + EDU_ID) != EDU_ID_EXPECTED) {
		pd_print("no edu device: it reads 0x%x", pd_read32(PD_EDU_BAR0 + EDU_ID));
		return;
	}
	for (uint64_t round = 0; !rounds || round < rounds; round++) {
		if (round_trip(round))
			good++;
		pd_print("round %lu: %lu good DMA round trips, %lu timer ticks", round + 1, good, pd_timer_ticks());
		attack(round);
	}
}
