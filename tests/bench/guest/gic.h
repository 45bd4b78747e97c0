/* SPDX-License-Identifier: Apache-2.0 */
/* The interrupt controller as the benchmark uses it, real or virtual: GICv3, one CPU, group 1 (IHI 0069H, 12.9). */
#ifndef BENCH_GIC_H
#define BENCH_GIC_H

#include <stdint.h>

enum {
	GICD_CTLR = 0x0000, GICD_CTLR_GRP1 = 1 << 1, GICD_CTLR_ARE = 1 << 4,
	GICD_TYPER = 0x0004,
	GICD_IGROUPR = 0x0080,
	GICD_ISENABLER = 0x0100,
	GICD_IPRIORITYR = 0x0400,
	GICD_ICFGR = 0x0c00,
	GICD_IROUTER = 0x6000,

	GICR_CTLR = 0x0000, GICR_CTLR_LPIS = 1 << 0,
	GICR_WAKER = 0x0014, GICR_WAKER_SLEEP = 1 << 1, GICR_WAKER_ASLEEP = 1 << 2,
	GICR_PROPBASER = 0x0070,
	GICR_PENDBASER = 0x0078,
	GICR_SGI = 0x10000,             /* IGROUPR0, ISENABLER0: from here, at the distributor's offsets */
};

enum { BENCH_SGI = 1 };

/* Controller and CPU interface on; the timer and one SGI enabled. */
void gic_start(void);
/* A shared interrupt, by edges, to this CPU. */
void gic_enable_spi(uint32_t intid);

#if defined(PD_EDU_CONFIG) && (defined(BARE) || defined(PD_MSI_FRAME))
#define BENCH_MSI
#endif

/*
 * Where a function shall write, and what, to interrupt this CPU; and the INTID
 * that comes. A PD has a v2m frame, the bare machine an ITS.
 */
struct doorbell {
	uint64_t addr;
	uint32_t data;
	uint32_t intid;
};
struct doorbell msi_start(uint32_t device_id);

#endif
