/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PCI configuration space by ECAM (PCIe 5.0, 7.2.2): each function has a 4 KiB
 * page of its own, at bus << 20 | device << 15 | function << 12.
 */
#include <mullion/pci.h>

#include <mullion/arch.h>
#include <mullion/log.h>
#include <mullion/mmio.h>
#include <mullion/section.h>
#include <mullion/verdict.h>

#include "pci_regs.h"

/* Calls `visit` for each function that answers, following bridges as numbered now. */
typedef void pci_visit(uint16_t bdf, paddr_t config);

static paddr_t ecam_page(uint16_t bdf)
{
	return paddr_add(table.pci.ecam, ((uint64_t)bdf - ((uint64_t)table.pci.bus_first << 8)) << PAGE_SHIFT);
}

static bool ecam_present(paddr_t config) { return (mmio_read32(paddr_add(config, PCI_ID)) & 0xffff) != PCI_ID_NONE; }

static uint32_t ecam_header(paddr_t config) { return mmio_read32(paddr_add(config, PCI_HEADER)); }

static bool ecam_is_bridge(paddr_t config)
{
	return FIELD_GET(PCI_HEADER_LAYOUT, ecam_header(config)) == PCI_HEADER_BRIDGE;
}

/* Bits of buses found so far. A bridge leads to a higher bus only, so one pass upwards sees all. */
static BOOT_DATA uint32_t buses[256 / 32];

static void ecam_note_bridge(uint8_t bus, paddr_t config)
{
	uint8_t secondary = (uint8_t)FIELD_GET(PCI_BUSES_SECONDARY, mmio_read32(paddr_add(config, PCI_BRIDGE_BUSES)));

	if (secondary > bus && secondary <= table.pci.bus_last)
		buses[secondary / 32] |= 1u << secondary % 32;
}

static void ecam_visit_device(uint16_t bdf, pci_visit *visit)
{
	unsigned functions = 1;

	for (unsigned f = 0; f < functions; f++) {
		paddr_t config = ecam_page((uint16_t)(bdf | f));

		if (!ecam_present(config))
			continue;
		if (f == 0 && (ecam_header(config) & PCI_HEADER_MULTI))
			functions = 8;
		if (ecam_is_bridge(config))
			ecam_note_bridge((uint8_t)(bdf >> 8), config);
		visit((uint16_t)(bdf | f), config);
	}
}

static void ecam_walk(pci_visit *visit)
{
	for (unsigned i = 0; i < ARRAY_SIZE(buses); i++)
		buses[i] = 0;
	buses[table.pci.bus_first / 32] |= 1u << table.pci.bus_first % 32;
	for (unsigned bus = table.pci.bus_first; bus <= table.pci.bus_last; bus++) {
		if (!(buses[bus / 32] >> bus % 32 & 1))
			continue;
		for (unsigned device = 0; device < 32; device++)
			ecam_visit_device((uint16_t)(bus << 8 | device << 3), visit);
	}
}

static void ecam_silence(uint16_t bdf, paddr_t config)
{
	(void)bdf;
	mmio_write16(paddr_add(config, PCI_COMMAND), (uint16_t)PCI_COMMAND_INTX_OFF);
}

void pci_deny(void) { ecam_walk(ecam_silence); }

static bool ecam_declared(uint16_t bdf)
{
	for (uint32_t i = 1; i < table.function_count; i++)
		if (table.functions[i].bdf == bdf)
			return true;
	return false;
}

static void ecam_report_undeclared(uint16_t bdf, paddr_t config)
{
	uint32_t id = mmio_read32(paddr_add(config, PCI_ID));

	if (ecam_declared(bdf))
		return;
	log_info("undeclared function %02x:%02x.%x id %04x:%04x class %06x: kept off, its stream is denied", bdf >> 8,
		 bdf >> 3 & 31, bdf & 7, id & 0xffff, id >> 16, mmio_read32(paddr_add(config, PCI_CLASS)) >> 8);
}

static paddr_t bar_register(paddr_t config, const struct table_bar *bar)
{
	return paddr_add(config, PCI_BAR + 4ull * bar->idx);
}

/* Address bits that a BAR's register implements, by the all-ones probe (PCI 3.0, 6.2.5.1). Decoding is off. */
static uint32_t bar_mask(paddr_t reg)
{
	uint32_t mask;

	mmio_write32(reg, UINT32_MAX);
	mask = mmio_read32(reg);
	mmio_write32(reg, 0);
	return mask;
}

