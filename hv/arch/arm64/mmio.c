/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device accesses as single load and store instructions with a plain base
 * register, whatever the compiler would make of a volatile pointer. Device
 * memory is nGnRnE: the accesses stay in order among themselves.
 */
#include <mullion/mmio.h>

#define MMIO_ACCESSORS(bits, load, store, operand) \
	uint##bits##_t mmio_read##bits(paddr_t addr) \
	{ \
		uint##bits##_t value; \
		__asm__ volatile(load " " operand ", [%1]" : "=r"(value) : "r"(addr.pa) : "memory"); \
		return value; \
	} \
	void mmio_write##bits(paddr_t addr, uint##bits##_t value) \
	{ \
		__asm__ volatile(store " " operand ", [%1]" : : "r"(value), "r"(addr.pa) : "memory"); \
	}

MMIO_ACCESSORS(8, "ldrb", "strb", "%w0")
MMIO_ACCESSORS(16, "ldrh", "strh", "%w0")
MMIO_ACCESSORS(32, "ldr", "str", "%w0")
MMIO_ACCESSORS(64, "ldr", "str", "%0")

/* Full system: the observer is a device (Arm ARM B2.3.12). */
void mmio_publish_memory(void) { __asm__ volatile("dsb sy" : : : "memory"); }
void mmio_observe_memory(void) { __asm__ volatile("dsb sy" : : : "memory"); }
