/* SPDX-License-Identifier: Apache-2.0 */
/* QEMU's edu device. */
#include "edu.h"
#include "pd.h"

enum {
	EDU_ID = 0x00,
	EDU_STATUS = 0x24,
	EDU_RAISE = 0x60,
	EDU_ACKNOWLEDGE = 0x64,
	EDU_DMA_SOURCE = 0x80,
	EDU_DMA_TARGET = 0x88,
	EDU_DMA_COUNT = 0x90,
	EDU_DMA_COMMAND = 0x98,
	EDU_DMA_START = 1,
	EDU_DMA_TO_MEMORY = 2,
	EDU_DMA_INTERRUPT = 4,
	EDU_BUFFER = 0x40000,
	EDU_ID_EXPECTED = 0x010000ed,
	WAIT_SECONDS = 5,
};

bool edu_present(uint64_t bar) { return pd_read32(bar + EDU_ID) == EDU_ID_EXPECTED; }

static void transfer_begin(uint64_t bar, uint64_t source, uint64_t target, uint32_t size, uint32_t command)
{
	pd_barrier();
	pd_write64(bar + EDU_DMA_SOURCE, source);
	pd_write64(bar + EDU_DMA_TARGET, target);
	pd_write64(bar + EDU_DMA_COUNT, size);
	pd_write64(bar + EDU_DMA_COMMAND, command | EDU_DMA_START | EDU_DMA_INTERRUPT);
}

static bool transfer(uint64_t bar, uint64_t source, uint64_t target, uint32_t size, uint32_t command)
{
	uint64_t begin = pd_now();

	transfer_begin(bar, source, target, size, command);
	while (pd_read64(bar + EDU_DMA_COMMAND) & EDU_DMA_START) {
		if (pd_now() - begin > WAIT_SECONDS * pd_second())
			return false;
		pd_wait();
	}
	pd_barrier();
	return true;
}

bool edu_fetch(uint64_t bar, uint64_t iova, uint32_t size) { return transfer(bar, iova, EDU_BUFFER, size, 0); }

bool edu_store(uint64_t bar, uint64_t iova, uint32_t size)
{
	return transfer(bar, EDU_BUFFER, iova, size, EDU_DMA_TO_MEMORY);
}

void edu_store_begin(uint64_t bar, uint64_t iova, uint32_t size)
{
	transfer_begin(bar, EDU_BUFFER, iova, size, EDU_DMA_TO_MEMORY);
}

void edu_raise(uint64_t bar, uint32_t status) { pd_write32(bar + EDU_RAISE, status); }

uint32_t edu_interrupt_take(uint64_t bar)
{
	uint32_t status = pd_read32(bar + EDU_STATUS);

	pd_write32(bar + EDU_ACKNOWLEDGE, status);
	return status;
}
