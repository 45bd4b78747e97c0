/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one CPU asks of another: a bit in the other's word of the shared page,
 * then an SGI. Nobody waits for the answer. Asking again before it was served
 * is asking once.
 */
#ifndef MULLION_REQUEST_H
#define MULLION_REQUEST_H

#include <mullion/types.h>

enum request {
	/* Of a CPU of a PD, by CPUs of the same PD: */
	REQUEST_VGIC = 0x001,         /* the PD's interrupts changed: vgic_refresh() */
	REQUEST_VCPU = 0x002,         /* a vCPU was turned on, or the PD stopped */
	REQUEST_RELOAD = 0x100,       /* of its first CPU: all are off, the PD starts anew */
	REQUEST_WATCHDOG = 0x200,     /* likewise: another vCPU wrote to the watchdog */
	/* by the housekeeping CPU: */
	REQUEST_GATE = 0x004,         /* functions of the PD lost bus mastering: pci_gate() */
	REQUEST_STOP = 0x008,         /* the PD's policy stops it */
	REQUEST_INPUT = 0x010,        /* the console has input for the PD */
	REQUEST_EXITS = 0x400,        /* the operator wants its counts of exits */
	/* Of the housekeeping CPU, by any: */
	REQUEST_CONSOLE = 0x020,      /* a ring has output */
	REQUEST_POWER = 0x040,        /* a PD stopped */
	/* Of any CPU, by one that panics: */
	REQUEST_HALT = 0x080,
};

/* `cpu`: index into table.cpus. */
void request_send(uint32_t cpu, uint32_t bits);
/* Serves those of this CPU; from its SGI. May not return: a PD's stop. */
void request_serve(void);
/* The halt alone: for who works long with interrupts masked. */
void request_serve_halt(void);

#endif
