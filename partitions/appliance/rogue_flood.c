/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks by quantity: whoever else runs must not feel them. */
#include "edu.h"
#include "pd.h"
#include "rogue.h"

const char *flood_lines(uint64_t target)
{
	uint64_t lines = pd_argument("lines", 0);

	(void)target;
	for (uint64_t i = 1; i <= lines; i++)
		pd_print("flood, line %lu of %lu", i, lines);
	return "done";
}

/* One that is sent while another is pending is the same one: all that can be said is that the last arrives. */
const char *flood_sgis(uint64_t target)
{
	uint64_t sgis = pd_argument("sgis", 0);
	uint64_t before = interrupts_of(SGI_FLOOD);

	(void)target;
	for (uint64_t i = 0; i < sgis; i++)
		pd_sgi(0, SGI_FLOOD);
	rest(2);
	pd_print("%lu of %lu SGIs to itself arrived", interrupts_of(SGI_FLOOD) - before, sgis);
	return sgis && interrupts_of(SGI_FLOOD) == before ? "none arrived" : "done";
}

/* As many refused transfers as the device does in faults= seconds, each of them many refused accesses. */
const char *flood_dma(uint64_t target)
{
	uint64_t end = pd_now() + pd_argument("faults", 0) * pd_second();
	uint64_t transfers = 0;

	(void)target;
	for (; pd_now() < end; transfers++)
		if (!edu_store(PD_EDU_BAR0, PD_DATA_BASE, EDU_BUFFER_SIZE))
			return "no answer of the device";
	pd_print("%lu refused transfers of %u bytes", transfers, EDU_BUFFER_SIZE);
	return "done";
}
