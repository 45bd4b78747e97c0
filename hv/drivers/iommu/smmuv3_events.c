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

enum { EVENTQ_INDEX = (1 << SMMU_EVENTQ_LOG2SIZE) - 1, EVENTQ_COUNTER = EVENTQ_INDEX << 1 | 1 /* and wrap bit */ };

/* Our end of the queue, index and wrap bit; EVENTQ_CONS follows it at each retire. */
static SHARED_DATA uint32_t events_cons;
/* In ticks: no line about lost events before. */
static SHARED_DATA uint64_t next_lost_line;

static uint32_t events_prod(void) { return smmu_read(SMMU_EVENTQ_PROD) & EVENTQ_COUNTER; }

static bool events_empty(void) { return events_prod() == events_cons; }

bool iommu_event_take(struct iommu_event *event)
{
	if (events_empty())
		return false;
	mmio_observe_memory();          /* the record is no older than PROD (3.5.2) */
	*event = smmu_event_decode(smmu_eventq[events_cons & EVENTQ_INDEX]);
	events_cons = (events_cons + 1) & EVENTQ_COUNTER;
	return true;
}

/* A device can make it so at any rate, and that must not fill the console: at most once a second. */
static void events_lost(void)
{
	if (arch_ticks() < next_lost_line)
		return;
	next_lost_line = arch_ticks() + arch_ticks_per_second();
	log_warn("smmu: event queue overflowed or aborted; events were lost, no access was let through");
}

void iommu_events_retire(void)
{
	/* Echoing PROD's OVFLG acknowledges an overflow (6.3.95). */
	uint32_t overflow = smmu_read(SMMU_EVENTQ_PROD) & (uint32_t)SMMU_EVENTQ_OVFLG;

	if ((smmu_read(SMMU_EVENTQ_CONS) & (uint32_t)SMMU_EVENTQ_OVFLG) != overflow)
		events_lost();
	arch_event_map_open();
	smmu_write(SMMU_EVENTQ_CONS, overflow | events_cons);
	arch_map_close();
}

uint32_t iommu_errors_take(void)
{
	uint32_t gerror = smmu_read(SMMU_GERROR);
	uint32_t active = (gerror ^ smmu_read(SMMU_GERRORN)) & (uint32_t)SMMU_GERROR_ALL;

	if (active) {
		arch_event_map_open();
		smmu_write(SMMU_GERRORN, gerror);
		arch_map_close();
	}
	/* Events found no place in the queue; QEMU says so of a full one too, and never by OVFLG. */
	if (active & SMMU_GERROR_EVENTQ_ABT)
		events_lost();
	return active & (uint32_t)~SMMU_GERROR_EVENTQ_ABT;
}
