/* SPDX-License-Identifier: Apache-2.0 */
/* Protection domains: load, run, stop. One vCPU per PD, on the CPU that the table names. */
#include <mullion/pd.h>

#include <mullion/arch.h>
#include <mullion/cache.h>
#include <mullion/log.h>
#include <mullion/memory.h>
#include <mullion/pci.h>
#include <mullion/percpu.h>
#include <mullion/section.h>

/* What became of the PDs, by index. */
enum pd_state { PD_RUNNING, PD_OFF, PD_RESET, PD_CRASHED };
static SHARED_DATA uint8_t pd_states[TABLE_PDS_MAX];

/* No data of the bootloader, or of another PD, is left in what a PD or its devices can read. */
static void pd_load(const struct table_pd *pd)
{
	for (uint32_t i = 0; i < pd->region_count; i++) {
		arch_scrub(pd->regions[i].pa, pd->regions[i].size);
		arch_cache_flush(pd->regions[i].pa, pd->regions[i].size);
	}
	memcpy((void *)pd->load.pa, (const void *)pd->store.pa, pd->image_size);
	/* The PD starts with its caches off: all of it must be in memory, and no cache hold what it then overwrites. */
	arch_cache_flush(pd->load, pd->image_size);
	arch_cache_sync_code(pd->load, pd->image_size);
}

void pd_load_all(void)
{
	for (uint32_t i = 1; i < table.pd_count; i++)
		pd_load(&table.pds[i]);
}

void pd_run(const struct table_cpu *cpu)
{
	const struct table_pd *pd = &table.pds[cpu->pd];

	percpu()->pd = pd;
	log_info("%s starts at 0x%lx", pd->label, pd->entry.ipa);
	arch_vcpu_run(pd);
}

static void pd_stop_dma(uint32_t pd_idx)
{
	for (uint32_t i = 1; i < table.function_count; i++)
		if (table.functions[i].pd == pd_idx)
			pci_stop_dma(&table.functions[i]);
}

/* Whether every PD asked to stop; `reset` if one of them asked for a reset. */
static bool pd_all_off(bool *reset)
{
	*reset = false;
	for (uint32_t i = 1; i < table.pd_count; i++) {
		if (pd_states[i] == PD_RUNNING || pd_states[i] == PD_CRASHED)
			return false;
		if (pd_states[i] == PD_RESET)
			*reset = true;
	}
	return true;
}

static _Noreturn void pd_stop(enum pd_state state)
{
	struct percpu *cpu = percpu();
	bool reset;

	pd_stop_dma(arch_cpu()->pd);
	if (cpu->vuart.length)
		vuart_flush(&cpu->vuart, cpu->pd->label);
	pd_states[arch_cpu()->pd] = (uint8_t)state;
	cpu->pd = NULL;
	events_handle();
	if (pd_all_off(&reset)) {
		log_info("every PD is off: %s", reset ? "reset" : "power off");
		if (reset)
			arch_system_reset();
		arch_system_off();
	}
	arch_park();
}

void pd_off(void)
{
	log_info("%s is off", percpu()->pd->label);
	pd_stop(PD_OFF);
}

void pd_reset(void)
{
	log_info("%s asks for a reset", percpu()->pd->label);
	pd_stop(PD_RESET);
}

void pd_crash(const char *reason, uint64_t pc, uint64_t addr)
{
	log_warn("%s stopped: %s, pc 0x%lx, at 0x%lx", percpu()->pd->label, reason, pc, addr);
	pd_stop(PD_CRASHED);
}
