/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PCI configuration space by ECAM (PCIe 5.0, 7.2.2): each function has a 4 KiB
 * page of its own, at bus << 20 | device << 15 | function << 12.
 */
#include <mullion/pci.h>

#include <mullion/arch.h>
#include <mullion/mmio.h>
#include <mullion/section.h>
#include <mullion/verdict.h>

#include "ecam.h"

static paddr_t ecam_page(uint16_t bdf)
{
	return paddr_add(table.pci.ecam, ((uint64_t)bdf - ((uint64_t)table.pci.bus_first << 8)) << PAGE_SHIFT);
}

static bool ecam_present(paddr_t config) { return (mmio_read32(paddr_add(config, PCI_ID)) & 0xffff) != PCI_ID_NONE; }

static uint32_t ecam_header(paddr_t config) { return mmio_read32(paddr_add(config, PCI_HEADER)); }

uint32_t ecam_layout(paddr_t config) { return (uint32_t)FIELD_GET(PCI_HEADER_LAYOUT, ecam_header(config)); }

/* Functions 1 to 7 are there where function 0 says so. */
void ecam_visit_bus(uint32_t bus, pci_visit *visit)
{
	uint32_t step;

	for (uint32_t bdf = bus << 8; bdf < (bus + 1) << 8; bdf += step) {
		paddr_t config = ecam_page((uint16_t)bdf);
		bool present = ecam_present(config);

		if (present)
			visit((uint16_t)bdf, config);
		step = bdf % 8 || (present && (ecam_header(config) & PCI_HEADER_MULTI)) ? 1 : 8;
	}
}

/* A list has at most a word each; a conventional function's extended one reads all ones, whose next is no place. */
uint32_t ecam_capability(paddr_t config, uint32_t id, bool extended)
{
	bool has_list = mmio_read32(paddr_add(config, PCI_COMMAND)) & PCI_STATUS_LIST;
	uint64_t first = has_list ? mmio_read32(paddr_add(config, PCI_CAPABILITIES)) & PCI_CAPABILITY_ID & ~3ULL : 0;
	uint64_t at = extended ? PCI_EXTENDED : first, least = extended ? PCI_EXTENDED : PCI_CAPABILITY_FIRST;

	for (unsigned left = PAGE_SIZE / 4; left && at >= least && at < PAGE_SIZE - PCI_SRIOV_CONTROL; left--) {
		uint32_t word = mmio_read32(paddr_add(config, at));

		if ((extended ? FIELD_GET(PCI_EXTENDED_ID, word) : FIELD_GET(PCI_CAPABILITY_ID, word)) == id)
			return (uint32_t)at;
		at = (extended ? FIELD_GET(PCI_EXTENDED_NEXT, word) : FIELD_GET(PCI_CAPABILITY_NEXT, word)) & ~3ULL;
	}
	return 0;
}

/*
 * Virtual functions have bus mastering of their own and are in no walk: without
 * VF Enable there are none (PCIe 5.0, 9.3.3.3.1).
 */
void ecam_silence(paddr_t config)
{
	uint32_t sriov = ecam_capability(config, PCI_SRIOV, true);
	paddr_t control = paddr_add(config, sriov + PCI_SRIOV_CONTROL);

	mmio_write16(paddr_add(config, PCI_COMMAND), (uint16_t)PCI_COMMAND_INTX_OFF);
	if (sriov)
		mmio_write16(control, mmio_read16(control) & (uint16_t)~(PCI_SRIOV_ENABLE | PCI_SRIOV_MEMORY));
}

/* Buses that firmware's numbers lead to. A bridge leads to a higher bus only, so one pass upwards sees all. */
static BOOT_DATA bool reached[256];

static void ecam_deny(uint16_t bdf, paddr_t config)
{
	uint64_t secondary = FIELD_GET(PCI_BUSES_SECONDARY, mmio_read32(paddr_add(config, PCI_BRIDGE_BUSES)));

	if (ecam_layout(config) && secondary > bdf >> 8)
		reached[secondary] = true;
	ecam_silence(config);
}

/*
 * Not found by the walk: functions above 7 of a device with ARI whose number is
 * no multiple of 8 while that multiple is missing. They keep bus mastering; the
 * IOMMU, which denies first, is what stops them.
 */
bool pci_deny(void)
{
	uint32_t id;

	if (!arch_probe_read32(table.pci.ecam, &id))
		return false;
	for (uint32_t bus = table.pci.bus_first; bus <= table.pci.bus_last; bus++)
		if (bus == table.pci.bus_first || reached[bus])
			ecam_visit_bus(bus, ecam_deny);
	return true;
}

uint32_t ecam_program(const struct table_pci_register *reg)
{
	if (reg->bytes)
		pci_config_write(reg->function, reg->offset, reg->bytes, reg->value);
	return pci_config_read(reg->function, reg->offset & ~3u) >> 8 * (reg->offset & 3) & reg->mask;
}

/* Of all that is declared, bridges first. */
static void ecam_command(uint64_t bits)
{
	for (uint32_t i = 0; i < table.pci.bridge_count; i++)
		pci_config_write(&table.pci.bridges[i].is, PCI_COMMAND, 2, (uint32_t)(PCI_COMMAND_INTX_OFF | bits));
	for (uint32_t i = 1; i < table.function_count; i++)
		pci_config_write(&table.functions[i], PCI_COMMAND, 2, (uint32_t)(PCI_COMMAND_INTX_OFF | bits));
}

void pci_place_bars(void)
{
	for (uint32_t i = 0; i < table.pci.register_count; i++) {
		const struct table_pci_register *reg = &table.pci.registers[i];

		verdict_equal(reg->verdict, reg->function->name, ecam_program(reg), reg->value & reg->mask);
	}
	ecam_command(PCI_COMMAND_MEMORY);
}

void pci_allow_dma(void) { ecam_command(PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER); }

uint32_t pci_config_read(const struct table_function *function, uint32_t offset)
{
	return mmio_read32(paddr_add(function->config, offset));
}

void pci_config_write(const struct table_function *function, uint32_t offset, unsigned bytes, uint32_t value)
{
	paddr_t at = paddr_add(function->config, offset);

	if (bytes == 1)
		mmio_write8(at, (uint8_t)value);
	else if (bytes == 2)
		mmio_write16(at, (uint16_t)value);
	else
		mmio_write32(at, value);
}
