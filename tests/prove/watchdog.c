/* SPDX-License-Identifier: Apache-2.0 */
/* Every access to the virtual watchdog, and its timer: any offset, width, value, state and time. */
#include "state.h"

#include <string.h>

void vgic_set_line(uint32_t spi, bool high)
{
	/*@ assert spi_of_the_pd: spi < prove_cpu->pd->spi_count; */
	(void)high;
	prove_others();
}

void pd_hang(const char *reason)
{
	(void)strlen(reason);
	/*@ assert its_own: prove_cpu->pd->has_watchdog == true && prove_cpu->vcpu == 0; */
	prove_invariant();
	for (;;)
		continue;
}

static void any_access(void)
{
	bool write = any_bool();
	uint64_t value = write ? any64() : 0;
	unsigned bytes = 1u << any_within(0, 3);

	vwatchdog_access(any64(), bytes, write, &value);
	/*@ assert no_wider: write || value <= 0xffffffff; */
}

void main(void)
{
	/*@ loop unroll 33; */
	for (uint32_t cpu = 1; cpu < table.cpu_count; cpu++) {
		if (!table.cpus[cpu].pd)
			continue;
		prove_cpu_is(cpu);
		if (any_bool())
			vwatchdog_serve();
		else if (prove_cpu->pd->has_watchdog)
			any_access();
		prove_invariant();
	}
}
