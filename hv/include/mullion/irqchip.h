/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interrupt controller, one driver per IP. INTIDs are the controller's own
 * numbers. Addresses come from table.irqchip.
 */
#ifndef MULLION_IRQCHIP_H
#define MULLION_IRQCHIP_H

#include <mullion/table.h>

enum { IRQ_NONE = 1023 };

/* Verdicts: the controller's abilities against the table's needs. */
void irqchip_compare(void);
/* All interrupts off, then this CPU's interface on. Panics if the controller does not answer in time. */
void irqchip_init(const struct table_cpu *cpu);
/* Enables one interrupt of the table and routes it to `cpu` where it is not private to one; shared ones are edges. */
void irqchip_enable(uint32_t intid, const struct table_cpu *cpu);

/* The pending interrupt, now active; IRQ_NONE if there is none. */
uint32_t irqchip_ack(void);
/* Ends it: drops its priority and deactivates it. */
void irqchip_end(uint32_t intid);
/* Drops its priority; the PD deactivates it through its virtual interrupt. */
void irqchip_hand_over(uint32_t intid);

#endif
