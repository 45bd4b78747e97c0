/* SPDX-License-Identifier: Apache-2.0 */
/* Lines without end, numbered, as fast as they go, once somebody types something. */
#include "pd.h"

static volatile bool floods;

void pd_on_interrupt(uint32_t intid)
{
	if (intid == PD_CONSOLE_INTID)
		while (pd_getc() >= 0)
			floods = !floods;
}

void pd_main(void)
{
	uint64_t lines = 0;

	pd_console_listen();
	pd_print("listens");
	for (;;) {
		if (!floods) {
			pd_wait();
			continue;
		}
		pd_print("line %lu of the flood goes on to here", lines++);
		pd_write64(PD_WRITTEN_BASE, lines);
	}
}
