/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SMMUv3 event queue (IHI 0070, 3.5 and 7.3) and global errors (7.5), in the
 * run map: registers are read through its read-only pages; only retiring events
 * and acknowledging errors open the event map.
 */
#include <mullion/iommu.h>

#include <mullion/arch.h>
#include <mullion/log.h>
#include <mullion/mmio.h>
#include <mullion/section.h>

#include "smmuv3.h"
#include "smmuv3_event.h"

enum {
	EVENTQ_INDEX = (1 << SMMU_EVENTQ_LOG2SIZE) - 1,
	EVENTQ_COUNTER = (1 << (SMMU_EVENTQ_LOG2SIZE + 1)) - 1,  /* index and wrap bit */
};

/* Our end of the queue, index and wrap bit; EVENTQ_CONS follows it at each retire. */
static SHARED_DATA uint32_t events_cons;

bool iommu_event_take(struct iommu_event *event)
{
	uint32_t prod = smmu_read(SMMU_EVENTQ_PROD) & EVENTQ_COUNTER;

	if (prod == events_cons)
		return false;
	mmio_observe_memory();          /* the record is no older than PROD (3.5.2) */
	*event = smmu_event_decode(smmu_eventq[events_cons & EVENTQ_INDEX]);
	events_cons = (events_cons + 1) & EVENTQ_COUNTER;
	return true;
}

void iommu_events_retire(void)
{
	/* Echoing PROD's OVFLG acknowledges an overflow (6.3.95). */
	uint32_t overflow = smmu_read(SMMU_EVENTQ_PROD) & (uint32_t)SMMU_EVENTQ_OVFLG;

	if ((smmu_read(SMMU_EVENTQ_CONS) & (uint32_t)SMMU_EVENTQ_OVFLG) != overflow)
		log_warn("smmu: event queue overflowed; events were lost, no access was let through");
	arch_event_map_open();
	smmu_write(SMMU_EVENTQ_CONS, overflow | events_cons);
	arch_event_map_close();
}

uint32_t iommu_errors_take(void)
{
	uint32_t gerror = smmu_read(SMMU_GERROR);
	uint32_t active = (gerror ^ smmu_read(SMMU_GERRORN)) & (uint32_t)SMMU_GERROR_ALL;

	if (active) {
		arch_event_map_open();
		smmu_write(SMMU_GERRORN, gerror);
		arch_event_map_close();
	}
	return active;
}
