/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cache maintenance by range (Arm ARM D7.5.9). The line size comes from
 * CTR_EL0, the smallest of any cache on the way.
 */
#include <arch/cache_ops.h>
#include <mullion/cache.h>

/* `op` on every line that the range touches. */
static inline void cache_each_line(paddr_t base, uint64_t size, void (*op)(uint64_t addr))
{
	uint64_t line = cache_op_data_line();

	for (uint64_t addr = base.pa & ~(line - 1); size && addr < base.pa + size; addr += line)
		op(addr);
	cache_op_wait();
}

void arch_cache_flush(paddr_t base, uint64_t size) { cache_each_line(base, size, cache_op_flush_poc); }

void arch_cache_sync_code(paddr_t base, uint64_t size)
{
	cache_each_line(base, size, cache_op_clean_pou);        /* there before instructions are fetched again */
	cache_op_invalidate_code();
	cache_op_wait();
}
