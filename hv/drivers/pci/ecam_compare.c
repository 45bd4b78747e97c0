/* SPDX-License-Identifier: Apache-2.0 */
/* The functions that are there against the table's, and what nobody declared as nodes for one. Decoding is off. */
#include <mullion/pci.h>

#include <mullion/log.h>
#include <mullion/mmio.h>
#include <mullion/verdict.h>

#include "ecam.h"

static bool ecam_declared(uint16_t bdf)
{
	for (uint32_t i = 1; i < table.function_count; i++)
		if (table.functions[i].bdf == bdf)
			return true;
	return false;
}

/* Address bits that a BAR's register implements, by the all-ones probe (PCI 3.0, 6.2.5.1). */
static uint32_t bar_mask(paddr_t reg)
{
	uint32_t mask, found = mmio_read32(reg);

	mmio_write32(reg, UINT32_MAX);
	mask = mmio_read32(reg);
	mmio_write32(reg, found);
	return mask;
}

static uint64_t ecam_bar_size(paddr_t config, const struct table_bar *bar)
{
	paddr_t low = ecam_bar(config, bar);
	uint64_t mask = bar_mask(low) & PCI_BAR_ADDR;

	if (bar->is_64bit)
		mask |= (uint64_t)bar_mask(paddr_add(low, 4)) << 32;
	else if (mask)
		mask |= GENMASK(63, 32);
	return ~mask + 1;
}

static void ecam_compare_bar(const struct table_function *function, const struct table_bar *bar)
{
	uint32_t word = mmio_read32(ecam_bar(function->config, bar));
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

/* Offset of the first capability with this id; 0: there is none. A list has at most a word each. */
static uint32_t ecam_capability(paddr_t config, uint8_t id)
{
	bool has_list = mmio_read32(paddr_add(config, PCI_COMMAND)) & PCI_STATUS_LIST;
	uint64_t at = has_list ? mmio_read32(paddr_add(config, PCI_CAPABILITIES)) & PCI_CAPABILITY_ID & ~3ull : 0;

	for (unsigned left = PCI_CAPABILITY_END / 4; left && at >= PCI_CAPABILITY_FIRST; left--) {
		uint32_t word = mmio_read32(paddr_add(config, at));

		if (FIELD_GET(PCI_CAPABILITY_ID, word) == id)
			return (uint32_t)at;
		at = FIELD_GET(PCI_CAPABILITY_NEXT, word) & ~3ull;
	}
	return 0;
}

static uint16_t ecam_control(paddr_t config, uint32_t capability)
{
	return (uint16_t)FIELD_GET(PCI_CAPABILITY_CONTROL, mmio_read32(paddr_add(config, capability)));
}

/* It may have more vectors than the table uses, in all else it is the same. */
static void ecam_compare_capability(const struct table_function *function, const struct table_capability *capability)
{
	uint64_t vectors = capability->id == PCI_MSI ? PCI_MSI_VECTORS :
			   capability->id == PCI_MSIX ? PCI_MSIX_VECTORS : 0;
	uint64_t found = ecam_control(function->config, capability->offset) & capability->control_mask;

	verdict_equal("pci.capability", function->name, ecam_capability(function->config, capability->id),
		      capability->offset);
	verdict_equal("pci.capability-control", function->name, found & ~vectors, capability->control & ~vectors);
	verdict_least("pci.capability-vectors", function->name, found & vectors, capability->control & vectors);
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
	for (uint32_t i = 0; i < function->capability_count; i++)
		ecam_compare_capability(function, &function->capabilities[i]);
}

static void ecam_print_bars(paddr_t config)
{
	struct table_bar bar = { 0 };
	const char *lead = "bars =";

	for (; bar.idx < PCI_BARS; bar.idx = (uint8_t)(bar.idx + 1 + bar.is_64bit)) {
		uint32_t word = mmio_read32(ecam_bar(config, &bar));

		bar.is_64bit = (word & (PCI_BAR_TYPE | PCI_BAR_IO)) == FIELD_PREP(PCI_BAR_TYPE, PCI_BAR_TYPE_64) &&
			       bar.idx + 1 < PCI_BARS;
		bar.size = word & PCI_BAR_IO ? 0 : ecam_bar_size(config, &bar);
		if (!bar.size)
			continue;
		log_info("\t%s <%u %s 0x%lx>", lead, bar.idx, bar.is_64bit ? "MEM64" : "MEM32", bar.size);
		lead = "     ,";
	}
	if (lead[0] == ' ')
		log_info("\t;");
}

/* Of those that a table can name. A PCIe capability of version 1 is shorter than the allow-list's. */
static void ecam_print_capabilities(paddr_t config)
{
	static const char *const msi_flags[] = { "0", "MSI_64", "MSI_MASK", "(MSI_64 | MSI_MASK)" };
	uint32_t msi = ecam_capability(config, PCI_MSI), msix = ecam_capability(config, PCI_MSIX);
	uint32_t pcie = ecam_capability(config, PCI_EXPRESS), pm = ecam_capability(config, PCI_PM);
	uint64_t control = ecam_control(config, msi);

	if (msi)
		log_info("\tmsi = <0x%x %u %s>;", msi, 1u << FIELD_GET(PCI_MSI_VECTORS, control),
			 msi_flags[FIELD_GET(PCI_MSI_IS_64BIT | PCI_MSI_HAS_MASK, control)]);
	if (msix)
		log_info("\tmsix = <0x%x %u>;", msix,
			 (unsigned)FIELD_GET(PCI_MSIX_VECTORS, ecam_control(config, msix)) + 1);
	if (pcie && FIELD_GET(PCI_EXPRESS_VERSION, ecam_control(config, pcie)) == PCI_EXPRESS_VERSION_2)
		log_info("\tpcie = <0x%x>;", pcie);
	if (pm)
		log_info("\tpm = <0x%x>;", pm);
}

/* A node to paste into a PD. A bridge can be in no table, and is left as it is. */
static void ecam_report_undeclared(uint16_t bdf, paddr_t config)
{
	uint32_t id = mmio_read32(paddr_add(config, PCI_ID)), class = mmio_read32(paddr_add(config, PCI_CLASS));
	unsigned bus = bdf >> 8, device = bdf >> 3 & 31, function = bdf & 7;

	if (ecam_declared(bdf))
		return;
	log_info("undeclared function %02x:%02x.%x id %04x:%04x class %06x: kept off, its stream is denied", bus,
		 device, function, id & 0xffff, id >> 16, class >> 8);
	if (FIELD_GET(PCI_HEADER_LAYOUT, ecam_header(config)) || FIELD_GET(PCI_CLASS_BASE, class) == PCI_CLASS_BRIDGE)
		return;
	log_info("pci-%02x-%02x-%x {", bus, device, function);
	log_info("\tbdf = <0x%02x %u %u>; id = <0x%04x 0x%04x>; class = <0x%06x>;", bus, device, function, id & 0xffff,
		 id >> 16, class >> 8);
	ecam_print_bars(config);
	ecam_print_capabilities(config);
	log_info("};");
}

void pci_compare(void)
{
	ecam_walk(ecam_report_undeclared);
	for (uint32_t i = 1; i < table.function_count; i++)
		ecam_compare_function(&table.functions[i]);
}
