/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interrupt controller, one driver per IP. INTIDs are the controller's own
 * numbers. Addresses come from table.irqchip. Its registers are in the boot map
 * only: after the seal a CPU has its own interface, by system registers.
 */
#ifndef MULLION_IRQCHIP_H
#define MULLION_IRQCHIP_H

#include <mullion/table.h>

enum { IRQ_NONE = 1023, IRQ_REQUEST = 0, IRQ_FIRST_LPI = 8192 };

/* Verdicts: the controller's abilities against the table's needs. */
void irqchip_compare(void);
/* All interrupts off, routing on. Panics if the controller does not answer in time. */
void irqchip_init(void);
/* Programs the ITS from the table's commands and waits until it has done them; verdicts. */
void irqchip_init_msis(void);
/* This CPU's part and interface on; enables requests, a vCPU's maintenance and timer, our timer where it is used. */
void irqchip_init_cpu(const struct table_cpu *cpu);
/* Enables a shared interrupt and routes it to `cpu`. */
void irqchip_enable(uint32_t intid, bool level, const struct table_cpu *cpu);
/* All wired interrupts that PDs own, each routed to its PD's first CPU. */
void irqchip_enable_table(void);

/* The pending interrupt, now active; IRQ_NONE if there is none. */
uint32_t irqchip_ack(void);
/* Ends it: drops its priority and deactivates it. LPIs have no active state. */
void irqchip_end(uint32_t intid);
/* Drops its priority; it stays active until irqchip_deactivate() or the PD's own end of the virtual one. */
void irqchip_hand_over(uint32_t intid);
/* A level that is still high comes again. */
void irqchip_deactivate(uint32_t intid);
/* IRQ_REQUEST to another CPU. */
void irqchip_request(const struct table_cpu *cpu);

#endif
