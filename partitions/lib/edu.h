/* SPDX-License-Identifier: Apache-2.0 */
/*
 * QEMU's edu device (docs/specs/edu.rst): a DMA engine with 4 KiB of its own. A
 * transfer takes a tenth of a second; the calls sleep meanwhile, so the timer
 * must run. `bar` is the PD address of its BAR 0.
 */
#ifndef EDU_H
#define EDU_H

#include <stdbool.h>
#include <stdint.h>

enum {
	EDU_MSI = 0x40,                 /* offset of its capability */
	EDU_BUFFER_SIZE = 4096,
	EDU_STATUS_DMA = 1 << 8,        /* of edu_interrupt_take(): the end of a transfer */
};

bool edu_present(uint64_t bar);
/* Memory to its buffer, and back. False if the device does not finish. A refused transfer finishes too. */
bool edu_fetch(uint64_t bar, uint64_t iova, uint32_t size);
bool edu_store(uint64_t bar, uint64_t iova, uint32_t size);
/* The same, and does not wait. */
void edu_store_begin(uint64_t bar, uint64_t iova, uint32_t size);
/* Its interrupt, now, with these status bits. */
void edu_raise(uint64_t bar, uint32_t status);
/* For the handler: the status bits, now cleared. */
uint32_t edu_interrupt_take(uint64_t bar);

#endif
