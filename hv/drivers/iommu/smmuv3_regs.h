/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arm SMMUv3 registers (IHI 0070, chapter 6), those that we use, in the order
 * of the manual with their fields. R: read, W: write.
 */
#ifndef SMMUV3_REGS_H
#define SMMUV3_REGS_H

#include <mullion/bits.h>

enum smmu_reg32 {
	SMMU_IDR0 = 0x000,              /* R  */
	SMMU_IDR1 = 0x004,              /* R  */
	SMMU_IDR5 = 0x014,              /* R  */
	SMMU_CR0 = 0x020,               /* RW */
	SMMU_CR0ACK = 0x024,            /* R  */
	SMMU_CR1 = 0x028,               /* RW */
	SMMU_CR2 = 0x02c,               /* RW */
	SMMU_GBPA = 0x044,              /* RW */
	SMMU_IRQ_CTRL = 0x050,          /* RW */
	SMMU_IRQ_CTRLACK = 0x054,       /* R  */
	SMMU_GERROR = 0x060,            /* R  */
	SMMU_GERRORN = 0x064,           /* RW */
	SMMU_STRTAB_BASE_CFG = 0x088,   /* RW */
	SMMU_CMDQ_PROD = 0x098,         /* RW */
	SMMU_CMDQ_CONS = 0x09c,         /* RW */
	SMMU_EVENTQ_PROD = 0x100a8,     /* RW, page 1 */
	SMMU_EVENTQ_CONS = 0x100ac,     /* RW, page 1 */
};

enum smmu_reg64 {
	SMMU_GERROR_IRQ_CFG0 = 0x068,   /* RW */
	SMMU_STRTAB_BASE = 0x080,       /* RW */
	SMMU_CMDQ_BASE = 0x090,         /* RW */
	SMMU_EVENTQ_BASE = 0x0a0,       /* RW */
	SMMU_EVENTQ_IRQ_CFG0 = 0x0b0,   /* RW */
};

#define SMMU_IDR0_S2P       BIT(0)
#define SMMU_IDR0_TTF       GENMASK(3, 2)       /* bit 1 of it: AArch64 */
#define SMMU_IDR0_COHACC    BIT(4)
#define SMMU_IDR0_BTM       BIT(5)
#define SMMU_IDR0_HYP       BIT(9)
#define SMMU_IDR0_ATS       BIT(10)
#define SMMU_IDR0_MSI       BIT(13)
#define SMMU_IDR0_TTENDIAN  GENMASK(22, 21)     /* 0 mixed, 1 reserved, 2 little, 3 big */
#define SMMU_IDR0_ST_LEVEL  GENMASK(28, 27)     /* 1: two-level */

#define SMMU_IDR1_SIDSIZE   GENMASK(5, 0)
#define SMMU_IDR1_EVENTQS   GENMASK(20, 16)
#define SMMU_IDR1_CMDQS     GENMASK(25, 21)
#define SMMU_IDR1_PRESET    GENMASK(30, 29)     /* queues, tables: at fixed addresses */

#define SMMU_IDR5_OAS       GENMASK(2, 0)
#define SMMU_IDR5_GRAN4K    BIT(4)

#define SMMU_CR0_SMMUEN     BIT(0)
#define SMMU_CR0_EVENTQEN   BIT(2)
#define SMMU_CR0_CMDQEN     BIT(3)
#define SMMU_CR0_ATSCHK     BIT(4)

#define SMMU_CR1_QUEUE      GENMASK(5, 0)       /* how queues are accessed */
#define SMMU_CR1_TABLE      GENMASK(11, 6)      /* likewise the stream table */
enum { SMMU_CR1_SHARED = 3 << 4 | 1 << 2 | 1 }; /* inner shareable; write-back, outer and inner */

#define SMMU_CR2_PTM        BIT(2)

#define SMMU_GBPA_ABORT     BIT(20)
#define SMMU_GBPA_UPDATE    BIT(31)

#define SMMU_IRQ_CTRL_GERROR BIT(0)
#define SMMU_IRQ_CTRL_EVENTQ BIT(2)

#define SMMU_GERROR_ALL     (BIT(0) | GENMASK(9, 2))
#define SMMU_GERROR_EVENTQ_ABT BIT(2)

#define SMMU_BASE_RA        BIT(62)             /* read-allocate hint; write-allocate for the event queue */
#define SMMU_BASE_ADDR      GENMASK(51, 5)
#define SMMU_BASE_LOG2SIZE  GENMASK(4, 0)       /* queues: log2 of the entries */

#define SMMU_STRTAB_CFG_LOG2SIZE GENMASK(5, 0)
#define SMMU_STRTAB_CFG_SPLIT    GENMASK(10, 6)
#define SMMU_STRTAB_CFG_FMT      GENMASK(17, 16)
enum { SMMU_STRTAB_CFG_2LEVEL = 1 };

#define SMMU_EVENTQ_OVFLG   BIT(31)

/* Commands (chapter 4): word 0 of two */
enum { SMMU_CMD_CFGI_ALL = 0x04, SMMU_CMD_TLBI_EL2_ALL = 0x20, SMMU_CMD_TLBI_NSNH_ALL = 0x30, SMMU_CMD_SYNC = 0x46 };
#define SMMU_CFGI_ALL_RANGE    GENMASK(4, 0)    /* of word 1; 31: all */

#endif
