/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What it sees of PCI, then with each of its functions a DMA round trip, an MSI,
 * DMA outside of its window, and again inside. All is left in memory, and judged
 * by the host.
 */
#include "edu.h"
#include "pd.h"

#if defined(PD_SEEN_SINGLE_BASE)
#define SEEN PD_SEEN_SINGLE_BASE
#elif defined(PD_SEEN_SWITCHED_BASE)
#define SEEN PD_SEEN_SWITCHED_BASE
#elif defined(PD_SEEN_CONVENTIONAL_BASE)
#define SEEN PD_SEEN_CONVENTIONAL_BASE
#else
#define SEEN PD_SEEN_NEIGHBOUR_BASE
#endif

enum {
	COMMAND = 4, MASTER = 4,
	WINDOWS = 0x91000000, WINDOW_SIZE = 0x1000, NOWHERE = 0x98000000,
	COPY = 0x800, AGAIN = 0xc00, SIZE = 256,
	BUS_FUNCTIONS = 256, CONFIG_PAGE = 4096,
};

static const struct {
	uint64_t config, bar, window;
} functions[] = {
	{ PD_A_CONFIG, PD_A_BAR0, WINDOWS },
#if defined(PD_B_CONFIG) && defined(PD_IO_SWITCHED_B_BASE)
	{ PD_B_CONFIG, PD_B_BAR0, WINDOWS + WINDOW_SIZE },
#elif defined(PD_B_CONFIG)
	{ PD_B_CONFIG, PD_B_BAR0, WINDOWS },
#endif
};

enum { COUNT = sizeof(functions) / sizeof(functions[0]) };

/* Where the host looks: of the PD, and 256 bytes for each function. */
enum pd_word { DONE, FUNCTIONS_SEEN, FIRST_SEEN };
enum word { COMMAND_BEFORE, ROUND_TRIP, MSIS, RAISED, COMMAND_AFTER, ROUND_TRIP_AFTER };

static uint64_t place(unsigned n, enum word word) { return SEEN + 0x100 * (n + 1) + 8 * word; }

void pd_on_interrupt(uint32_t intid)
{
	uint32_t n = intid - PD_MSI_BASE;

	if (n >= COUNT)
		return;
	edu_interrupt_take(functions[n].bar);
	pd_write64(place(n, MSIS), pd_read64(place(n, MSIS)) + 1);
}

/* Every function that answers on the one bus it sees: how many, and the number of each. */
static void look_around(void)
{
	uint64_t found = 0;

	for (uint64_t bdf = 0; bdf < BUS_FUNCTIONS; bdf++)
		if (pd_read32(PD_ECAM + bdf * CONFIG_PAGE) != UINT32_MAX)
			pd_write64(SEEN + 8 * (FIRST_SEEN + found++), bdf);
	pd_write64(SEEN + 8 * FUNCTIONS_SEEN, found);
}

static bool round_trip(unsigned n, uint64_t to)
{
	uint64_t window = functions[n].window;
	bool good;

	for (uint64_t i = 0; i < SIZE; i += 8) {
		pd_write64(window + i, (n + 1) * UINT64_C(0x9e3779b97f4a7c15) + i + to);
		pd_write64(window + to + i, 0);
	}
	good = edu_fetch(functions[n].bar, window, SIZE) && edu_store(functions[n].bar, window + to, SIZE);
	for (uint64_t i = 0; i < SIZE; i += 8)
		good = good && pd_read64(window + to + i) == pd_read64(window + i);
	return good;
}

static void pause(uint64_t ticks)
{
	for (uint64_t end = pd_timer_ticks() + ticks; pd_timer_ticks() < end;)
		pd_wait();
}

static void raise(unsigned n)
{
	uint64_t before = pd_read64(place(n, MSIS));

	edu_raise(functions[n].bar, 1);
	pause(10);
	pd_write64(place(n, RAISED), pd_read64(place(n, MSIS)) - before);
}

/* Memory of the PD without the D bit, another function's window, and where nobody has anything. */
static void stray(unsigned n)
{
	uint64_t bar = functions[n].bar;

	edu_store(bar, SEEN, SIZE);
	edu_store(bar, WINDOWS + WINDOW_SIZE - (functions[n].window - WINDOWS), SIZE);
	edu_fetch(bar, NOWHERE, SIZE);
}

void pd_main(void)
{
	pd_timer_start(100);
	look_around();
	for (unsigned n = 0; n < COUNT; n++) {
		pd_msi_start(functions[n].config, EDU_MSI, PD_MSI_FRAME, PD_MSI_BASE + n);
		pd_write64(place(n, COMMAND_BEFORE), pd_read16(functions[n].config + COMMAND));
		pd_write64(place(n, ROUND_TRIP), round_trip(n, COPY));
		raise(n);
	}
	/* Where one requester is several functions, the last of them strays for all. */
	for (unsigned n = COUNT > 1 && functions[1].window == WINDOWS ? 1 : 0; n < COUNT; n++)
		stray(n);
	pause(20);
	for (unsigned n = 0; n < COUNT; n++) {
		pd_write16(functions[n].config + COMMAND, pd_read16(functions[n].config + COMMAND) | MASTER);
		pd_write64(place(n, COMMAND_AFTER), pd_read16(functions[n].config + COMMAND));
		pd_write64(place(n, ROUND_TRIP_AFTER), round_trip(n, AGAIN));
	}
	pd_write64(SEEN + 8 * DONE, 1);
	for (;;)
		pd_wait();
}
