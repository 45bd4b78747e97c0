/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three functions that behave like hardware where that matters: read-only bits,
 * bits cleared by writing 1. Two are of the PD whose CPU this is.
 */
#ifndef FAKE_CONFIG_H
#define FAKE_CONFIG_H

#include "test.h"

#include <mullion/percpu.h>
#include <mullion/table.h>

enum { ECAM = 0x40000000, BUS_FIRST = 0x10, PAGES = 4, COMMAND = 4, MASTER = 4, BAR = 0x10 };
/* Devices 1 to 3 of bus 0x10, index 1 to 3; the PD has 1 and 2. */
#define PAGE_OF(device) ((uint64_t)(device) << 15)

extern struct pd_state states[2];
extern const struct table_pd pds[];
extern struct percpu cpu;
extern uint32_t requested_cpu, requests;
extern unsigned writes, last_width;
extern uint64_t last_address;
/* A write that no read has followed: it may be on its way yet. Whether the PD's lock must be held for one. */
extern bool is_posted, writes_need_lock;

/* Devices have bus mastering, as pci_allow_dma() left it. A setup of cmocka's. */
int fresh(void **state);
/* Of the page of a device: value, bits that can be written, bits that a written 1 clears. */
void set_word(unsigned page, unsigned at, uint32_t value, uint32_t writable, uint32_t clears);
uint32_t word(unsigned page, unsigned at);

#endif
