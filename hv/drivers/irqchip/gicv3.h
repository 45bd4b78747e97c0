/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the GICv3 driver share. */
#ifndef GICV3_H
#define GICV3_H

#include <mullion/irqchip.h>

enum { GIC_POLL_LIMIT = 1000000 };

/* Bounded: panics with the register's name, value and expected value. */
void gic_wait(paddr_t reg, uint64_t mask, uint64_t expected, const char *name);
/* The redistributor of `cpu`; 0 if no frame up to the last has its affinity, there is none, or no SGI reaches it. */
paddr_t gicr_find(const struct table_cpu *cpu);

/* gicv3_its.c; nothing of it is called in a table without MSIs. */
void its_compare(uint64_t gicd_typer);
/* Off, as firmware may not have left it, and all memory that it and the redistributors write zeroed. */
void its_init(void);

#endif
