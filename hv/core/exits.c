/* SPDX-License-Identifier: Apache-2.0 */
/* The counts of a vCPU's exits, as two lines: interrupts, and what the PD itself did. */
#include <mullion/exits.h>

#include <mullion/log.h>

static uint64_t exits_total(const struct percpu *cpu)
{
	uint64_t total = 0;

	for (uint32_t i = 0; i < EXIT_CLASSES; i++)
		total += cpu->exits[i];
	return total;
}

void exits_print(void)
{
	const struct percpu *cpu = percpu();
	const uint64_t *n = cpu->exits;

	if (!exits_total(cpu))
		return;
	log_info("%s vCPU %u exits: MSI %lu, line %lu, timer %lu, kick %lu, refill %lu", cpu->pd->label, cpu->vcpu,
		 n[EXIT_MSI], n[EXIT_LINE], n[EXIT_TIMER], n[EXIT_KICK], n[EXIT_REFILL]);
	log_info("%s vCPU %u exits: GIC %lu, SGI %lu, config %lu, UART %lu, watchdog %lu, call %lu, other %lu",
		 cpu->pd->label, cpu->vcpu, n[EXIT_GIC], n[EXIT_SGI], n[EXIT_CONFIG], n[EXIT_UART], n[EXIT_WATCHDOG],
		 n[EXIT_CALL], n[EXIT_OTHER]);
}

void exits_finish(void)
{
	exits_print();
	for (uint32_t i = 0; i < EXIT_CLASSES; i++)
		percpu()->exits[i] = 0;
}
