/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What core, drivers and vdev ask of the CPU architecture (arch/<name>/).
 * The order of the calls is that of boot_main(); every call that can fail says
 * how, all others cannot.
 */
#ifndef MULLION_ARCH_H
#define MULLION_ARCH_H

#include <mullion/table.h>

/* Sets every control register of the hypervisor's privilege level (one table, see cpu.c). */
void arch_cpu_init(void);
/* Verdicts: the CPU we run on and its abilities against the table's. */
void arch_cpu_compare(void);
/* The table's entry for the CPU we run on; the null entry if it has none. Asks hardware and constants only. */
const struct table_cpu *arch_cpu(void);

/* Counter that runs at a constant rate from before entry. */
uint64_t arch_ticks(void);
/* Value of arch_ticks() at the first instruction. */
uint64_t arch_entry_ticks(void);

/* One access that may fault. False if it did; nothing else happens then. */
bool arch_probe_read64(paddr_t addr, uint64_t *value);
bool arch_probe_read32(paddr_t addr, uint32_t *value);
bool arch_probe_write64(paddr_t addr, uint64_t value);
bool arch_probe_write32(paddr_t addr, uint32_t value);

/* Zeroes memory. `base` and `size` are page-granular. */
void arch_scrub(paddr_t base, uint64_t size);

/*
 * Leaves the boot map for the CPU's run map and makes the boot map's root
 * unusable. Returns in the run map, on the same stack.
 */
void arch_seal(const struct table_cpu *cpu);
/* The event map, for the few register writes that acknowledge IOMMU events. */
void arch_event_map_open(void);
void arch_event_map_close(void);

/* Starts the PD's first vCPU on this CPU. */
_Noreturn void arch_vcpu_run(const struct table_pd *pd);
/* Serves the hypervisor's own interrupts for ever; no PD runs here again. */
_Noreturn void arch_park(void);
/* Stops this CPU for good, interrupts masked. */
_Noreturn void arch_halt(void);
/* Through the board's firmware; panics if it refuses. */
_Noreturn void arch_system_off(void);
_Noreturn void arch_system_reset(void);

#endif
