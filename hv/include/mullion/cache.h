/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cache maintenance by range. Any base and size; every line that the range
 * touches is treated, so the caller owns whole lines where it invalidates.
 * A size of zero does nothing. Complete when the call returns.
 */
#ifndef MULLION_CACHE_H
#define MULLION_CACHE_H

#include <mullion/types.h>

/*
 * Data reaches the point of coherency, where PDs with caches off and devices see
 * it, and no cache holds it any more: the next read comes from memory.
 */
void arch_cache_flush(paddr_t base, uint64_t size);
/* Data reaches the point of unification and stale instructions are dropped. */
void arch_cache_sync_code(paddr_t base, uint64_t size);

#endif
