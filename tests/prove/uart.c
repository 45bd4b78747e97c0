/* SPDX-License-Identifier: Apache-2.0 */
/* Every access to the virtual UART, and its input: any offset, width, value and state. */
#include "state.h"

void vgic_set_line(uint32_t spi, bool high)
{
	/*@ assert spi_of_the_pd: spi < prove_cpu->pd->spi_count; */
	(void)high;
	prove_others();
}

/* mullion/console.h: reads no more than it is told to. */
void console_pd_line(const char *label, const char *text, size_t size)
{
	(void)label;
	/*@ assert line_is_there: size == 0 || \valid_read(text + (0 .. size - 1)); */
}

bool console_input_take(uint32_t pd, char *c)
{
	/*@ assert input_of_a_pd: pd < TABLE_PDS_MAX; */
	*c = (char)any64();
	return any_bool();
}

void main(void)
{
	/*@ loop unroll 33; */
	for (uint32_t cpu = 1; cpu < table.cpu_count; cpu++) {
		bool write = any_bool();
		uint64_t value = write ? any64() : 0;

		if (!table.cpus[cpu].pd)
			continue;
		prove_cpu_is(cpu);
		if (any_bool())
			vuart_input();
		else if (any_bool())
			vuart_flush();
		else if (any_bool())
			vuart_reset();
		else
			vuart_access(any64(), 1u << any_within(0, 3), write, &value);
		prove_invariant();
	}
}
