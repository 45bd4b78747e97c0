/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Protection domains at run time: loaded once before the seal, then running on
 * their own CPU until they stop. Stopping is for ever in this release.
 */
#ifndef MULLION_PD_H
#define MULLION_PD_H

#include <mullion/iommu.h>
#include <mullion/table.h>

/* Scrubs the memory of every PD and copies the images in. Boot map only. */
void pd_load_all(void);
/* Starts the PD of this CPU. */
_Noreturn void pd_run(const struct table_cpu *cpu);

/*
 * Stops the PD of this CPU: its functions lose bus mastering and it never runs
 * again. `off` and `reset` are the PD's own wish: when no PD runs any more the
 * machine is powered off or reset. A crash leaves the machine on.
 */
_Noreturn void pd_off(void);
_Noreturn void pd_reset(void);
_Noreturn void pd_crash(const char *reason, uint64_t pc, uint64_t addr);

/* IOMMU interrupts: reports what was refused, by function, address and rights. */
void events_handle(void);
void events_handle_errors(void);

#endif
