/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks by the rogue's function: DMA and MSIs. */
#include "edu.h"
#include "pd.h"
#include "rogue.h"

#include <mullion/table.h>

/* An EventID is the number of a PD's interrupt: all that any PD of any table may have. */
enum { TRANSFER_SIZE = 64, EVENTS = TABLE_PD_INTIDS_MAX };

#define MARK  UINT64_C(0xbadbadbadbadbad1)
#define BLANK UINT64_C(0xb1a9cb1a9cb1a9c0)

/* Parts of the window: what goes out, and where loot comes in. */
#define BAIT PD_IO_BASE
#define LOOT (PD_IO_BASE + PD_IO_SIZE / 2)

static void fill(uint64_t at, uint64_t value)
{
	for (uint64_t i = 0; i < TRANSFER_SIZE; i += 8)
		pd_write64(at + i, value);
}

static bool is_filled(uint64_t at, uint64_t value)
{
	for (uint64_t i = 0; i < TRANSFER_SIZE; i += 8)
		if (pd_read64(at + i) != value)
			return false;
	return true;
}

static bool fetch(uint64_t iova, uint32_t size) { return edu_fetch(PD_EDU_BAR0, iova, size); }
static bool store(uint64_t iova, uint32_t size) { return edu_store(PD_EDU_BAR0, iova, size); }

/* The device's buffer has `value` in every word. */
static bool load(uint64_t value)
{
	fill(BAIT, value);
	return fetch(PD_IO_IOVA, TRANSFER_SIZE);
}

/* Reads `target` and brings what came to LOOT; a refused read leaves the buffer blank or zero. */
static bool take(uint64_t target)
{
	return load(BLANK) && fetch(target, TRANSFER_SIZE) && store(PD_IO_IOVA + PD_IO_SIZE / 2, TRANSFER_SIZE);
}

static bool got_nothing(void) { return is_filled(LOOT, BLANK) || is_filled(LOOT, 0); }

/* Reads first: a write that landed would hide what was there. */
const char *dma_reach(uint64_t target)
{
	bool read;

	if (!take(target))
		return "no answer of the device";
	read = !got_nothing();
	if (!load(MARK) || !store(target, TRANSFER_SIZE) || !take(target))
		return "no answer of the device";
	if (is_filled(LOOT, MARK))
		return "written";
	return read || !got_nothing() ? "read" : "blocked";
}

const char *dma_write_read_only(uint64_t target)
{
	(void)target;
	fill(PD_OUT_BASE, BLANK);
	if (!load(MARK) || !store(PD_OUT_IOVA, TRANSFER_SIZE))
		return "no answer of the device";
	return is_filled(PD_OUT_BASE, BLANK) ? "blocked" : "written";
}

const char *dma_read_write_only(uint64_t target)
{
	(void)target;
	fill(PD_IN_BASE, MARK);
	if (!take(PD_IN_IOVA))
		return "no answer of the device";
	return got_nothing() ? "blocked" : "read";
}

static bool is_own_event(uint32_t event) { return event - PD_MSI_BASE < PD_MSI_COUNT; }

static const char *arrived(uint64_t before)
{
	rest(2);
	return interrupts_foreign() == before ? "none arrives" : "arrived";
}

/* A plain write of an EventID to the doorbell, which does not carry the function's own DeviceID everywhere. */
const char *msi_forge_by_dma(uint64_t target)
{
	uint64_t before = interrupts_foreign();
	uint32_t step = (uint32_t)pd_argument("events", 1);

	for (uint32_t event = 0; event < EVENTS; event += step) {
		if (is_own_event(event))
			continue;
		pd_write32(BAIT, event);
		if (!fetch(PD_IO_IOVA, sizeof(event)) || !store(target + DOORBELL, sizeof(event)))
			return "no answer of the device";
	}
	return arrived(before);
}

/* Real MSIs of the function, with data that it was not given. */
const char *msi_forge_by_device(uint64_t target)
{
	uint64_t before = interrupts_foreign();

	for (uint32_t event = 0; event < EVENTS; event++) {
		if (is_own_event(event))
			continue;
		pd_msi_program(PD_EDU_CONFIG, EDU_MSI, target + DOORBELL, event);
		edu_raise(PD_EDU_BAR0, 1);
		edu_interrupt_take(PD_EDU_BAR0);
	}
	pd_msi_start(PD_EDU_CONFIG, EDU_MSI, PD_MSI_FRAME, PD_MSI_BASE);
	return arrived(before);
}

/* Real MSIs to an address that it was not given, with data that would be valid. */
const char *msi_elsewhere(uint64_t target)
{
	uint64_t before = interrupts_of(PD_MSI_BASE);

	pd_msi_program(PD_EDU_CONFIG, EDU_MSI, target + DOORBELL, PD_MSI_BASE);
	edu_raise(PD_EDU_BAR0, 1);
	edu_interrupt_take(PD_EDU_BAR0);
	rest(2);
	pd_msi_start(PD_EDU_CONFIG, EDU_MSI, PD_MSI_FRAME, PD_MSI_BASE);
	return interrupts_of(PD_MSI_BASE) == before ? "none arrives" : "arrived";
}
