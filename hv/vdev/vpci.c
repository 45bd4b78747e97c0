/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration space as a PD sees it: its own functions only, and of them what
 * the table's fields allow. Everything is done under the PD's lock, so that a
 * quarantine (mullion/pci.h) and a write of the command register cannot cross.
 */
#include <mullion/vdev.h>

#include <mullion/lock.h>
#include <mullion/pci.h>
#include <mullion/pci_regs.h>
#include <mullion/percpu.h>

/* Index of the function whose page `offset` is in; 0 if it is none of the PD's. */
static uint32_t vpci_function(uint64_t offset)
{
	const struct table_pd *pd = percpu()->pd;
	uint64_t bdf = ((uint64_t)table.pci.bus_first << 8) + (offset >> PAGE_SHIFT);

	for (uint32_t i = pd->first_function; i < (uint32_t)pd->first_function + pd->function_count; i++)
		if (table.functions[i].pd_bdf == bdf)
			return i;
	return 0;
}

static const struct table_config_field *vpci_field(const struct table_function *function, uint32_t offset)
{
	static const struct table_config_field none;

	for (uint32_t i = 0; i < function->field_count; i++)
		if (function->fields[i].offset == offset)
			return &function->fields[i];
	return &none;
}

/* The bit in vpci.sizing of a BAR's register; 0 for another field. */
static uint8_t vpci_bar_bit(const struct table_config_field *field)
{
	return (uint8_t)(field->size ? 1u << (field->offset - PCI_BAR) / 4 : 0);
}

static uint32_t vpci_read_field(uint32_t idx, const struct table_config_field *field)
{
	const struct table_function *function = &table.functions[idx];
	uint32_t word = field->value;

	if (percpu()->state->vpci.sizing[idx] & vpci_bar_bit(field))
		return field->size;
	if (field->read)
		word |= pci_config_read(function, field->offset) & field->read;
	if (field->offset == PCI_COMMAND && pci_is_quarantined(idx))
		word &= (uint32_t)~PCI_COMMAND_MASTER;
	return word;
}

/* `word` holds the PD's bytes where they belong; only they are written, each register at the PD's own width. */
static void vpci_write_field(uint32_t idx, const struct table_config_field *field, uint32_t offset, unsigned bytes,
			     uint32_t word)
{
	const struct table_function *function = &table.functions[idx];
	uint32_t found = pci_config_read(function, field->offset);

	word = (found & ~field->write & ~field->clear) | (word & field->write);
	if (field->offset == PCI_COMMAND && pci_is_quarantined(idx))
		word &= (uint32_t)~PCI_COMMAND_MASTER;
	pci_config_write(function, offset, bytes, word >> 8 * (offset & 3));
}

static uint64_t vpci_ones(unsigned bytes) { return UINT64_MAX >> (64 - 8 * bytes); }

bool vpci_access(uint64_t offset, unsigned bytes, bool write, uint64_t *value)
{
	uint32_t idx = vpci_function(offset), at = offset % PAGE_SIZE;
	unsigned shift = 8 * (at & 3);
	uint64_t lane = vpci_ones(bytes) << shift;
	const struct table_config_field *field = vpci_field(&table.functions[idx], at & ~3u);
	bool asks_size = bytes == 4 && (*value & PCI_BAR_ADDR) == PCI_BAR_ADDR;
	uint8_t bar = vpci_bar_bit(field), *sizing = &percpu()->state->vpci.sizing[idx];

	if (!idx || bytes > 4 || offset & (bytes - 1)) {
		*value = vpci_ones(bytes);
		return true;
	}
	lock_take(&percpu()->state->lock);
	if (!write)
		*value = vpci_read_field(idx, field) >> shift & vpci_ones(bytes);
	else if (bar)           /* it does not move; its type bits, which no write changes, may be anything here */
		*sizing = (uint8_t)(asks_size ? *sizing | bar : *sizing & ~bar);
	else if (field->write & lane)
		vpci_write_field(idx, field, at, bytes, (uint32_t)(*value << shift));
	lock_release(&percpu()->state->lock);
	return true;
}
