/* SPDX-License-Identifier: Apache-2.0 */
/* What the proofs start from: a CPU of the table, in any state that its PD can have brought it into. */
#ifndef PROVE_STATE_H
#define PROVE_STATE_H

#include <mullion/percpu.h>

/* Now this is the CPU that runs: any state within the invariant. Its index in table.cpus, of a CPU that has a PD. */
void prove_cpu_is(uint32_t cpu);
/* A bit for each vCPU of its PD, any of them set. */
uint32_t any_vcpus(void);
/* The invariant holds of this CPU and of its PD. */
void prove_invariant(void);

/* Other CPUs of the PD, or what is not analysed, did anything within the invariant to the PD's page. */
void prove_others(void);

/* Set: the next arch_park() does what a parked CPU does. */
extern bool prove_parks;

#endif
