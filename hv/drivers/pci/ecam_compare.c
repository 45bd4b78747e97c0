/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bridges get the table's bus numbers; then the functions that are there against
 * the table's, and what nobody declared as nodes for one. Decoding is off.
 */
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
	for (uint32_t i = 0; i < table.pci.bridge_count; i++)
		if (table.pci.bridges[i].is.bdf == bdf)
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
static void ecam_compare_other_bars(const struct table_function *function, uint32_t layout)
{
	uint32_t declared = 0, others = 0;      /* a bit for each BAR register */

	for (uint32_t i = 0; i < function->bar_count; i++)
		declared |= (function->bars[i].is_64bit ? 3u : 1u) << function->bars[i].idx;
	for (uint32_t i = 0; i < (layout ? PCI_BRIDGE_BARS : PCI_BARS); i++) {
		uint32_t mask = declared >> i & 1 ? 0 : bar_mask(paddr_add(function->config, PCI_BAR + 4ULL * i));

		others |= (mask && !(mask & PCI_BAR_IO) ? 1u : 0u) << i;
	}
	verdict_equal("pci.undeclared-bars", function->name, others, 0);
	mmio_write32(paddr_add(function->config, layout ? PCI_BRIDGE_ROM : PCI_ROM), 0);
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

	verdict_equal("pci.capability", function->name, ecam_capability(function->config, capability->id, false),
		      capability->offset);
	verdict_equal("pci.capability-control", function->name, found & ~vectors, capability->control & ~vectors);
	verdict_least("pci.capability-vectors", function->name, found & vectors, capability->control & vectors);
}

static void ecam_compare_function(const struct table_function *function, uint32_t layout)
{
	uint32_t id = mmio_read32(paddr_add(function->config, PCI_ID));

	verdict_equal("pci.vendor", function->name, id & 0xffff, function->vendor);
	verdict_equal("pci.device", function->name, id >> 16, function->device);
	if ((id & 0xffff) == PCI_ID_NONE)
		return;
	verdict_equal("pci.class", function->name, mmio_read32(paddr_add(function->config, PCI_CLASS)) >> 8,
		      function->class);
	verdict_equal("pci.header", function->name, ecam_layout(function->config), layout);
	if (ecam_layout(function->config) != layout)
		return;         /* its registers are others */
	for (uint32_t i = 0; i < function->bar_count; i++)
		ecam_compare_bar(function, &function->bars[i]);
	ecam_compare_other_bars(function, layout);
	for (uint32_t i = 0; i < function->capability_count; i++)
		ecam_compare_capability(function, &function->capabilities[i]);
}

/* Each when the next is known, or that there is none: the line's end depends on it. */
static void ecam_print_bars(paddr_t config, uint32_t end)
{
	struct table_bar bar = { 0 }, last = { 0 };
	const char *lead = "bars =";

	for (; bar.idx <= end; bar.idx = (uint8_t)(bar.idx + 1 + bar.is_64bit)) {
		uint32_t word = mmio_read32(ecam_bar(config, &bar));

		bar.is_64bit = (word & (PCI_BAR_TYPE | PCI_BAR_IO)) == FIELD_PREP(PCI_BAR_TYPE, PCI_BAR_TYPE_64) &&
			       bar.idx + 1u < end;
		bar.size = word & PCI_BAR_IO || bar.idx == end ? 0 : ecam_bar_size(config, &bar);
		if (last.size && (bar.size || bar.idx == end)) {
			log_info("\t%s <%u %s 0x%lx>%s", lead, last.idx, last.is_64bit ? "MEM64" : "MEM32", last.size,
				 bar.size ? "," : ";");
			lead = "      ";
		}
		if (bar.size)
			last = bar;
	}
}

/* A type as tables have it; NULL: a table can have no such bridge. */
static const char *ecam_bridge_type(paddr_t config)
{
	static const char *const types[16] = { [PCI_EXPRESS_ROOT_PORT] = "root-port", "upstream", "downstream",
					       "pcie-pci" };
	uint32_t pcie = ecam_capability(config, PCI_EXPRESS, false);

	return pcie ? types[FIELD_GET(PCI_EXPRESS_TYPE, ecam_control(config, pcie))] : NULL;
}

