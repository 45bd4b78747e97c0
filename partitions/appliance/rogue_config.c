/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks by the rogue's view of configuration space. */
#include "edu.h"
#include "pd.h"
#include "rogue.h"

enum {
	CONFIG_PAGE = 4096,
	CONFIG_COMMAND_ALL = 0x6,       /* memory, bus mastering */
	CONFIG_BAR0 = 0x10,
	CONFIG_INTERRUPT = 0x3c,
	CONFIG_MSI_END = EDU_MSI + 0x10,
	BUS_FUNCTIONS = 256,
};

static uint64_t function_page(uint32_t bdf) { return PD_ECAM + (uint64_t)bdf * CONFIG_PAGE; }

/* Every other function of its bus, and where the first one of every other bus would be: it sees none of these. */
const char *config_neighbours(uint64_t target)
{
	(void)target;
	for (uint32_t i = 1; i < 2 * BUS_FUNCTIONS; i++) {
		uint64_t page = function_page(i < BUS_FUNCTIONS ? i : (i - BUS_FUNCTIONS) << 8);
		uint32_t value;

		if (page != PD_EDU_CONFIG && pd_try_read32(page, &value) && value != UINT32_MAX) {
			pd_print("0x%lx reads 0x%x", page, value);
			return "a neighbour";
		}
	}
	return "all ones";
}

const char *config_master(uint64_t target)
{
	(void)target;
	for (uint32_t device = 0; device < 32; device++) {
		uint64_t page = function_page(device << 3);

		if (page == PD_EDU_CONFIG)
			continue;
		pd_write16(page + CONFIG_COMMAND, CONFIG_COMMAND_ALL);
		pd_write32(page + CONFIG_COMMAND, CONFIG_COMMAND_ALL);
		if (pd_read32(page + CONFIG_COMMAND) != UINT32_MAX)
			return "written";
	}
	return "ignored";
}

const char *config_move_bar(uint64_t target)
{
	uint32_t bar = pd_read32(PD_EDU_CONFIG + CONFIG_BAR0);
	bool stayed;
	uint32_t value;

	(void)target;
	pd_write32(PD_EDU_CONFIG + CONFIG_BAR0, bar - EDU_BAR_SIZE);
	stayed = edu_present(PD_EDU_BAR0);
	if (pd_try_read32(PD_EDU_BAR0 - EDU_BAR_SIZE, &value))
		stayed = false;
	pd_write32(PD_EDU_CONFIG + CONFIG_BAR0, bar);
	return stayed ? "ignored" : "moved";
}

/* Where something may change: command, BAR 0 by sizing, interrupt line, the MSI capability. */
static bool is_allowed(uint32_t offset)
{
	return offset == CONFIG_COMMAND || offset == CONFIG_BAR0 || offset == CONFIG_INTERRUPT ||
	       (offset >= EDU_MSI && offset < CONFIG_MSI_END);
}

/* All ones to every word and back again. */
const char *config_sweep(uint64_t target)
{
	uint32_t changed = 0;

	(void)target;
	for (uint32_t offset = 0; offset < CONFIG_PAGE; offset += 4) {
		uint32_t before = pd_read32(PD_EDU_CONFIG + offset);
		uint32_t between, after;

		pd_write32(PD_EDU_CONFIG + offset, UINT32_MAX);
		between = pd_read32(PD_EDU_CONFIG + offset);
		pd_write32(PD_EDU_CONFIG + offset, before);
		after = pd_read32(PD_EDU_CONFIG + offset);
		if (after == before && (between == before || is_allowed(offset)))
			continue;
		changed++;
		pd_print("configuration 0x%x: 0x%x, 0x%x, 0x%x", offset, before, between, after);
	}
	return changed ? "changes" : "ignored";
}
