/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PCI configuration space by ECAM (PCIe 5.0, 7.2.2): each function has a 4 KiB
 * page of its own, at bus << 20 | device << 15 | function << 12.
 */
#include <mullion/pci.h>

#include <mullion/lock.h>
#include <mullion/mmio.h>
#include <mullion/percpu.h>
#include <mullion/request.h>
#include <mullion/section.h>
#include <mullion/verdict.h>

#include "ecam.h"

static paddr_t ecam_page(uint16_t bdf)
{
	return paddr_add(table.pci.ecam, ((uint64_t)bdf - ((uint64_t)table.pci.bus_first << 8)) << PAGE_SHIFT);
}

static bool ecam_present(paddr_t config) { return (mmio_read32(paddr_add(config, PCI_ID)) & 0xffff) != PCI_ID_NONE; }

uint32_t ecam_header(paddr_t config) { return mmio_read32(paddr_add(config, PCI_HEADER)); }

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
		if (FIELD_GET(PCI_HEADER_LAYOUT, ecam_header(config)) == PCI_HEADER_BRIDGE)
			ecam_note_bridge((uint8_t)(bdf >> 8), config);
		visit((uint16_t)(bdf | f), config);
	}
}

void ecam_walk(pci_visit *visit)
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

/*
 * Virtual functions have bus mastering of their own and are in no walk: without
 * VF Enable there are none (PCIe 5.0, 9.3.3.3.1). A list has at most a word each;
 * a conventional function's reads all ones, whose next is no place for more.
 */
static void ecam_remove_virtual(paddr_t config)
{
	uint64_t at = PCI_EXTENDED;

	for (unsigned left = PAGE_SIZE / 4; left && at >= PCI_EXTENDED && at < PAGE_SIZE - PCI_SRIOV_CONTROL; left--) {
		uint32_t header = mmio_read32(paddr_add(config, at));
		paddr_t control = paddr_add(config, at + PCI_SRIOV_CONTROL);

		if (FIELD_GET(PCI_EXTENDED_ID, header) == PCI_SRIOV)
			mmio_write16(control, mmio_read16(control) & (uint16_t)~(PCI_SRIOV_ENABLE | PCI_SRIOV_MEMORY));
		at = FIELD_GET(PCI_EXTENDED_NEXT, header) & ~3ull;
	}
}

static void ecam_silence(uint16_t bdf, paddr_t config)
{
	(void)bdf;
	mmio_write16(paddr_add(config, PCI_COMMAND), (uint16_t)PCI_COMMAND_INTX_OFF);
	ecam_remove_virtual(config);
}

/*
 * Not found by the walk: functions above 7 of a device with ARI whose number is
 * no multiple of 8 while that multiple is missing. They keep bus mastering; the
 * IOMMU, which denies first, is what stops them.
 */
void pci_deny(void) { ecam_walk(ecam_silence); }

static void ecam_place_bar(const struct table_function *function, const struct table_bar *bar)
{
	uint64_t found = 0;

	for (unsigned shift = 0; shift <= (bar->is_64bit ? 32u : 0u); shift += 32) {
		paddr_t reg = paddr_add(ecam_bar(function->config, bar), shift / 8);

		mmio_write32(reg, (uint32_t)(bar->addr >> shift));
		found |= (uint64_t)mmio_read32(reg) << shift;
	}
	verdict_equal("pci.bar-address", function->name, found & ~GENMASK(3, 0), bar->addr);
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

/* By index: functions that lost bus mastering for good. Set, and never cleared; a mark can only deny. */
static SHARED_DATA uint8_t quarantined[TABLE_FUNCTIONS_MAX];

bool pci_is_quarantined(uint32_t function) { return __atomic_load_n(&quarantined[function], __ATOMIC_RELAXED); }

static bool ecam_mark(uint32_t function)
{
	bool marked = pci_is_quarantined(function);

	__atomic_store_n(&quarantined[function], 1, __ATOMIC_RELAXED);
	return !marked;
}

/*
 * The mark is there already. A write of the PD that missed it held the PD's lock
 * before us, one that comes after sees it (vpci.c): bus mastering stays off.
 */
static void ecam_gate(const struct table_function *function)
{
	struct lock *lock = &table.pds[function->pd].state->lock;
	paddr_t command = paddr_add(function->config, PCI_COMMAND);

	lock_take(lock);
	mmio_write16(command, mmio_read16(command) & (uint16_t)~PCI_COMMAND_MASTER);
	mmio_read16(command);           /* the answer: the write has arrived */
	lock_release(lock);
}

bool pci_stop_dma(uint32_t function)
{
	bool first = ecam_mark(function);

	ecam_gate(&table.functions[function]);
	return first;
}

void pci_gate(void)
{
	const struct table_pd *pd = percpu()->pd;

	for (uint32_t i = pd->first_function; i < (uint32_t)pd->first_function + pd->function_count; i++)
		if (pci_is_quarantined(i))
			ecam_gate(&table.functions[i]);
}

/* The request is ordered after the mark (request.h: arch_atomic_or releases). */
bool pci_quarantine(uint32_t function)
{
	bool first = ecam_mark(function);

	if (first)
		request_send(table.pds[table.functions[function].pd].cpus[0], REQUEST_GATE);
	return first;
}
