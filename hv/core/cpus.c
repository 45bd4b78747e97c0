/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The CPUs at boot: started one after the other in the boot map, sealed
 * together, released together. No PD runs before every CPU has left the boot
 * map and its root is gone.
 */
#include <mullion/boot.h>

#include <mullion/arch.h>
#include <mullion/console.h>
#include <mullion/log.h>
#include <mullion/section.h>
#include <mullion/table.h>
#include <mullion/verdict.h>

/* How far each CPU is, each written by that CPU only; and how far the boot CPU lets all of them go. */
enum cpu_stage { CPU_OUT, CPU_STARTED, CPU_SEALS, CPU_SEALED, CPU_RELEASED };
static SHARED_DATA volatile uint8_t stages[TABLE_CPUS_MAX];
static SHARED_DATA volatile uint8_t allowed;

static uint32_t cpu_idx(void) { return (uint32_t)(arch_cpu() - table.cpus); }

static void stage_enter(volatile uint8_t *stage, enum cpu_stage value)
{
	arch_barrier();         /* what came before is seen before the stage is */
	*stage = (uint8_t)value;
	arch_signal();
}

/* False if it takes longer than a second. */
static bool stage_wait(const volatile uint8_t *stage, enum cpu_stage value)
{
	uint64_t end = arch_ticks() + arch_ticks_per_second();

	while (*stage < value)
		if (arch_ticks() > end)
			return false;
	arch_barrier();
	return true;
}

void cpus_start(void)
{
	for (uint32_t i = 1; i < table.cpu_count; i++)
		if (i != cpu_idx())
			verdict_holds("cpu.started", table.cpus[i].name,
				      arch_cpu_start(&table.cpus[i]) && stage_wait(&stages[i], CPU_STARTED));
}

static void cpu_seal(void)
{
	arch_seal(arch_cpu());
	console_seal();
	stage_enter(&stages[cpu_idx()], CPU_SEALED);
}

void cpus_join(void)
{
	stage_enter(&stages[cpu_idx()], CPU_STARTED);
	while (allowed < CPU_SEALS)
		arch_relax();
	cpu_seal();
	while (allowed < CPU_RELEASED)
		arch_relax();
	arch_barrier();
}

void cpus_seal(void)
{
	stage_enter(&allowed, CPU_SEALS);
	cpu_seal();
	for (uint32_t i = 1; i < table.cpu_count; i++)
		if (!stage_wait(&stages[i], CPU_SEALED))
			panic("%s does not seal", table.cpus[i].name);
	arch_seal_last();
}

void cpus_release(void) { stage_enter(&allowed, CPU_RELEASED); }
