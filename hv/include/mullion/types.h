/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The four kinds of address, each a type of its own so that mixing them does
 * not compile. The hypervisor is identity-mapped: a virtual address of its own
 * is a pointer, and equals the paddr_t it maps. Host-buildable.
 */
#ifndef MULLION_TYPES_H
#define MULLION_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Host-physical: what the memory system and the ECAM see. */
typedef struct { uint64_t pa; } paddr_t;
/* PD address: what a PD's CPU sees as physical (IPA, guest-physical). */
typedef struct { uint64_t ipa; } ipaddr_t;
/* I/O virtual address: what a device puts on the bus. */
typedef struct { uint64_t iova; } iova_t;

/* Rights of a CPU or a device to memory. */
enum access {
	ACCESS_R = 1u << 0, ACCESS_W = 1u << 1, ACCESS_X = 1u << 2,
};

enum {
	PAGE_SHIFT = 12, PAGE_SIZE = 1 << PAGE_SHIFT,
};

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static inline paddr_t paddr(uint64_t pa) { return (paddr_t){ pa }; }
static inline paddr_t paddr_add(paddr_t base, uint64_t offset) { return (paddr_t){ base.pa + offset }; }

/* Whether [base, base + size) lies wholly in [outer, outer + outer_size), without wrapping. */
static inline bool range_within(uint64_t base, uint64_t size, uint64_t outer, uint64_t outer_size)
{
	return base >= outer && size <= outer_size && base - outer <= outer_size - size;
}

#endif
