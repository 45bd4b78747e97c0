/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What PD programs are written with: console, time, power. The PD_* constants
 * of the table's header for this PD are in force in every file.
 */
#ifndef PD_H
#define PD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The program. Returning powers the PD off. */
void pd_main(void);

/* One line; formats as log_info() of the hypervisor. */
void pd_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Value of "name=" in the table's bootargs; `missing` where it is not there. */
uint64_t pd_argument(const char *name, uint64_t missing);

/* The virtual timer's interrupt comes every `hz`th of a second from now on. */
void pd_timer_start(uint32_t hz);
/* Interrupts so far. */
uint64_t pd_timer_ticks(void);
/* Sleeps until the next interrupt. */
void pd_wait(void);

_Noreturn void pd_power_off(void);

static inline uint32_t pd_read32(uint64_t addr) { return *(const volatile uint32_t *)addr; }
static inline uint64_t pd_read64(uint64_t addr) { return *(const volatile uint64_t *)addr; }
static inline void pd_write32(uint64_t addr, uint32_t value) { *(volatile uint32_t *)addr = value; }
static inline void pd_write64(uint64_t addr, uint64_t value) { *(volatile uint64_t *)addr = value; }
/* Memory and device accesses before are complete for devices and CPUs before any after. */
static inline void pd_barrier(void) { __asm__ volatile("dsb sy" : : : "memory"); }

/* For start.S. */
void pd_interrupt(void);
_Noreturn void pd_unexpected(void);

#endif
