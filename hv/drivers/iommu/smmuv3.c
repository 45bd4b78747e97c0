/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arm SMMUv3 (IHI 0070): deny, compare, enable. Stage 2 only, a two-level
 * stream table and translation tables that ptc made. Assumes coherent table
 * walks (IDR0.COHACC), which iommu_compare() requires.
 */
#include <mullion/iommu.h>

#include <mullion/arch.h>
#include <mullion/log.h>
#include <mullion/memory.h>
#include <mullion/mmio.h>
#include <mullion/section.h>
#include <mullion/verdict.h>

#include "smmuv3.h"
#include "smmuv3_ste.h"

/* Reads of a register that hardware updates: at 10 ns and more a read, at least 10 ms. */
enum { SMMU_POLL_LIMIT = 1000000 };

enum { CMDQ_LOG2SIZE = 4, CMD_WORDS = 2 };

static BOOT_DATA __attribute__((aligned(4096))) uint64_t cmdq[1 << CMDQ_LOG2SIZE][CMD_WORDS];
EVENT_QUEUE __attribute__((aligned(4096))) uint64_t smmu_eventq[1 << SMMU_EVENTQ_LOG2SIZE][SMMU_EVENT_WORDS];

uint32_t smmu_read(enum smmu_reg32 reg) { return mmio_read32(paddr_add(table.iommu.base, reg)); }
void smmu_write(enum smmu_reg32 reg, uint64_t value)
{
	mmio_write32(paddr_add(table.iommu.base, reg), (uint32_t)value);
}

static uint64_t smmu_read64(enum smmu_reg64 reg) { return mmio_read64(paddr_add(table.iommu.base, reg)); }
static void smmu_write64(enum smmu_reg64 reg, uint64_t value) { mmio_write64(paddr_add(table.iommu.base, reg), value); }

/* True once (register & mask) == value. */
static bool smmu_wait(enum smmu_reg32 reg, uint64_t mask, uint64_t value)
{
	for (int i = 0; i < SMMU_POLL_LIMIT; i++)
		if ((smmu_read(reg) & mask) == value)
			return true;
	return false;
}

static void smmu_wait_or_panic(enum smmu_reg32 reg, const char *name, uint64_t mask, uint64_t value)
{
	if (!smmu_wait(reg, mask, value))
		panic("smmu: %s is 0x%x, expected 0x%lx in 0x%lx", name, smmu_read(reg), value, mask);
}

/*
 * Sets GBPA.ABORT before SMMUEN is cleared, so that there is no moment in which
 * a transaction bypasses (3.11, 6.3.14). UPDATE must be 0 before and after.
 */
enum iommu_denial iommu_deny(void)
{
	uint32_t idr0;

	if (!arch_probe_read32(paddr_add(table.iommu.base, SMMU_IDR0), &idr0))
		return IOMMU_ABSENT;
	if (!smmu_wait(SMMU_GBPA, SMMU_GBPA_UPDATE, 0))
		return IOMMU_STUCK;
	smmu_write(SMMU_GBPA, SMMU_GBPA_UPDATE | SMMU_GBPA_ABORT);
	if (!smmu_wait(SMMU_GBPA, SMMU_GBPA_UPDATE | SMMU_GBPA_ABORT, SMMU_GBPA_ABORT))
		return IOMMU_STUCK;

	smmu_write(SMMU_IRQ_CTRL, 0);
	smmu_write(SMMU_CR0, 0);
	if (!smmu_wait(SMMU_CR0ACK, ~UINT64_C(0), 0) || !smmu_wait(SMMU_IRQ_CTRLACK, ~UINT64_C(0), 0))
		return IOMMU_STUCK;
	return IOMMU_DENIES;
}

