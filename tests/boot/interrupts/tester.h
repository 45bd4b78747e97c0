/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of the virtual interrupt controller and of PSCI. vCPU 0 runs them with
 * its interrupts masked and acknowledges by hand, so that it sees the order of
 * everything; the other vCPUs count what they get. What was seen goes into the
 * results, in which the host looks (test_interrupts.py has what it must be).
 */
#ifndef TESTER_H
#define TESTER_H

#include "edu.h"
#include "pd.h"

#include <arch/sysreg.h>

#define ICC_RPR_EL1 S3_0_C12_C11_3

/* The host reads these names here. */
enum result {
	RESULT_NONE,
	/* order.c */
	ORDER_PENDING, ORDER, PREEMPTION, MASKED_BY_PRIORITY, SPLIT_END, NESTED,
	/* msi.c */
	MSI_DISABLED, MSI_PENDING, MSI_ACTIVE, MSI_PULLED_BACK, MSI_DISABLED_ACTIVE, SET_AND_CLEAR_PENDING,
	SET_AND_CLEAR_ACTIVE,
	/* lines.c */
	LINE_COMES_AGAIN, LINE_WITHDRAWN, LINE_WAITS,
	/* registers.c */
	IDENTITY, UNOWNED, OWNED,
	/* vcpus.c */
	SGI_TARGETED, SGI_ALL_BUT_SELF, ROUTED, ROUTED_PENDING, ELSEWHERE_PENDING, ELSEWHERE_ACTIVE, SGI_AT_OFF,
	OFF_AND_ON,
	/* psci_calls.c */
	CPU_ON, CPU_ON_PENDING, AFFINITY, FEATURES, SMC, ARGUMENTS,
	RESULT_END,
};

enum { NOTHING = 1023, DEVICES = 20, PRIORITY_URGENT = 0x20, PRIORITY_NORMAL = 0x80, PRIORITY_LATE = 0xc0 };

/* Offsets of interrupt registers, in the distributor and in a redistributor's SGI frame. */
enum { ISENABLER = 0x100, ICENABLER = 0x180, ISPENDR = 0x200, ICPENDR = 0x280, ISACTIVER = 0x300, ICACTIVER = 0x380,
       IPRIORITYR = 0x400, ICFGR = 0xc00 };

/* tester.c */
void result(enum result name, uint64_t value);
uint64_t device(uint32_t n);                            /* BAR of the n-th edu */
uint32_t device_intid(uint32_t n);
void device_raise(uint32_t n);                          /* its MSI, once more */
void priority_mask(uint8_t mask);
uint32_t acknowledge(void);                             /* now, or NOTHING */
uint32_t acknowledge_soon(void);                        /* as soon as there is one; NOTHING if there is none for long */
uint32_t acknowledge_never(void);                       /* gives it time to come, NOTHING if it does not */
void end(uint32_t intid);
void pause(void);                                       /* time for whatever was caused to arrive */
bool bit_read(uint32_t reg, uint32_t intid);            /* this vCPU's, or shared */
bool bit_read_of(uint32_t vcpu, uint32_t reg, uint32_t intid);
void bit_write(uint32_t reg, uint32_t intid);
void bit_write_of(uint32_t vcpu, uint32_t reg, uint32_t intid);
void priority_write(uint32_t intid, uint8_t priority);

/* The tests. */
void order_run(void);
void msi_run(void);
void lines_run(void);
void registers_run(void);
void vcpus_run(void);
void psci_run(void);

#endif
