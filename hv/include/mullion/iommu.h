/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The IOMMU, one driver per IP, chosen at link time. Its device table and
 * translation tables are constants that ptc made; a driver programs registers
 * and never writes a table. Base address and limits come from table.iommu.
 *
 * Order: deny, compare, enable, audit; from the seal on only the event calls.
 */
#ifndef MULLION_IOMMU_H
#define MULLION_IOMMU_H

#include <mullion/types.h>

enum iommu_denial {
	IOMMU_DENIES,           /* no device behind it can reach memory */
	IOMMU_ABSENT,           /* nothing answers at its address */
	IOMMU_STUCK,            /* a register did not take its value in time */
};

/* Refuses every transaction of every device, whatever firmware left behind. */
enum iommu_denial iommu_deny(void);
/* Verdicts: abilities against what the tables were made for. */
void iommu_compare(void);
/* Queues, device table, on; verdicts from reading each register back. Panics if the IOMMU does not answer in time. */
void iommu_enable(void);
/*
 * Verdicts: follows the live registers to the device table and every
 * translation table and compares each leaf with the declared windows.
 */
void iommu_audit(void);

/* One transaction that was refused. */
struct iommu_event {
	uint32_t stream;
	const char *reason;     /* the specification's name of the event */
	uint8_t access;         /* enum access that was tried; 0 where the event does not say */
	bool has_addr;
	iova_t addr;
};

/* The oldest event not yet taken; false when there is none. */
bool iommu_event_take(struct iommu_event *event);
/*
 * Gives the taken events' places back to the IOMMU. It interrupts when its queue
 * was empty and is no longer, so take until nothing is left after this.
 */
void iommu_events_retire(void);
/* Acknowledges errors of the IOMMU itself; says if events were lost; returns the other errors' bits, 0 for none. */
uint32_t iommu_errors_take(void);

#endif
