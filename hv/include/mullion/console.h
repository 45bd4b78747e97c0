/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The board's one console, after the seal. Every PD has a ring of whole lines
 * in its own page, the hypervisor's own lines of a CPU go into the ring of that
 * CPU's PD (a housekeeping CPU without a PD has one too, of PD 0). Only the housekeeping CPU touches the
 * UART: it drains the rings, a line of each in turn, as the UART has room. A
 * ring that is full drops the line and counts; nobody waits.
 *
 * Ctrl-] and a digit says which PD gets what is typed: 1 is the table's first.
 * Ctrl-] and x has that PD's CPUs print how often they left for the hypervisor.
 */
#ifndef MULLION_CONSOLE_H
#define MULLION_CONSOLE_H

#include <mullion/types.h>

enum {
	CONSOLE_RING_SIZE = 1024,       /* bytes; a power of two */
	CONSOLE_RESERVE = 256,          /* of them that a PD's own lines leave for the hypervisor's about it */
	CONSOLE_LINE_SIZE = 160,        /* of one line, prefix and end included */
	CONSOLE_INPUT_SIZE = 32,        /* typed ahead, for each PD; a power of two */
};

/* Written by the CPUs of its PD, under the PD's lock; the reader's end is in the shared page. */
struct console_ring {
	uint32_t head;          /* bytes ever written */
	uint32_t dropped;       /* lines ever dropped */
	char data[CONSOLE_RING_SIZE];           /* lines end in \r\n */
};

/* From now on this CPU logs into its ring: after its seal. */
void console_seal(void);
/* A line of this CPU's PD, the PD's lock held: into the ring, and the housekeeping CPU is told. */
void console_pd_line(const char *label, const char *text, size_t size);
/* A line of the hypervisor, likewise; takes the PD's lock. */
void console_log_line(const char *text, size_t size);

/* Housekeeping CPU only: */
void console_drain(void);               /* REQUEST_CONSOLE: as far as the UART has room, a line at most */
void console_uart_interrupt(void);      /* input and room */
void console_flush(void);               /* everything, polled: before power off */

/* The PD's side: the next character typed for it; false if there is none. */
bool console_input_take(uint32_t pd, char *c);

#endif
