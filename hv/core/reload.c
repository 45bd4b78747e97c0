/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PD starts anew: its functions forget what they were told, its memory and
 * registers become what they were at boot. By the PD's first CPU, while all its
 * vCPUs are off, in the reload map; the IOMMU is not touched, and what functions
 * reach is the same all the time. In two steps: between them the CPU takes what
 * interrupts were on their way. MSIs are dropped (irq.c); wires go into the PD's
 * page, and vgic_reset() forgets and deactivates them.
 */
#include <mullion/pd.h>

#include <mullion/arch.h>
#include <mullion/load.h>
#include <mullion/log.h>
#include <mullion/mmio.h>
#include <mullion/pci.h>
#include <mullion/percpu.h>
#include <mullion/request.h>

/* A full event queue, 32 events a millisecond, is read by then: none of before is taken for one of after (events.c). */
enum { RELOAD_EVENTS_US = 20000 };

static void reload_wait(uint64_t us)
{
	uint64_t end = arch_ticks() + us * arch_ticks_per_second() / 1000000 + 1;

	while (arch_ticks() < end)
		request_serve_halt();
}

/* As a request, it is not believed: only a PD of which nothing runs. */
static bool reload_is_due(enum pd_reload step)
{
	const struct percpu *cpu = percpu();

	if (!cpu->pd->restart_count || cpu->vcpu || cpu->state->reload != step)
		return false;
	for (uint32_t i = 0; i < cpu->pd->cpu_count; i++)
		if (cpu->state->vcpus[i].power == VCPU_ON)
			return false;
	return true;
}

static void reload_reset(const struct table_reset *reset)
{
	if (reset->bytes == 1)
		mmio_write8(reset->at, (uint8_t)reset->value);
	else if (reset->bytes == 2)
		mmio_write16(reset->at, (uint16_t)reset->value);
	else
		mmio_write32(reset->at, reset->value);
	reload_wait(reset->wait_us);
}

/* Bus mastering is off since the PD began to stop (pd.c). */
void reload_quiet(void)
{
	const struct table_pd *pd = percpu()->pd;

	if (!reload_is_due(RELOAD_WANTED))
		return;
	reload_wait(pd->drain_us > RELOAD_EVENTS_US ? pd->drain_us : RELOAD_EVENTS_US);
	arch_reload_map_open();
	for (uint32_t i = 0; i < pd->function_count; i++)
		pci_decode(pd->first_function + i);
	for (uint32_t i = 0; i < pd->reset_count; i++)
		reload_reset(&pd->resets[i]);
	arch_map_close();
	percpu()->state->reload = RELOAD_QUIET;
}

/* In the reload map, which is gone when memory is published: nothing of ours looks at it any more. */
static bool reload_memory(const struct table_pd *pd)
{
	bool hold;

	arch_reload_map_open();
	pd_scrub(pd, false);
	request_serve_halt();
	pd_copy(pd);
	hold = pd_images_hold(pd);
	request_serve_halt();
	pd_publish(pd, false);
	arch_map_close();
	if (!hold)
		log_warn("%s: an image is not what was built", pd->label);
	return hold;
}

/* After memory: none reaches anything until all is as it was. */
static bool reload_functions(const struct table_pd *pd)
{
	for (uint32_t i = 0; i < pd->function_count; i++)
		if (!pci_restore(pd->first_function + i))
			return false;
	return true;
}

static void reload_stop_dma(const struct table_pd *pd)
{
	for (uint32_t i = 0; i < pd->function_count; i++)
		pci_stop_dma(pd->first_function + i);
}

void reload_load(void)
{
	const struct table_pd *pd = percpu()->pd;
	bool made;

	if (!reload_is_due(RELOAD_QUIET))
		return;
	made = reload_memory(pd) && reload_functions(pd);
	percpu()->state->reload = RELOAD_NONE;
	if (made) {
		pd_begin();
		return;
	}
	reload_stop_dma(pd);
	log_warn("%s stays off: it cannot be started anew", pd->label);
	percpu()->state->stopping = PD_CRASHED + 1;
	pd_stays_off();
}
