/* SPDX-License-Identifier: Apache-2.0 */
/* System register access by the assembler's name. */
#ifndef ARCH_SYSREG_H
#define ARCH_SYSREG_H

#include <stdint.h>

#define STRINGIFY_(x) #x
#define STRINGIFY(x) STRINGIFY_(x)

#define sysreg_read(name) \
	({ \
		uint64_t value_; \
		__asm__ volatile("mrs %0, " STRINGIFY(name) : "=r"(value_)); \
		value_; \
	})
#define sysreg_write(name, value) __asm__ volatile("msr " STRINGIFY(name) ", %0" : : "r"((uint64_t)(value)) : "memory")

static inline void arch_isb(void) { __asm__ volatile("isb" : : : "memory"); }

#endif
