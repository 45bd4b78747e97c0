/* SPDX-License-Identifier: Apache-2.0 */
/* Stands in for system registers: the test has them by name. */
#ifndef ARCH_SYSREG_H
#define ARCH_SYSREG_H

#include <stdint.h>

uint64_t fake_sysreg_read(const char *name);
void fake_sysreg_write(const char *name, uint64_t value);

#define sysreg_read(name) fake_sysreg_read(#name)
#define sysreg_write(name, value) fake_sysreg_write(#name, (value))

static inline void arch_isb(void) { }

#endif
