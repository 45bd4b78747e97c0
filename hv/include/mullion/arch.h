/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What core, drivers and vdev ask of the CPU architecture (arch/<name>/).
 * The order of the calls is that of boot_main(); every call that can fail says
 * how, all others cannot.
 */
#ifndef MULLION_ARCH_H
#define MULLION_ARCH_H

#include <mullion/table.h>

/* Verdicts: the CPU we run on and its abilities against the table's. */
void arch_cpu_compare(void);
/* Sets every control register of the hypervisor's privilege level (one table, see cpu.c). Verdict: list registers. */
void arch_cpu_init(void);
/* The table's entry for the CPU we run on; the null entry if it has none. Asks hardware and constants only. */
const struct table_cpu *arch_cpu(void);

/* Counter that runs at a constant rate from before entry. */
uint64_t arch_ticks(void);
uint64_t arch_ticks_per_second(void);
/* Value of arch_ticks() at the first instruction. */
uint64_t arch_entry_ticks(void);

/* One access that may fault. False if it did; nothing else happens then. */
bool arch_probe_read64(paddr_t addr, uint64_t *value);
bool arch_probe_read32(paddr_t addr, uint32_t *value);
bool arch_probe_write64(paddr_t addr, uint64_t value);
bool arch_probe_write32(paddr_t addr, uint32_t value);

/* Zeroes memory. `base` and `size` are page-granular. */
void arch_scrub(paddr_t base, uint64_t size);

/* Verdict for each CPU of the table, by firmware: it is there. */
void arch_cpus_compare(void);
/* Starts another CPU in the boot map, at boot_secondary(); false if firmware refuses. */
bool arch_cpu_start(const struct table_cpu *cpu);

/* Leaves the boot map for the CPU's run map. Returns in it, on the same stack. */
void arch_seal(const struct table_cpu *cpu);
/* Zeroes the boot map's root: once every CPU has left it. */
void arch_seal_last(void);
/* The event map, for the few register writes that acknowledge IOMMU events; the reload map, to start a PD anew. */
void arch_event_map_open(void);
void arch_reload_map_open(void);
/* Back into the CPU's run map. */
void arch_map_close(void);

/* The hypervisor's own timer interrupts this CPU in `ticks`, below 2^31, once. */
void arch_timer_start(uint64_t ticks);
void arch_timer_stop(void);

/* In a loop that waits for another CPU's arch_signal(); may return without one. */
void arch_relax(void);
void arch_signal(void);
/* Orders accesses to memory that CPUs share: all before are seen by other CPUs before any after. */
void arch_barrier(void);

/* This CPU's vCPU starts at `entry` with `argument`, everything else as after a reset. */
_Noreturn void arch_vcpu_run(const struct table_pd *pd, uint64_t entry, uint64_t argument);
/* Serves the hypervisor's own interrupts, with no vCPU running; requests may start one. */
_Noreturn void arch_park(void);
/* Stops this CPU for good, interrupts masked. */
_Noreturn void arch_halt(void);
/* Through the board's firmware; panics if it refuses. */
_Noreturn void arch_system_off(void);
_Noreturn void arch_system_reset(void);

#endif
