/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device registers. Each call is one access of the named width, in program
 * order with every other access to a device (the maps give device memory
 * nGnRnE). Addresses come from the partition table; nobody checks them here: an
 * address that the current map lacks faults and panics.
 */
#ifndef MULLION_MMIO_H
#define MULLION_MMIO_H

#include <mullion/types.h>

uint8_t mmio_read8(paddr_t addr);
uint16_t mmio_read16(paddr_t addr);
uint32_t mmio_read32(paddr_t addr);
uint64_t mmio_read64(paddr_t addr);
void mmio_write8(paddr_t addr, uint8_t value);
void mmio_write16(paddr_t addr, uint16_t value);
void mmio_write32(paddr_t addr, uint32_t value);
void mmio_write64(paddr_t addr, uint64_t value);

/* Memory written before is visible to devices before any later register write. */
void mmio_publish_memory(void);
/* Memory read after is no older than any earlier register read. */
void mmio_observe_memory(void);

#endif
