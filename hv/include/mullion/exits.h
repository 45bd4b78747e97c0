/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often this CPU's vCPU left for the hypervisor, and for what: counted at
 * its exits, by that CPU alone, since its PD started.
 */
#ifndef MULLION_EXITS_H
#define MULLION_EXITS_H

#include <mullion/percpu.h>

static inline void exit_count(enum exit_class class) { percpu()->exits[class]++; }

/* Prints the counts of this CPU, if there are any. */
void exits_print(void);
/* The same, and begins anew: the PD stops. */
void exits_finish(void);

#endif
