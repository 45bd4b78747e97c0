/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ITS of a GICv3 (IHI 0069H, chapter 5): a device's write to its doorbell,
 * with the requester it comes from, becomes an LPI. ptc made all commands; they
 * run once, before the seal. Afterwards no CPU has the ITS or a redistributor
 * in its map, so nothing is ever mapped, invalidated or raised by command: the
 * configuration of LPIs is constant, every one is enabled for ever, and a PD
 * masks its virtual interrupt instead. The command queue stays on and empty;
 * GITS_CWRITER is what could move it.
 */
#include "gicv3.h"

#include <mullion/arch.h>
#include <mullion/cache.h>
#include <mullion/gicv3_regs.h>
#include <mullion/mmio.h>
#include <mullion/verdict.h>

static paddr_t gits(uint32_t reg) { return paddr_add(table.irqchip.its, reg); }

/* GITS_BASER of the table of this type; 0 if the ITS has none. */
static paddr_t its_baser(uint64_t type)
{
	for (uint32_t i = 0; i < GITS_BASER_COUNT; i++)
		if (FIELD_GET(GITS_BASER_TYPE, mmio_read64(gits(GITS_BASER + 8 * i))) == type)
			return gits(GITS_BASER + 8 * i);
	return paddr(0);
}

/* Room for `count` entries of the size that this ITS uses. */
static void its_compare_table(const char *which, uint64_t type, uint64_t size, uint64_t count)
{
	paddr_t baser = its_baser(type);

	verdict_holds("its.table", which, baser.pa);
	if (baser.pa)
		verdict_least("its.table-room", which, size,
			      count * (FIELD_GET(GITS_BASER_ENTRY, mmio_read64(baser)) + 1));
}

void its_compare(uint64_t gicd_typer)
{
	const struct table_irqchip *irqchip = &table.irqchip;
	uint64_t typer;
	bool present = gicd_typer & GICD_TYPER_LPIS && arch_probe_read64(gits(GITS_TYPER), &typer);

	verdict_holds("its.present", "", present);
	if (!present)
		return;
	verdict_holds("its.all-lpis", "", !(gicd_typer & GICD_TYPER_NUM_LPIS));
	verdict_least("its.lpi-bits", "", FIELD_GET(GICD_TYPER_IDBITS, gicd_typer) + 1, irqchip->lpi_id_bits);
	verdict_holds("its.physical", "", typer & GITS_TYPER_PHYSICAL);
	verdict_holds("its.targets-by-number", "", !(typer & GITS_TYPER_PTA));
	verdict_least("its.translation-room", "", irqchip->its_entry_size, FIELD_GET(GITS_TYPER_ITT_ENTRY, typer) + 1);
	verdict_least("its.event-bits", "", FIELD_GET(GITS_TYPER_IDBITS, typer) + 1, irqchip->its_event_bits);
	verdict_least("its.device-bits", "", FIELD_GET(GITS_TYPER_DEVBITS, typer) + 1, irqchip->its_device_bits);
	verdict_least("its.collections", "",
		      BIT(typer & GITS_TYPER_CIL ? FIELD_GET(GITS_TYPER_CIDBITS, typer) + 1 : 16), table.cpu_count);
	its_compare_table("devices", GITS_TABLE_DEVICES, irqchip->its_devices_size,
			  UINT64_C(1) << irqchip->its_device_bits);
	its_compare_table("collections", GITS_TABLE_COLLECTIONS, irqchip->its_collections_size, table.cpu_count);
}

void its_init(void)
{
	mmio_write32(gits(GITS_CTLR), 0);
	gic_wait(gits(GITS_CTLR), GITS_CTLR_QUIESCENT, GITS_CTLR_QUIESCENT, "GITS_CTLR");
	/* Tables must be zero when they are given to the ITS (12.19.1); it need not look into our caches yet. */
	arch_scrub(table.irqchip.its_memory.base, table.irqchip.its_memory.size);
	arch_cache_flush(table.irqchip.its_memory.base, table.irqchip.its_memory.size);
	for (uint32_t i = 0; i < GITS_BASER_COUNT; i++)
		mmio_write64(gits(GITS_BASER + 8 * i), 0);
}

