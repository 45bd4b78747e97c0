/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PD is made anew, from any state, with functions that answer anything: only
 * by its first CPU, with a map for that, while no vCPU runs; and nothing is
 * written but memory that is the PD's alone.
 */
#include "state.h"

#include <mullion/arch.h>
#include <mullion/cache.h>
#include <mullion/load.h>
#include <mullion/memory.h>
#include <mullion/pd.h>
#include <mullion/sha256.h>

static bool open;

static void assert_nothing_runs(void)
{
	/*@ loop unroll 8; */
	for (uint32_t vcpu = 0; vcpu < prove_cpu->pd->cpu_count; vcpu++) {
		uint32_t power = prove_cpu->state->vcpus[vcpu].power;

		/*@ assert nothing_runs: power != VCPU_ON; */
	}
}

void arch_reload_map_open(void)
{
	/* Such a CPU has a reload map (mullion/table.h). */
	/*@ assert may_be_restarted: prove_cpu->pd->restart_count > 0; */
	/*@ assert first_cpu: prove_cpu->vcpu == 0; */
	assert_nothing_runs();
	open = true;
}

void arch_map_close(void) { open = false; }

/* In one region of the PD that it does not share. */
static bool is_own(uint64_t base, uint64_t size)
{
	const struct table_pd *pd = prove_cpu->pd;
	bool found = false;

	/*@ loop unroll 32; */
	for (uint32_t i = 0; i < pd->region_count; i++)
		if (!pd->regions[i].shared && range_within(base, size, pd->regions[i].pa.pa, pd->regions[i].size))
			found = true;
	return found;
}

static void assert_written(uint64_t base, uint64_t size)
{
	bool own = is_own(base, size);

	/*@ assert in_the_reload_map: open == true; */
	/*@ assert own_memory: own == true; */
}

void arch_scrub(paddr_t base, uint64_t size) { assert_written(base.pa, size); }
void arch_cache_flush(paddr_t base, uint64_t size) { assert_written(base.pa, size); }
void arch_cache_sync_code(paddr_t base, uint64_t size) { assert_written(base.pa, size); }

void *prove_copy(void *to, const void *from, size_t size)
{
	(void)from;
	assert_written((uintptr_t)to, size);
	return to;
}

void sha256(const void *data, uint64_t size, uint8_t digest[SHA256_SIZE])
{
	assert_written((uintptr_t)data, size);
	/*@ loop unroll 32; */
	for (uint32_t i = 0; i < SHA256_SIZE; i++)
		digest[i] = (uint8_t)any64();
}

/* pd.c is in `traps`. */
void pd_begin(void)
{
	/*@ assert map_is_closed: open == false; */
	assert_nothing_runs();
	prove_others();
}

void pd_stays_off(void) { }

void main(void)
{
	/*@ loop unroll 33; */
	for (uint32_t cpu = 1; cpu < table.cpu_count; cpu++) {
		if (!table.cpus[cpu].pd)
			continue;
		open = false;
		prove_cpu_is(cpu);
		if (any_bool())
			reload_quiet();
		else
			reload_load();
		/*@ assert map_is_closed: open == false; */
		prove_invariant();
	}
}
