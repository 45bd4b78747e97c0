/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is around pd.c: a PD of three vCPUs and two functions, its CPUs one at a
 * time, and the letters of what they did, in order. While one of them calls out,
 * another may come in: that is how a test puts them in any order.
 */
#ifndef FAKE_PD_H
#define FAKE_PD_H

#include <stdbool.h>
#include <stdint.h>

#include <mullion/pd.h>
#include <mullion/percpu.h>

enum { VCPUS = 3, FUNCTIONS = 2, PDS = 4, FAKE_PD = 2, TICKS_PER_SECOND = 1000, ENTRY = 0x80000000, ARGUMENT = 0x4000 };

/*
 * x: a function loses bus mastering; f: the UART's line is printed; e: counts
 * are; g: a vCPU's interrupts go back to the page; 0 to 2: REQUEST_VCPU to that
 * vCPU; R: REQUEST_RELOAD to the first; P: REQUEST_POWER to the housekeeping CPU;
 * v, u: controller and UART are reset; E: events, C: the console is finished.
 */
extern char fake_done[256];
extern char fake_said[1024];            /* the log */
extern struct table_pd fake_pds[PDS];
extern struct pd_state fake_state;
extern struct percpu fake_cpus[VCPUS];
extern uint64_t fake_now;
extern bool fake_quarantined;           /* the second function */
extern uint32_t fake_calls;             /* out of pd.c */

/* What came of it: it returned, or never did. */
enum fake_end { RETURNED, PARKED, RAN, POWERED_OFF, RESET };

/* All vCPUs are off and their CPUs parked; the PD is never restarted. */
int fake_pd_fresh(void **state);
/* One that is on and runs. */
void fake_runs(uint32_t vcpu);
enum fake_end fake_do(uint32_t vcpu, void (*act)(void));
/* The same, of another vCPU, at the `call`th call out of pd.c from now on, from 0 on; once. */
void fake_meanwhile(uint32_t call, uint32_t vcpu, void (*act)(void));
/* Those that did not come to it. */
void fake_meanwhile_rest(void);
/* All take the requests that they were sent, until there is none; parked ones start what was turned on. */
void fake_serve(void);
uint8_t *fake_status(uint32_t pd);
/* Where the vCPU last started, and with what: 0 if never. */
uint64_t fake_entry(uint32_t vcpu);
uint64_t fake_argument(uint32_t vcpu);
uint32_t fake_count(char letter);

#endif