/* Whether a base register took `fields`. */
static void its_compare_base(const char *what, const char *which, paddr_t reg, uint64_t value, uint64_t fields)
{
	verdict_equal(what, which, mmio_read64(reg) & fields, value & fields);
}

/* Writes one, and compares; caches it shares with us are among `fields`. */
static void its_set_base(const char *which, paddr_t reg, uint64_t value, uint64_t fields)
{
	value |= GITS_BASER_VALID | FIELD_PREP(GITS_BASER_CACHE, GIC_CACHE_WRITE_BACK) |
		 FIELD_PREP(GITS_BASER_SHARE, GIC_SHARE_INNER);
	mmio_write64(reg, value);
	its_compare_base("its.base", which, reg, value,
			 fields | GITS_BASER_VALID | GITS_BASER_SHARE | GITS_BASER_PAGES);
}

static void its_set_table(const char *which, uint64_t type, paddr_t base, uint64_t size)
{
	its_set_base(which, its_baser(type), base.pa | FIELD_PREP(GITS_BASER_PAGE_SIZE, GITS_PAGE_64K) |
		     FIELD_PREP(GITS_BASER_PAGES, size / GITS_PAGE_64K_SIZE - 1),
		     GITS_BASER_INDIRECT | GITS_BASER_ADDR | GITS_BASER_PAGE_SIZE);
}

/* What irqchip_init_cpu() wrote; they are on by now. */
static void its_compare_redistributor(const struct table_cpu *cpu)
{
	const uint64_t share = FIELD_PREP(GICR_BASER_SHARE, GIC_SHARE_INNER);
	paddr_t frame = gicr_find(cpu);

	its_compare_base("lpi.configuration", cpu->name, paddr_add(frame, GICR_PROPBASER),
			 table.irqchip.lpi_config.pa | share | (table.irqchip.lpi_id_bits - 1u),
			 GENMASK(51, 12) | GICR_BASER_SHARE | GICR_PROPBASER_IDBITS);
	its_compare_base("lpi.pending", cpu->name, paddr_add(frame, GICR_PENDBASER), cpu->lpi_pending.pa | share,
			 GENMASK(51, 16) | GICR_BASER_SHARE);
	verdict_holds("lpi.enabled", cpu->name, mmio_read32(paddr_add(frame, GICR_CTLR)) & GICR_CTLR_ENABLE_LPIS);
}

void irqchip_init_msis(void)
{
	const struct table_irqchip *irqchip = &table.irqchip;
	uint64_t done = 0;

	if (!irqchip->its.pa)
		return;
	for (uint32_t i = 1; i < table.cpu_count; i++)
		if (table.cpus[i].lpi_pending.pa)
			its_compare_redistributor(&table.cpus[i]);
	its_set_table("devices", GITS_TABLE_DEVICES, irqchip->its_devices, irqchip->its_devices_size);
	its_set_table("collections", GITS_TABLE_COLLECTIONS, irqchip->its_collections, irqchip->its_collections_size);
	/* One slot of the queue is always free: full and empty would look the same (5.2). */
	its_set_base("commands", gits(GITS_CBASER), irqchip->its_commands.pa |
		     FIELD_PREP(GITS_BASER_PAGES, irqchip->its_commands_size / PAGE_SIZE), GITS_CBASER_ADDR);
	mmio_publish_memory();
	mmio_write64(gits(GITS_CWRITER), 0);    /* as the write of CBASER set CREADR (12.19.2) */
	mmio_write32(gits(GITS_CTLR), (uint32_t)GITS_CTLR_ENABLED);
	mmio_write64(gits(GITS_CWRITER), irqchip->its_commands_size);
	for (int i = 0; i < GIC_POLL_LIMIT && done != irqchip->its_commands_size; i++)
		done = mmio_read64(gits(GITS_CREADR));
	verdict_equal("its.commands", "", done, irqchip->its_commands_size);    /* bit 0: it stalled at one */
}
