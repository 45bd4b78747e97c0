/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arm GICv3 (IHI 0069H): distributor, redistributors and this CPU's interface.
 * One security state as seen from non-secure; all our interrupts are group 1.
 * Priority drop and deactivation are apart (EOImode 1), so that a PD deactivates
 * an interrupt that was handed over to it. LPIs have no active state (4.8.3).
 * Accesses of the comparison may fault: the machine may have another controller.
 */
#include "gicv3.h"

#include <arch/sysreg.h>
#include <mullion/arch.h>
#include <mullion/gicv3_regs.h>
#include <mullion/log.h>
#include <mullion/mmio.h>
#include <mullion/verdict.h>

enum {
	GIC_FIRST_SPI = 32,
	GIC_TARGETS = 16,               /* in an ICC_SGI1R, by affinity 0: without the range selector */
	GIC_PRIORITY = 0xa0,
	GIC_PRIORITY_REQUEST = 0x80,    /* between equals the order is the implementation's: a PD's flood goes last */
};

static paddr_t gicd(uint32_t reg) { return paddr_add(table.irqchip.distributor, reg); }

void gic_wait(paddr_t reg, uint64_t mask, uint64_t expected, const char *name)
{
	for (int i = 0; i < GIC_POLL_LIMIT; i++)
		if ((mmio_read32(reg) & mask) == expected)
			return;
	panic("gic: %s is 0x%x, expected 0x%lx in 0x%lx", name, mmio_read32(reg), expected, mask);
}

/* The frame at `*at`, which moves on to the next one; false behind the last, and where nothing answers. */
static bool gicr_next(uint64_t *at, paddr_t *frame, uint64_t *typer)
{
	*frame = paddr_add(table.irqchip.redistributors, *at);
	if (!range_within(*at, GICR_STRIDE, 0, table.irqchip.redistributors_size) ||
	    !arch_probe_read64(paddr_add(*frame, GICR_TYPER), typer))
		return false;
	*at += *typer & GICR_TYPER_VLPIS ? 2 * GICR_STRIDE : GICR_STRIDE;
	if (*typer & GICR_TYPER_LAST)
		*at = UINT64_MAX;
	return true;
}

paddr_t gicr_find(const struct table_cpu *cpu)
{
	/* MPIDR's, without the gap. */
	uint64_t affinity = FIELD_GET(GENMASK(39, 32), cpu->hw_id) << 24 | FIELD_GET(GENMASK(23, 0), cpu->hw_id), typer;
	paddr_t frame;

	for (uint64_t at = 0; gicr_next(&at, &frame, &typer);)
		if (FIELD_GET(GICR_TYPER_AFFINITY, typer) == affinity && (affinity & 0xff) < GIC_TARGETS)
			return frame;
	return paddr(0);
}

static uint32_t gic_spi_end(uint32_t typer) { return 32 * ((uint32_t)FIELD_GET(GICD_TYPER_ITLINES, typer) + 1); }

static void gic_compare_cpu(const struct table_cpu *cpu)
{
	paddr_t frame = gicr_find(cpu);
	uint64_t typer;

	verdict_holds("gic.redistributor", cpu->name, frame.pa);
	if (!frame.pa)
		return;
	typer = mmio_read64(paddr_add(frame, GICR_TYPER));
	/* Else the redistributor goes on writing a table of firmware's, wherever that is (12.11.2). */
	verdict_holds("gic.lpis-go-off", cpu->name,
		      (mmio_read32(paddr_add(frame, GICR_CTLR)) & (GICR_CTLR_ENABLE_LPIS | GICR_CTLR_CES)) !=
			      GICR_CTLR_ENABLE_LPIS);
	if (!cpu->lpi_pending.pa)
		return;
	verdict_holds("gic.lpis", cpu->name, typer & GICR_TYPER_PLPIS);
	verdict_equal("gic.processor-number", cpu->name, FIELD_GET(GICR_TYPER_NUMBER, typer), cpu->its_target);
}

