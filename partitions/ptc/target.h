/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What depends on the architecture and on the IOMMU, behind one contract each:
 * the words come from the headers that the hypervisor itself reads them with.
 */
#ifndef PTC_TARGET_H
#define PTC_TARGET_H

#include <stdio.h>

#include "guest.h"
#include "radix.h"

/* arm64.c */
extern const struct radix_format cpu_format;            /* the hypervisor's own */
extern const struct radix_format pd_format;             /* a PD's memory */
extern const struct radix_format window_format;         /* what a function reaches */
unsigned target_start_level(unsigned bits);
/* Control register of the hypervisor's address space. */
uint64_t target_address_control(unsigned va_bits, unsigned pa_bits);
/* Size and alignment of a CPU's guard and stack, half each, the guard below. */
extern const uint64_t target_stack_block;

/* guest_arm64.c: CPUs, firmware calls, timer and interrupt controller of a PD, within its tree's root. */
void target_guest_nodes(struct guest *guest);
/* Whether the program is an operating system's image that says where it wants to be; then its rules. */
void target_program_check(const struct pd *pd);

/* smmuv3.c: the device table. `roots` is parallel to the functions in table order. */
extern const uint64_t device_table_align;
uint64_t device_table_size(const struct appliance *appliance);
void device_table_emit(FILE *out, const struct appliance *appliance, const char *const *roots);

#endif
