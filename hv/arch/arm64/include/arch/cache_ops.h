/* SPDX-License-Identifier: Apache-2.0 */
/* The instructions behind cache.c, apart so that its ranges are tested on the host. */
#ifndef ARCH_CACHE_OPS_H
#define ARCH_CACHE_OPS_H

#include <arch/sysreg.h>
#include <mullion/bits.h>

/* CTR_EL0.DminLine: log2 of words (Arm ARM). */
static inline uint64_t cache_op_data_line(void) { return 4u << FIELD_GET(GENMASK(19, 16), sysreg_read(ctr_el0)); }

static inline void cache_op_flush_poc(uint64_t addr) { __asm__ volatile("dc civac, %0" : : "r"(addr) : "memory"); }
static inline void cache_op_clean_pou(uint64_t addr) { __asm__ volatile("dc cvau, %0" : : "r"(addr) : "memory"); }
static inline void cache_op_invalidate_code(void) { __asm__ volatile("ic ialluis" : : : "memory"); }
static inline void cache_op_wait(void) { __asm__ volatile("dsb sy\n\tisb" : : : "memory"); }

#endif