void irqchip_compare(void)
{
	uint32_t id = 0, typer = 0;

	(void)arch_probe_read32(gicd(GIC_PIDR2), &id);  /* no answer is version 0 */
	(void)arch_probe_read32(gicd(GICD_TYPER), &typer);
	verdict_least("gic.version", "", FIELD_GET(GIC_PIDR2_ARCH, id), 3);
	verdict_least("gic.interrupts", "", gic_spi_end(typer), table.irqchip.intid_end);
	for (uint32_t i = 1; i < table.cpu_count; i++)
		gic_compare_cpu(&table.cpus[i]);
	if (table.irqchip.its.pa)
		its_compare(typer);
}

/* Group 1, one priority, disabled, neither pending nor active: interrupts `first` to `end`, less one. */
static void gic_reset_lines(paddr_t frame, uint32_t first, uint32_t end)
{
	for (uint32_t i = first; i < end; i += 32) {
		mmio_write32(paddr_add(frame, (GICD_ISENABLER | GIC_CLEAR) + i / 8), UINT32_MAX);
		mmio_write32(paddr_add(frame, (GICD_ISPENDR | GIC_CLEAR) + i / 8), UINT32_MAX);
		mmio_write32(paddr_add(frame, (GICD_ISACTIVER | GIC_CLEAR) + i / 8), UINT32_MAX);
		mmio_write32(paddr_add(frame, GICD_IGROUPR + i / 8), UINT32_MAX);
	}
	for (uint32_t i = first; i < end; i += 4)
		mmio_write32(paddr_add(frame, GICD_IPRIORITYR + i), GIC_PRIORITY * 0x01010101u);
}

static void gic_set_control(uint64_t value)
{
	mmio_write32(gicd(GICD_CTLR), (uint32_t)value);
	gic_wait(gicd(GICD_CTLR), GICD_CTLR_RWP, 0, "GICD_CTLR");
}

/* Of every CPU, used or not. */
static void gic_lpis_off(void)
{
	paddr_t frame;
	uint64_t typer;

	for (uint64_t at = 0; gicr_next(&at, &frame, &typer);) {
		if (!(mmio_read32(paddr_add(frame, GICR_CTLR)) & GICR_CTLR_ENABLE_LPIS))
			continue;
		mmio_write32(paddr_add(frame, GICR_CTLR), 0);
		gic_wait(paddr_add(frame, GICR_CTLR), GICR_CTLR_RWP | GICR_CTLR_ENABLE_LPIS, 0, "GICR_CTLR");
	}
}

void irqchip_init(void)
{
	/* ARE may change with all groups off only, and from 0 to 1 only (12.9.4). */
	gic_set_control(mmio_read32(gicd(GICD_CTLR)) & GICD_CTLR_ARE);
	gic_set_control(GICD_CTLR_ARE);
	gic_reset_lines(table.irqchip.distributor, GIC_FIRST_SPI, gic_spi_end(mmio_read32(gicd(GICD_TYPER))));
	gic_lpis_off();
	if (table.irqchip.its.pa)
		its_init();
	gic_set_control(GICD_CTLR_ARE | GICD_CTLR_ENABLE_GRP1);
}

/* irqchip_init_msis() reads back what this writes. */
static void gicr_init_lpis(paddr_t frame, const struct table_cpu *cpu)
{
	const uint64_t memory = FIELD_PREP(GICR_BASER_SHARE, GIC_SHARE_INNER) |
				FIELD_PREP(GICR_BASER_CACHE, GIC_CACHE_WRITE_BACK);

	mmio_write64(paddr_add(frame, GICR_PROPBASER), table.irqchip.lpi_config.pa | memory |
		     FIELD_PREP(GICR_PROPBASER_IDBITS, table.irqchip.lpi_id_bits - 1));
	mmio_write64(paddr_add(frame, GICR_PENDBASER), cpu->lpi_pending.pa | memory | GICR_PENDBASER_PTZ);
	mmio_write32(paddr_add(frame, GICR_CTLR), (uint32_t)GICR_CTLR_ENABLE_LPIS);
}

