/* SPDX-License-Identifier: Apache-2.0 */
/* System registers: any value. */
#ifndef ARCH_SYSREG_H
#define ARCH_SYSREG_H

#define sysreg_read(name) any64()
#define sysreg_write(name, value) ((void)(uint64_t)(value))

static inline void arch_isb(void) { }

#endif