void iommu_compare(void)
{
	uint32_t idr0 = smmu_read(SMMU_IDR0);
	uint32_t idr1 = smmu_read(SMMU_IDR1);
	uint32_t idr5 = smmu_read(SMMU_IDR5);

	verdict_equal("smmu.idr0.s2p", "", FIELD_GET(SMMU_IDR0_S2P, idr0), 1);
	verdict_holds("smmu.idr0.ttf has aarch64", "", FIELD_GET(SMMU_IDR0_TTF, idr0) & 2);
	verdict_equal("smmu.idr0.cohacc", "", FIELD_GET(SMMU_IDR0_COHACC, idr0), 1);
	verdict_holds("smmu.idr0.ttendian little", "", !(FIELD_GET(SMMU_IDR0_TTENDIAN, idr0) & 1));
	verdict_equal("smmu.idr0.st-level", "", FIELD_GET(SMMU_IDR0_ST_LEVEL, idr0), 1);
	verdict_equal("smmu.idr1.preset", "", FIELD_GET(SMMU_IDR1_PRESET, idr1), 0);
	verdict_least("smmu.idr1.sidsize", "", FIELD_GET(SMMU_IDR1_SIDSIZE, idr1), table.iommu.id_bits);
	verdict_least("smmu.idr1.cmdqs", "", FIELD_GET(SMMU_IDR1_CMDQS, idr1), CMDQ_LOG2SIZE);
	verdict_least("smmu.idr1.eventqs", "", FIELD_GET(SMMU_IDR1_EVENTQS, idr1), SMMU_EVENTQ_LOG2SIZE);
	verdict_equal("smmu.idr5.gran4k", "", FIELD_GET(SMMU_IDR5_GRAN4K, idr5), 1);
	verdict_least("smmu.idr5.oas", "", vmsa_ps_bits((unsigned)FIELD_GET(SMMU_IDR5_OAS, idr5)),
		      table.iommu.pa_bits);
}

static void smmu_set_cr0(uint64_t value)
{
	smmu_write(SMMU_CR0, value);
	smmu_wait_or_panic(SMMU_CR0ACK, "CR0ACK", ~UINT64_C(0), value);
}

/* Queues CFGI and TLBI for everything and waits for the SYNC (4.7.3): no stale entry survives from firmware. */
static void smmu_invalidate_all(uint32_t idr0)
{
	const uint64_t commands[][CMD_WORDS] = {
		{ SMMU_CMD_CFGI_ALL, SMMU_CFGI_ALL_RANGE },
		/* An SMMU without EL2 translations knows no command for them. */
		{ idr0 & SMMU_IDR0_HYP ? SMMU_CMD_TLBI_EL2_ALL : SMMU_CMD_TLBI_NSNH_ALL, 0 },
		{ SMMU_CMD_TLBI_NSNH_ALL, 0 }, { SMMU_CMD_SYNC, 0 },
	};

	memcpy(cmdq, commands, sizeof(commands));
	mmio_publish_memory();          /* commands are in memory before PROD says so (3.5.2) */
	smmu_write(SMMU_CMDQ_PROD, ARRAY_SIZE(commands));
	smmu_wait_or_panic(SMMU_CMDQ_CONS, "CMDQ_CONS", ~UINT64_C(0), ARRAY_SIZE(commands));
}

static uint64_t smmu_queue_base(const void *queue, unsigned log2size)
{
	return SMMU_BASE_RA | ((uintptr_t)queue & SMMU_BASE_ADDR) | FIELD_PREP(SMMU_BASE_LOG2SIZE, log2size);
}

static const uint64_t smmu_cr1 =
	FIELD_PREP(SMMU_CR1_QUEUE, SMMU_CR1_SHARED) | FIELD_PREP(SMMU_CR1_TABLE, SMMU_CR1_SHARED);
static const uint64_t smmu_irq_ctrl = SMMU_IRQ_CTRL_EVENTQ | SMMU_IRQ_CTRL_GERROR;

/*
 * No invalidation by broadcast, where there could be one; and no record of
 * unknown streams (RECINVSID = 0): what nobody declared cannot fill the queue.
 */
static uint64_t smmu_cr2(uint32_t idr0) { return idr0 & SMMU_IDR0_BTM ? SMMU_CR2_PTM : 0; }

static uint64_t smmu_strtab(void) { return SMMU_BASE_RA | table.iommu.device_root.pa; }

static uint64_t smmu_strtab_cfg(void)
{
	return FIELD_PREP(SMMU_STRTAB_CFG_FMT, SMMU_STRTAB_CFG_2LEVEL) |
	       FIELD_PREP(SMMU_STRTAB_CFG_SPLIT, SMMU_STREAM_SPLIT) |
	       FIELD_PREP(SMMU_STRTAB_CFG_LOG2SIZE, table.iommu.id_bits);
}

