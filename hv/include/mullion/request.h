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
	REQUEST_VGIC = 1u << 0,         /* the PD's interrupts changed: vgic_refresh() */
	REQUEST_VCPU = 1u << 1,         /* a vCPU was turned on, or the PD stopped */
	/* by the housekeeping CPU: */
	REQUEST_GATE = 1u << 2,         /* functions of the PD lost bus mastering: pci_gate() */
	REQUEST_STOP = 1u << 3,         /* the PD's policy stops it */
	REQUEST_INPUT = 1u << 4,        /* the console has input for the PD */
	/* Of the housekeeping CPU, by any: */
	REQUEST_CONSOLE = 1u << 5,      /* a ring has output */
	REQUEST_POWER = 1u << 6,        /* a PD stopped */
	/* Of any CPU, by one that panics: */
	REQUEST_HALT = 1u << 7,
};

/* `cpu`: index into table.cpus. */
void request_send(uint32_t cpu, uint32_t bits);
/* Serves those of this CPU; from its SGI. May not return: a PD's stop. */
void request_serve(void);

#endif
