/* SPDX-License-Identifier: Apache-2.0 */
/* Stands in for the architecture's instructions; test_cache.c records them. */
#ifndef ARCH_CACHE_OPS_H
#define ARCH_CACHE_OPS_H

#include <stdint.h>

uint64_t cache_op_data_line(void);
void cache_op_flush_poc(uint64_t addr);
void cache_op_clean_pou(uint64_t addr);
void cache_op_invalidate_code(void);
void cache_op_wait(void);

#endif
