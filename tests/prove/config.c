/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every access to configuration space: any offset, width, value and state, with
 * functions that answer anything.
 */
#include "state.h"

void main(void)
{
	/*@ loop unroll 33; */
	for (uint32_t cpu = 1; cpu < table.cpu_count; cpu++) {
		bool write = any_bool();
		uint64_t value = write ? any64() : 0;

		if (!table.cpus[cpu].pd)
			continue;
		prove_cpu_is(cpu);
		vpci_access(any64(), 1u << any_within(0, 3), write, &value);
		prove_invariant();
	}
}