static uint64_t smmu_eventq_base(void) { return smmu_queue_base(smmu_eventq, SMMU_EVENTQ_LOG2SIZE); }

static void smmu_enable_events(uint32_t idr0)
{
	smmu_write64(SMMU_EVENTQ_BASE, smmu_eventq_base());
	smmu_write(SMMU_EVENTQ_PROD, 0);
	smmu_write(SMMU_EVENTQ_CONS, 0);
	/* Wired interrupts: an MSI address of 0 sends none (6.3.20); without MSIs the registers are RES0. */
	if (idr0 & SMMU_IDR0_MSI) {
		smmu_write64(SMMU_GERROR_IRQ_CFG0, 0);
		smmu_write64(SMMU_EVENTQ_IRQ_CFG0, 0);
	}
	smmu_write(SMMU_GERRORN, smmu_read(SMMU_GERROR));
	smmu_write(SMMU_IRQ_CTRL, smmu_irq_ctrl);
	smmu_wait_or_panic(SMMU_IRQ_CTRLACK, "IRQ_CTRLACK", smmu_irq_ctrl, smmu_irq_ctrl);
}

static void smmu_read_back(uint32_t idr0, uint64_t cr0)
{
	verdict_equal("smmu.read-back", "CR0", smmu_read(SMMU_CR0), cr0);
	verdict_equal("smmu.read-back", "CR1", smmu_read(SMMU_CR1), smmu_cr1);
	verdict_equal("smmu.read-back", "CR2", smmu_read(SMMU_CR2), smmu_cr2(idr0));
	verdict_equal("smmu.read-back", "GBPA", smmu_read(SMMU_GBPA), SMMU_GBPA_ABORT);
	verdict_equal("smmu.read-back", "IRQ_CTRL", smmu_read(SMMU_IRQ_CTRL), smmu_irq_ctrl);
	verdict_equal("smmu.read-back", "STRTAB_BASE", smmu_read64(SMMU_STRTAB_BASE), smmu_strtab());
	verdict_equal("smmu.read-back", "STRTAB_BASE_CFG", smmu_read(SMMU_STRTAB_BASE_CFG), smmu_strtab_cfg());
	verdict_equal("smmu.read-back", "EVENTQ_BASE", smmu_read64(SMMU_EVENTQ_BASE), smmu_eventq_base());
}

/* The order of 3.11: attributes, tables, command queue, invalidate, event queue, interrupts, enable. */
void iommu_enable(void)
{
	uint32_t idr0 = smmu_read(SMMU_IDR0);
	/* With ATS a device could claim its requests translated: check them too (6.3.9.2). */
	uint64_t cr0 = idr0 & SMMU_IDR0_ATS ? SMMU_CR0_ATSCHK : 0;

	smmu_write(SMMU_CR1, smmu_cr1);
	smmu_write(SMMU_CR2, smmu_cr2(idr0));
	smmu_write64(SMMU_STRTAB_BASE, smmu_strtab());
	smmu_write(SMMU_STRTAB_BASE_CFG, smmu_strtab_cfg());

	smmu_write64(SMMU_CMDQ_BASE, smmu_queue_base(cmdq, CMDQ_LOG2SIZE));
	smmu_write(SMMU_CMDQ_PROD, 0);
	smmu_write(SMMU_CMDQ_CONS, 0);
	smmu_set_cr0(cr0 | SMMU_CR0_CMDQEN);
	smmu_invalidate_all(idr0);

	smmu_enable_events(idr0);
	smmu_set_cr0(cr0 | SMMU_CR0_CMDQEN | SMMU_CR0_EVENTQEN);
	smmu_set_cr0(cr0 | SMMU_CR0_CMDQEN | SMMU_CR0_EVENTQEN | SMMU_CR0_SMMUEN);
	/* Nothing is ever invalidated again, so nobody needs the command queue. */
	cr0 |= SMMU_CR0_EVENTQEN | SMMU_CR0_SMMUEN;
	smmu_set_cr0(cr0);
	smmu_read_back(idr0, cr0);
}

uint64_t smmu_live_stream_table(void) { return smmu_read64(SMMU_STRTAB_BASE) & SMMU_BASE_ADDR; }
