/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arm GICv3 (IHI 0069H): distributor, this CPU's redistributor and its CPU
 * interface. One security state as seen from non-secure; all our interrupts are
 * group 1. Priority drop and deactivation are apart (EOImode 1), so that a PD
 * deactivates an interrupt that was handed over to it.
 */
#include <mullion/irqchip.h>

#include <arch/sysreg.h>
#include <mullion/bits.h>
#include <mullion/log.h>
#include <mullion/mmio.h>
#include <mullion/verdict.h>

/* Distributor (IHI 0069H, 12.9) */
enum {
	GICD_CTLR = 0x0000,
	GICD_TYPER = 0x0004,
	GICD_IGROUPR = 0x0080,
	GICD_ISENABLER = 0x0100,
	GICD_ICENABLER = 0x0180,
	GICD_ICPENDR = 0x0280,
	GICD_ICACTIVER = 0x0380,
	GICD_IPRIORITYR = 0x0400,
	GICD_ICFGR = 0x0c00,
	GICD_IROUTER = 0x6000,
};
#define GICD_CTLR_ENABLE_GRP1 BIT(1)
#define GICD_CTLR_ARE         BIT(4)
#define GICD_CTLR_RWP         BIT(31)
#define GICD_TYPER_ITLINES    GENMASK(4, 0)

/* Redistributor (12.11): the SGI and PPI registers are in its second frame, laid out as the distributor's. */
enum {
	GICR_TYPER = 0x0008,
	GICR_WAKER = 0x0014,
	GICR_SGI_FRAME = 0x10000,
	GICR_STRIDE = 0x20000,
};
#define GICR_CTLR_RWP         BIT(3)            /* of the frame's first register */
#define GICR_TYPER_LAST       BIT(4)
#define GICR_TYPER_AFFINITY   GENMASK(63, 32)
#define GICR_WAKER_SLEEP      BIT(1)
#define GICR_WAKER_CHILDREN   BIT(2)

#define ICC_CTLR_EOIMODE      BIT(1)

enum {
	GIC_FIRST_SPI = 32,
	GIC_PRIORITY = 0xa0,
	GIC_POLL_LIMIT = 1000000,
};

static paddr_t gicd(uint32_t reg) { return paddr_add(table.irqchip.distributor, reg); }

static void gic_wait(paddr_t reg, uint64_t mask, const char *name)
{
	for (int i = 0; i < GIC_POLL_LIMIT; i++)
		if (!(mmio_read32(reg) & mask))
			return;
	panic("gic: %s is 0x%x, expected 0 in 0x%lx", name, mmio_read32(reg), mask);
}

/* The redistributor of `cpu`; 0 if no frame up to the last has its affinity. */
static paddr_t gicr_find(const struct table_cpu *cpu)
{
	uint64_t affinity = (cpu->hw_id >> 32 & 0xff) << 24 | (cpu->hw_id & 0xffffff);

	for (uint64_t at = 0; at + GICR_STRIDE <= table.irqchip.redistributors_size; at += GICR_STRIDE) {
		paddr_t frame = paddr_add(table.irqchip.redistributors, at);
		uint64_t typer = mmio_read64(paddr_add(frame, GICR_TYPER));

		if (FIELD_GET(GICR_TYPER_AFFINITY, typer) == affinity)
			return frame;
		if (typer & GICR_TYPER_LAST)
			break;
	}
	return paddr(0);
}

static uint32_t gic_spi_end(void)
{
	return 32 * ((uint32_t)FIELD_GET(GICD_TYPER_ITLINES, mmio_read32(gicd(GICD_TYPER))) + 1);
}

void irqchip_compare(void)
{
	for (uint32_t i = 1; i < table.cpu_count; i++)
		verdict_holds("gic.redistributor", table.pds[table.cpus[i].pd].label, gicr_find(&table.cpus[i]).pa);
	verdict_least("gic.interrupts", "event", gic_spi_end(), table.iommu.event_intid + 1);
	verdict_least("gic.interrupts", "error", gic_spi_end(), table.iommu.error_intid + 1);
}

