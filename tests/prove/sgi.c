/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every write of ICC_SGI1R, and every interrupt of the PD: what is raised is an
 * interrupt that the PD has. Raising it, by its contract, is not looked into.
 */
#include "state.h"

/*@ requires interrupt_of_the_pd: \valid(virq) &&
	(&cpu->state->vgic.private[0][0] <= virq
		< &cpu->state->vgic.private[0][0] + cpu->pd->cpu_count * VGIC_PRIVATE ||
	 &cpu->state->vgic.spis[0] <= virq < &cpu->state->vgic.spis[0] + cpu->pd->spi_count);
    requires number_of_an_interrupt: intid < TABLE_PD_INTIDS_MAX;
    assigns *virq \from physical; */
static void virq_raise(const struct percpu *cpu, struct virq *virq, uint32_t intid, unsigned physical);

#include "../../hv/vdev/vgic_lr.c"

void main(void)
{
	/*@ loop unroll 33; */
	for (uint32_t cpu = 1; cpu < table.cpu_count; cpu++) {
		if (!table.cpus[cpu].pd)
			continue;
		prove_cpu_is(cpu);
		if (any_bool())
			vgic_send_sgi(any64());
		else if (any_bool())
			vgic_inject_spi(any_within(0, prove_cpu->pd->spi_count - 1));
		else
			vgic_inject_private(table.timer_intid);
	}
}