static uint64_t ecam_bar_size(paddr_t config, const struct table_bar *bar)
{
	paddr_t low = bar_register(config, bar);
	uint64_t mask = bar_mask(low) & PCI_BAR_ADDR;

	if (bar->is_64bit)
		mask |= (uint64_t)bar_mask(paddr_add(low, 4)) << 32;
	else if (mask)
		mask |= GENMASK(63, 32);
	return ~mask + 1;
}

static void ecam_compare_bar(const struct table_function *function, const struct table_bar *bar)
{
	uint32_t word = mmio_read32(bar_register(function->config, bar));
	bool is_64bit = FIELD_GET(PCI_BAR_TYPE, word) == PCI_BAR_TYPE_64;

	verdict_holds("pci.bar-type", function->name, !(word & PCI_BAR_IO) && is_64bit == bar->is_64bit);
	verdict_equal("pci.bar-size", function->name, ecam_bar_size(function->config, bar), bar->size);
}

/* Memory decoding turns on every memory BAR, so there may be none but the table's; I/O and ROM stay off. */
static void ecam_compare_other_bars(const struct table_function *function)
{
	uint32_t declared = 0, others = 0;      /* a bit for each BAR register */

	for (uint32_t i = 0; i < function->bar_count; i++)
		declared |= (function->bars[i].is_64bit ? 3u : 1u) << function->bars[i].idx;
	for (uint32_t i = 0; i < PCI_BARS; i++) {
		uint32_t mask = declared >> i & 1 ? 0 : bar_mask(paddr_add(function->config, PCI_BAR + 4ull * i));

		others |= (mask && !(mask & PCI_BAR_IO) ? 1u : 0u) << i;
	}
	verdict_equal("pci.undeclared-bars", function->name, others, 0);
	mmio_write32(paddr_add(function->config, PCI_ROM), 0);
}

static void ecam_compare_function(const struct table_function *function)
{
	uint32_t id = mmio_read32(paddr_add(function->config, PCI_ID));

	verdict_equal("pci.vendor", function->name, id & 0xffff, function->vendor);
	verdict_equal("pci.device", function->name, id >> 16, function->device);
	if ((id & 0xffff) == PCI_ID_NONE)
		return;
	verdict_equal("pci.class", function->name, mmio_read32(paddr_add(function->config, PCI_CLASS)) >> 8,
		      function->class);
	verdict_equal("pci.header", function->name, FIELD_GET(PCI_HEADER_LAYOUT, ecam_header(function->config)), 0);
	for (uint32_t i = 0; i < function->bar_count; i++)
		ecam_compare_bar(function, &function->bars[i]);
	ecam_compare_other_bars(function);
}

void pci_compare(void)
{
	ecam_walk(ecam_report_undeclared);
	for (uint32_t i = 1; i < table.function_count; i++)
		ecam_compare_function(&table.functions[i]);
}

static void ecam_place_bar(const struct table_function *function, const struct table_bar *bar)
{
	paddr_t low = bar_register(function->config, bar);
	paddr_t high = paddr_add(low, 4);
	uint64_t found;

	mmio_write32(low, (uint32_t)bar->addr);
	if (bar->is_64bit)
		mmio_write32(high, (uint32_t)(bar->addr >> 32));
	found = mmio_read32(low) & PCI_BAR_ADDR;
	if (bar->is_64bit)
		found |= (uint64_t)mmio_read32(high) << 32;
	verdict_equal("pci.bar-address", function->name, found, bar->addr);
}

void pci_place_bars(void)
{
	for (uint32_t i = 1; i < table.function_count; i++) {
		const struct table_function *function = &table.functions[i];

		for (uint32_t b = 0; b < function->bar_count; b++)
			ecam_place_bar(function, &function->bars[b]);
		mmio_write16(paddr_add(function->config, PCI_COMMAND),
			     (uint16_t)(PCI_COMMAND_INTX_OFF | PCI_COMMAND_MEMORY));
	}
}

void pci_allow_dma(void)
{
	for (uint32_t i = 1; i < table.function_count; i++)
		mmio_write16(paddr_add(table.functions[i].config, PCI_COMMAND),
			     (uint16_t)(PCI_COMMAND_INTX_OFF | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER));
}

bool pci_stop_dma(const struct table_function *function)
{
	paddr_t command = paddr_add(function->config, PCI_COMMAND);
	uint16_t found = mmio_read16(command);

	mmio_write16(command, found & (uint16_t)~PCI_COMMAND_MASTER);
	return found & PCI_COMMAND_MASTER;
}
