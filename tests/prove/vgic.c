/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every access to the virtual distributor and redistributors: any offset,
 * width, value and state; every line of an emulated device; every look at what
 * others left. List registers by their contract.
 */
#include "state.h"

static void any_access(void)
{
	uint64_t offset = any64(), value = any64();
	unsigned bytes = 1u << any_within(0, 3);
	bool write = any_bool();

	if (!write)
		value = 0;
	if (any_bool())
		vgic_distributor(offset, bytes, write, &value);
	else
		vgic_redistributor(offset, bytes, write, &value);
}

void main(void)
{
	/*@ loop unroll 33; */
	for (uint32_t cpu = 1; cpu < table.cpu_count; cpu++) {
		if (!table.cpus[cpu].pd)
			continue;
		prove_cpu_is(cpu);
		if (any_bool())
			any_access();
		else if (any_bool())
			vgic_set_line(any_within(0, prove_cpu->pd->spi_count - 1), any_bool());
		else if (any_bool())
			vgic_refresh();
		else
			vgic_reset();
		prove_invariant();
	}
}
