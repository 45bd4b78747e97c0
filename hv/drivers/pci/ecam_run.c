/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions while PDs run: bus mastering is taken from them, and given back once
 * they were reset. By CPUs of the PD that owns them, which have their pages.
 */
#include <mullion/pci.h>

#include <mullion/arch.h>
#include <mullion/lock.h>
#include <mullion/log.h>
#include <mullion/mmio.h>
#include <mullion/percpu.h>
#include <mullion/request.h>
#include <mullion/section.h>

#include "ecam.h"

enum { ECAM_RETURNS_MS = 1000 };        /* PCIe 5.0, 6.6.1: in so long after a reset it answers */

/* By index: functions that lost bus mastering, until they were reset. A mark can only deny. */
static SHARED_DATA uint8_t quarantined[TABLE_FUNCTIONS_MAX];

bool pci_is_quarantined(uint32_t function) { return __atomic_load_n(&quarantined[function], __ATOMIC_RELAXED); }

/* False if it was marked. */
static bool ecam_mark(uint32_t function) { return !__atomic_exchange_n(&quarantined[function], 1, __ATOMIC_RELAXED); }

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
	(void)mmio_read16(command);     /* the answer: the write has arrived */
	lock_release(lock);
}

void pci_stop_dma(uint32_t function)
{
	(void)ecam_mark(function);
	ecam_gate(&table.functions[function]);
}

void pci_gate(void)
{
	const struct table_pd *pd = percpu()->pd;

	for (uint32_t i = pd->first_function; i < (uint32_t)pd->first_function + pd->function_count; i++)
		if (pci_is_quarantined(i))
			ecam_gate(&table.functions[i]);
}

/* The request is ordered after the mark (request_send() releases). */
bool pci_quarantine(uint32_t function)
{
	bool first = ecam_mark(function);

	if (first)
		request_send(table.pds[table.functions[function].pd].cpus[0], REQUEST_GATE);
	return first;
}

void pci_decode(uint32_t function)
{
	const struct table_function *own = &table.functions[function];

	for (uint32_t i = 0; i < table.pci.register_count; i++)
		if (table.pci.registers[i].function == own)
			(void)ecam_program(&table.pci.registers[i]);
	pci_config_write(own, PCI_COMMAND, 2, (uint32_t)(PCI_COMMAND_INTX_OFF | PCI_COMMAND_MEMORY));
	(void)pci_config_read(own, PCI_COMMAND);        /* the answer: it decodes before its BARs are written */
}

/* By a configuration write first, from which it learns its bus (PCIe 5.0, 2.2.6.2). */
static bool ecam_returns(const struct table_function *function)
{
	uint64_t end = arch_ticks() + ECAM_RETURNS_MS * arch_ticks_per_second() / 1000;
	uint32_t id = (uint32_t)function->device << 16 | function->vendor;

	do {
		pci_config_write(function, PCI_COMMAND, 2, (uint32_t)PCI_COMMAND_INTX_OFF);
		if (pci_config_read(function, PCI_ID) == id)
			return true;
	} while (arch_ticks() < end);
	log_warn("%s does not answer after its reset: found id 0x%x, needed 0x%x", function->name,
		 pci_config_read(function, PCI_ID), id);
	return false;
}

/* What a PD wrote that its reset may have left, and errors that it has not cleared. */
static void ecam_forget(const struct table_function *function)
{
	for (uint32_t i = 0; i < function->field_count; i++) {
		const struct table_config_field *field = &function->fields[i];
		uint64_t kept = field->offset == PCI_COMMAND ? PCI_COMMAND_INTX_OFF : 0;

		if (field->write)
			pci_config_write(function, field->offset, 4,
					 (pci_config_read(function, field->offset) & ~field->write) |
					 field->clear | (uint32_t)kept);
	}
}

static bool ecam_restore_registers(const struct table_function *function)
{
	for (uint32_t i = 0; i < table.pci.register_count; i++) {
		const struct table_pci_register *reg = &table.pci.registers[i];
		uint32_t found = reg->function == function ? ecam_program(reg) : reg->value & reg->mask;

		if (found == (reg->value & reg->mask))
			continue;
		log_warn("%s %s after its reset: found 0x%x, needed 0x%x", function->name, reg->verdict, found,
			 reg->value & reg->mask);
		return false;
	}
	return true;
}

bool pci_restore(uint32_t function)
{
	const struct table_function *own = &table.functions[function];

	if (!ecam_returns(own))
		return false;
	ecam_forget(own);
	if (!ecam_restore_registers(own))
		return false;
	__atomic_store_n(&quarantined[function], 0, __ATOMIC_RELAXED);
	pci_config_write(own, PCI_COMMAND, 2,
			 (uint32_t)(PCI_COMMAND_INTX_OFF | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER));
	return true;
}