static void gicr_init(paddr_t frame)
{
	paddr_t waker = paddr_add(frame, GICR_WAKER);

	mmio_write32(waker, mmio_read32(waker) & ~(uint32_t)GICR_WAKER_SLEEP);
	gic_wait(waker, GICR_WAKER_CHILDREN, 0, "GICR_WAKER");
	gic_reset_lines(paddr_add(frame, GICR_SGI_FRAME), 0, GIC_FIRST_SPI);
	/* Of the SGIs, only this one is ever enabled. The timer is a PD's watchdog: no flood may keep it off. */
	mmio_write32(paddr_add(frame, GICR_SGI_FRAME + GICD_IPRIORITYR + IRQ_REQUEST / 4 * 4),
		     GIC_PRIORITY_REQUEST * 0x01010101u);
	mmio_write8(paddr_add(frame, GICR_SGI_FRAME + GICD_IPRIORITYR + table.hyp_timer_intid), GIC_PRIORITY_REQUEST);
	gic_wait(paddr_add(frame, GICR_CTLR), GICR_CTLR_RWP, 0, "GICR_CTLR");   /* off before anything is enabled */
}

static void gic_init_interface(void)
{
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

void irqchip_init_cpu(const struct table_cpu *cpu)
{
	paddr_t frame = gicr_find(cpu);
	uint64_t enabled = BIT(IRQ_REQUEST);

	if (cpu->pd)
		enabled |= BIT(table.irqchip.maintenance_intid) | BIT(table.timer_intid);
	if (cpu == &table.cpus[table.housekeeping] || table.pds[cpu->pd].has_watchdog)
		enabled |= BIT(table.hyp_timer_intid);
	gicr_init(frame);
	if (cpu->lpi_pending.pa)
		gicr_init_lpis(frame, cpu);
	mmio_write32(paddr_add(frame, GICR_SGI_FRAME + GICD_ISENABLER), (uint32_t)enabled);
	gic_init_interface();
}

void irqchip_enable(uint32_t intid, bool level, const struct table_cpu *cpu)
{
	paddr_t config = gicd(GICD_ICFGR + intid / 16 * 4);
	uint32_t edge = 2u << intid % 16 * 2;

	mmio_write64(gicd(GICD_IROUTER + intid * 8), cpu->hw_id);
	mmio_write32(config, level ? mmio_read32(config) & ~edge : mmio_read32(config) | edge);
	mmio_write32(gicd(GICD_ISENABLER + intid / 32 * 4), 1u << intid % 32);
}

void irqchip_enable_table(void)
{
	for (const struct table_pd *pd = table.pds; pd < table.pds + table.pd_count; pd++)
		for (const struct table_spi *spi = pd->spis; spi < pd->spis + pd->spi_count; spi++)
			if (spi->kind == SPI_EDGE || spi->kind == SPI_LEVEL)
				irqchip_enable(spi->intid, spi->kind == SPI_LEVEL, &table.cpus[pd->cpus[0]]);
}

uint32_t irqchip_ack(void)
{
	uint32_t intid = (uint32_t)sysreg_read(ICC_IAR1_EL1) & 0xffffff;

	if (intid == IRQ_REQUEST)
		mmio_observe_memory();          /* what the sender wrote before */
	/* 1020 to 1023 are special (2.2.1): nothing for us. */
	return intid >= 1020 && intid <= IRQ_NONE ? IRQ_NONE : intid;
}

void irqchip_hand_over(uint32_t intid)
{
	sysreg_write(ICC_EOIR1_EL1, intid);
	arch_isb();
}

void irqchip_deactivate(uint32_t intid)
{
	sysreg_write(ICC_DIR_EL1, intid);
	arch_isb();
}

void irqchip_end(uint32_t intid)
{
	irqchip_hand_over(intid);
	if (intid < IRQ_FIRST_LPI)
		irqchip_deactivate(intid);
}

/* An SGI is no memory access: what it is about is there by arch_barrier(). */
void irqchip_request(const struct table_cpu *cpu)
{
	sysreg_write(ICC_SGI1R_EL1, FIELD_PREP(ICC_SGI1R_AFF3, FIELD_GET(GENMASK(39, 32), cpu->hw_id)) |
				    FIELD_PREP(ICC_SGI1R_AFF2, FIELD_GET(GENMASK(23, 16), cpu->hw_id)) |
				    FIELD_PREP(ICC_SGI1R_AFF1, FIELD_GET(GENMASK(15, 8), cpu->hw_id)) |
				    FIELD_PREP(ICC_SGI1R_TARGETS, BIT(cpu->hw_id % GIC_TARGETS)) |
				    FIELD_PREP(ICC_SGI1R_INTID, IRQ_REQUEST));
	arch_isb();
}