/* Group 1, one priority, disabled, neither pending nor active: `count` interrupts from the frame's first on. */
static void gic_reset_lines(paddr_t frame, uint32_t first, uint32_t end)
{
	for (uint32_t i = first; i < end; i += 32) {
		mmio_write32(paddr_add(frame, GICD_ICENABLER + i / 8), UINT32_MAX);
		mmio_write32(paddr_add(frame, GICD_ICPENDR + i / 8), UINT32_MAX);
		mmio_write32(paddr_add(frame, GICD_ICACTIVER + i / 8), UINT32_MAX);
		mmio_write32(paddr_add(frame, GICD_IGROUPR + i / 8), UINT32_MAX);
	}
	for (uint32_t i = first; i < end; i += 4)
		mmio_write32(paddr_add(frame, GICD_IPRIORITYR + i), GIC_PRIORITY * 0x01010101u);
}

static void gic_set_control(uint32_t value)
{
	mmio_write32(gicd(GICD_CTLR), value);
	gic_wait(gicd(GICD_CTLR), GICD_CTLR_RWP, "GICD_CTLR");
}

static void gic_init_distributor(void)
{
	/* ARE may change with all groups off only, and from 0 to 1 only (12.9.4). */
	gic_set_control(mmio_read32(gicd(GICD_CTLR)) & (uint32_t)GICD_CTLR_ARE);
	gic_set_control((uint32_t)GICD_CTLR_ARE);
	gic_reset_lines(table.irqchip.distributor, GIC_FIRST_SPI, gic_spi_end());
	gic_set_control((uint32_t)(GICD_CTLR_ARE | GICD_CTLR_ENABLE_GRP1));
}

static void gic_init_redistributor(paddr_t frame)
{
	paddr_t waker = paddr_add(frame, GICR_WAKER);

	mmio_write32(waker, mmio_read32(waker) & ~(uint32_t)GICR_WAKER_SLEEP);
	gic_wait(waker, GICR_WAKER_CHILDREN, "GICR_WAKER");
	gic_reset_lines(paddr_add(frame, GICR_SGI_FRAME), 0, GIC_FIRST_SPI);
	gic_wait(frame, GICR_CTLR_RWP, "GICR_CTLR");    /* they are off before anything is enabled */
}

void irqchip_init(const struct table_cpu *cpu)
{
	gic_init_distributor();
	gic_init_redistributor(gicr_find(cpu));

	sysreg_write(ICC_SRE_EL1, 7);           /* ICC_SRE_EL2 let us: arch_cpu_init() */
	arch_isb();
	sysreg_write(ICC_IGRPEN0_EL1, 0);
	sysreg_write(ICC_AP0R0_EL1, 0);         /* no priority is active: firmware may have left one */
	sysreg_write(ICC_AP1R0_EL1, 0);
	sysreg_write(ICC_BPR1_EL1, 0);
	sysreg_write(ICC_PMR_EL1, 0xff);
	sysreg_write(ICC_CTLR_EL1, ICC_CTLR_EOIMODE);
	sysreg_write(ICC_IGRPEN1_EL1, 1);
	arch_isb();
}

/* SPIs: edge-triggered, as the SMMU's pulses are (ICFGR bit 1 of 2). */
void irqchip_enable(uint32_t intid, const struct table_cpu *cpu)
{
	paddr_t frame = table.irqchip.distributor;

	if (intid >= GIC_FIRST_SPI) {
		paddr_t config = gicd(GICD_ICFGR + intid / 16 * 4);

		mmio_write64(gicd(GICD_IROUTER + intid * 8), cpu->hw_id);
		mmio_write32(config, mmio_read32(config) | 2u << intid % 16 * 2);
	} else {
		frame = paddr_add(gicr_find(cpu), GICR_SGI_FRAME);
	}
	mmio_write32(paddr_add(frame, GICD_ISENABLER + intid / 32 * 4), 1u << intid % 32);
}

uint32_t irqchip_ack(void)
{
	uint32_t intid = (uint32_t)sysreg_read(ICC_IAR1_EL1) & 0xffffff;

	/* 1020 to 1023 are special (2.2.1): nothing for us. */
	return intid >= 1020 && intid <= IRQ_NONE ? IRQ_NONE : intid;
}

void irqchip_hand_over(uint32_t intid)
{
	sysreg_write(ICC_EOIR1_EL1, intid);
	arch_isb();
}

void irqchip_end(uint32_t intid)
{
	irqchip_hand_over(intid);
	sysreg_write(ICC_DIR_EL1, intid);
	arch_isb();
}