/* Of those that a table can name. A PCIe capability of version 1 is shorter than the allow-list's. */
static void ecam_print_capabilities(paddr_t config)
{
	static const char *const msi_flags[] = { "0", "MSI_64", "MSI_MASK", "(MSI_64 | MSI_MASK)" };
	uint32_t msi = ecam_capability(config, PCI_MSI, false), msix = ecam_capability(config, PCI_MSIX, false);
	uint32_t pcie = ecam_capability(config, PCI_EXPRESS, false), pm = ecam_capability(config, PCI_PM, false);
	uint32_t af = ecam_capability(config, PCI_AF, false);
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
	if ((pcie && mmio_read32(paddr_add(config, pcie + 4ULL)) & PCI_EXPRESS_FLR) ||
	    (af && mmio_read32(paddr_add(config, af)) & PCI_AF_FLR))
		log_info("\t/* resets by FLR */");
}

/* A node to paste into a PD, a bridge's beside the PDs. What is behind one that nobody declared is not reached. */
static void ecam_report_undeclared(uint16_t bdf, paddr_t config)
{
	uint32_t id = mmio_read32(paddr_add(config, PCI_ID)), class = mmio_read32(paddr_add(config, PCI_CLASS));
	unsigned bus = bdf >> 8, device = bdf >> 3 & 31, function = bdf & 7;
	bool is_bridge = ecam_layout(config);
	const char *type = is_bridge ? ecam_bridge_type(config) : NULL;
	uint32_t acs = ecam_capability(config, PCI_ACS, true);

	log_info("undeclared %s %02x:%02x.%x id %04x:%04x class %06x: %s", is_bridge ? "bridge" : "function", bus,
		 device, function, id & 0xffff, id >> 16, class >> 8,
		 is_bridge ? "closed" : "kept off, its stream is denied");
	if (is_bridge ? !type : FIELD_GET(PCI_CLASS_BASE, class) == PCI_CLASS_BRIDGE)
		return;
	log_info("pci-%02x-%02x-%x {", bus, device, function);
	log_info(bus == table.pci.bus_first ? "\tbdf = <0x%02x %u %u>;" :
		 "\tbridge = <&to_bus_%02x>; devfn = <%u %u>;", bus, device, function);
	log_info("\tid = <0x%04x 0x%04x>; class = <0x%06x>;", id & 0xffff, id >> 16, class >> 8);
	ecam_print_bars(config, is_bridge ? PCI_BRIDGE_BARS : PCI_BARS);
	if (type)
		log_info(acs ? "\ttype = \"%s\"; acs = <0x%x>;" : "\ttype = \"%s\";", type, acs);
	else
		ecam_print_capabilities(config);
	log_info("};");
}

/*
 * What answers on a bus that has our number. The first configuration write tells
 * a function which bus it is on (PCIe 5.0, 2.2.6.2). No bridge keeps firmware's
 * numbers: two could answer for one bus.
 */
static void ecam_take(uint16_t bdf, paddr_t config)
{
	paddr_t buses = paddr_add(config, PCI_BRIDGE_BUSES);

	ecam_silence(config);
	if (ecam_layout(config)) {
		mmio_write32(buses, 0);
		verdict_equal("pci.bridge-closed", "", mmio_read32(buses) & PCI_BUSES, 0);
	}
	if (!ecam_declared(bdf))
		ecam_report_undeclared(bdf, config);
}

static void ecam_open(const struct table_bridge *bridge)
{
	paddr_t buses = paddr_add(bridge->is.config, PCI_BRIDGE_BUSES);

	ecam_compare_function(&bridge->is, PCI_HEADER_BRIDGE);
	if (ecam_layout(bridge->is.config) == PCI_HEADER_BRIDGE)
		mmio_write32(buses, bridge->buses);
	verdict_equal("pci.bridge-buses", bridge->is.name, mmio_read32(buses) & PCI_BUSES, bridge->buses);
	ecam_visit_bus((uint32_t)FIELD_GET(PCI_BUSES_SECONDARY, bridge->buses), ecam_take);
}

void pci_compare(void)
{
	ecam_visit_bus(table.pci.bus_first, ecam_take);
	for (uint32_t i = 0; i < table.pci.bridge_count; i++)
		ecam_open(&table.pci.bridges[i]);
	for (uint32_t i = 1; i < table.function_count; i++)
		ecam_compare_function(&table.functions[i], PCI_HEADER_FUNCTION);
}
