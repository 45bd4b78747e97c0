/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registers of an Arm GICv3 and its ITS (IHI 0069H), offsets from their frame's
 * base, for the driver of the board's and for the virtual one that a PD sees.
 */
#ifndef MULLION_GICV3_REGS_H
#define MULLION_GICV3_REGS_H

#include <mullion/bits.h>

/*
 * Distributor (12.9). Of a set and a clear register for one bit of state (IS...,
 * IC...), the clear register has GIC_CLEAR.
 */
enum {
	GICD_CTLR = 0x0000, GICD_TYPER = 0x0004,
	GICD_IGROUPR = 0x0080, GICD_ISENABLER = 0x0100, GICD_ISPENDR = 0x0200, GICD_ISACTIVER = 0x0300,
	GIC_CLEAR = 0x0080,
	GICD_IPRIORITYR = 0x0400, GICD_ITARGETSR = 0x0800, GICD_ICFGR = 0x0c00, GICD_ICFGR_END = 0x0d00,
	GICD_IROUTER = 0x6000, GICD_IROUTER_END = 0x8000, GIC_PIDR2 = 0xffe8,   /* the last of a redistributor too */
};
#define GICD_CTLR_ENABLE_GRP1 BIT(1)
#define GICD_CTLR_ARE         BIT(4)
#define GICD_CTLR_DS          BIT(6)            /* one security state */
#define GICD_CTLR_RWP         BIT(31)
#define GICD_TYPER_ITLINES    GENMASK(4, 0)
#define GICD_TYPER_NUM_LPIS   GENMASK(15, 11)   /* 0: as many LPIs as INTIDs allow */
#define GICD_TYPER_LPIS       BIT(17)
#define GICD_TYPER_IDBITS     GENMASK(23, 19)   /* less one */
#define GICD_TYPER_NO1N       BIT(25)           /* no interrupt goes to any of several CPUs */
#define GIC_PIDR2_ARCH        GENMASK(7, 4)

/* Redistributor (12.11): the SGI and PPI registers are in its second frame, laid out as the distributor's. */
enum {
	GICR_CTLR = 0x0000, GICR_TYPER = 0x0008, GICR_WAKER = 0x0014, GICR_PROPBASER = 0x0070, GICR_PENDBASER = 0x0078,
	GICR_SGI_FRAME = 0x10000, GICR_STRIDE = 0x20000,
};
#define GICR_CTLR_ENABLE_LPIS BIT(0)
#define GICR_CTLR_CES         BIT(1)            /* EnableLPIs can be cleared */
#define GICR_CTLR_RWP         BIT(3)
#define GICR_TYPER_PLPIS      BIT(0)
#define GICR_TYPER_VLPIS      BIT(1)            /* two more frames */
#define GICR_TYPER_LAST       BIT(4)
#define GICR_TYPER_NUMBER     GENMASK(23, 8)
#define GICR_TYPER_AFFINITY   GENMASK(63, 32)
#define GICR_WAKER_SLEEP      BIT(1)
#define GICR_WAKER_CHILDREN   BIT(2)
/* GICR_PROPBASER and GICR_PENDBASER: inner shareable, write-back, allocating. */
#define GICR_BASER_SHARE      GENMASK(11, 10)
#define GICR_BASER_CACHE      GENMASK(9, 7)
#define GICR_PROPBASER_IDBITS GENMASK(4, 0)     /* less one */
#define GICR_PENDBASER_PTZ    BIT(62)           /* the table is all zeros; reads 0 */

/* ITS control frame (12.19) */
enum {
	GITS_CTLR = 0x0000, GITS_TYPER = 0x0008,
	GITS_CBASER = 0x0080, GITS_CWRITER = 0x0088, GITS_CREADR = 0x0090,
	GITS_BASER = 0x0100, GITS_BASER_COUNT = 8,
};
#define GITS_CTLR_ENABLED     BIT(0)
#define GITS_CTLR_QUIESCENT   BIT(31)
#define GITS_TYPER_PHYSICAL   BIT(0)
#define GITS_TYPER_ITT_ENTRY  GENMASK(7, 4)     /* bytes, less one; likewise the bits of the next two */
#define GITS_TYPER_IDBITS     GENMASK(12, 8)
#define GITS_TYPER_DEVBITS    GENMASK(17, 13)
#define GITS_TYPER_PTA        BIT(19)           /* redistributors are named by address */
#define GITS_TYPER_CIDBITS    GENMASK(35, 32)   /* less one, if: */
#define GITS_TYPER_CIL        BIT(36)           /* there are fewer than 16 */
/* GITS_BASER and GITS_CBASER */
#define GITS_BASER_VALID      BIT(63)
#define GITS_BASER_INDIRECT   BIT(62)
#define GITS_BASER_CACHE      GENMASK(61, 59)
#define GITS_BASER_TYPE       GENMASK(58, 56)
#define GITS_BASER_ENTRY      GENMASK(52, 48)   /* bytes, less one */
#define GITS_BASER_ADDR       GENMASK(47, 16)   /* of 64 KiB pages; bits 51:48 of the address are 0 here */
#define GITS_CBASER_ADDR      GENMASK(51, 12)
#define GITS_BASER_SHARE      GENMASK(11, 10)
#define GITS_BASER_PAGE_SIZE  GENMASK(9, 8)
#define GITS_BASER_PAGES      GENMASK(7, 0)     /* less one; of CBASER 4 KiB each */
enum { GITS_TABLE_DEVICES = 1, GITS_TABLE_COLLECTIONS = 4, GITS_PAGE_64K = 2, GITS_PAGE_64K_SIZE = 1 << 16 };
enum { GIC_SHARE_INNER = 1, GIC_CACHE_WRITE_BACK = 7 };

/* CPU interface (12.2) */
#define ICC_CTLR_EOIMODE      BIT(1)
#define ICC_SGI1R_AFF3        GENMASK(55, 48)
#define ICC_SGI1R_RS          GENMASK(47, 44)
#define ICC_SGI1R_IRM         BIT(40)           /* all CPUs but this one */
#define ICC_SGI1R_AFF2        GENMASK(39, 32)
#define ICC_SGI1R_INTID       GENMASK(27, 24)
#define ICC_SGI1R_AFF1        GENMASK(23, 16)
#define ICC_SGI1R_TARGETS     GENMASK(15, 0)

#endif
