/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a PD sees of its functions' configuration space: fields that the
 * hypervisor serves (hv/vdev/vpci.c), all else reads 0. Capabilities that the
 * table does not declare are unlinked; of the others only what cannot reach
 * beyond the function is writable. Sections are of PCIe 5.0, but for MSI and
 * MSI-X (PCI 3.0, 6.8) and PM (PCI Power Management 1.2, 3.2).
 */
#include <inttypes.h>

#include <mullion/pci_regs.h>
#include <mullion/table.h>

#include "diag.h"
#include "ptc.h"
#include "tree.h"

/* Four of kinds that are there once. A field is a word of its own; there are 64. */
enum { SINGLES_MAX = 4, CAPABILITIES_MAX = SINGLES_MAX + VENDORS_MAX, FIELDS_MAX = 64 };

/* A vendor's: its id, the next one's place, and its length, a byte each (PCI 3.0, 6.2.4 and appendix H). */
enum { VENDOR_HEAD = 3, VENDOR_LENGTH_MAX = 255 };

struct capability {
	const char *property;
	uint8_t id;
	unsigned offset, size;
	uint16_t control_mask, control;         /* struct table_capability */
};

struct fields {
	struct table_config_field at[FIELDS_MAX];
	size_t count;
};

static unsigned log2_of(unsigned value)
{
	unsigned bits = 0;

	while (value >>= 1)
		bits++;
	return bits;
}

static struct capability msi_capability(const struct function *function)
{
	bool is_64bit = function->msi_flags & 1, has_mask = function->msi_flags & 2;
	uint64_t control = FIELD_PREP(PCI_MSI_VECTORS, log2_of(function->msi_vectors_count)) |
			   FIELD_PREP(PCI_MSI_IS_64BIT, is_64bit) | FIELD_PREP(PCI_MSI_HAS_MASK, has_mask);

	return (struct capability){ "msi", PCI_MSI, function->msi_offset, (is_64bit ? 14u : 10u) + (has_mask ? 10 : 0),
				    PCI_MSI_VECTORS | PCI_MSI_IS_64BIT | PCI_MSI_HAS_MASK, (uint16_t)control };
}

/* Into the list, which is by offset. */
static void insert(struct capability list[CAPABILITIES_MAX], size_t count, struct capability capability)
{
	for (; count > 0 && list[count - 1].offset > capability.offset; count--)
		list[count] = list[count - 1];
	list[count] = capability;
}

/* Those that are declared, by offset. */
static size_t capabilities_of(const struct function *function, struct capability list[CAPABILITIES_MAX])
{
	const struct capability singles[SINGLES_MAX] = {
		msi_capability(function),
		{ "msix", PCI_MSIX, function->msix_offset, 12, PCI_MSIX_VECTORS, (uint16_t)(function->msix_count - 1) },
		{ "pcie", PCI_EXPRESS, function->pcie_offset, 60, PCI_EXPRESS_VERSION, PCI_EXPRESS_VERSION_2 },
		{ "pm", PCI_PM, function->pm_offset, 8, 0, 0 },
	};
	size_t count = 0;

	for (size_t i = 0; i < SINGLES_MAX; i++)
		if (tree_has(function->node, singles[i].property))
			insert(list, count++, singles[i]);
	for (const struct vendor *v = function->vendors; v < function->vendors + function->vendor_count; v++)
		insert(list, count++, (struct capability){ "vendor", PCI_VENDOR, v->offset, v->size, 0, 0 });
	return count;
}

/* vendor = <offset length>, ... */
static void read_vendors(int node, struct function *function)
{
	const uint32_t *cells;
	size_t count;

	if (!tree_has(node, "vendor") || !tree_cell_list(node, "vendor", &cells, &count))
		return;
	if (count % 2 || count / 2 > VENDORS_MAX) {
		error_at(674, node, "vendor",
			 "'vendor' must have two cells a capability (offset, length) and at most %d capabilities; "
			 "found %zu cells", VENDORS_MAX, count);
		return;
	}
	for (; count; cells += 2, count -= 2) {
		if (cells[1] < VENDOR_HEAD || cells[1] > VENDOR_LENGTH_MAX)
			error_at(675, node, "vendor",
				 "the capability at 0x%x has %u bytes; such a one has %d to %d: take the third byte "
				 "of it", cells[0], cells[1], VENDOR_HEAD, VENDOR_LENGTH_MAX);
		else
			function->vendors[function->vendor_count++] = (struct vendor){ cells[0], cells[1] };
	}
}

void function_read_capabilities(int node, struct function *function)
{
	uint32_t cell;

	if (tree_has(node, "pcie") && tree_cells(node, "pcie", &cell, 1))
		function->pcie_offset = cell;
	if (tree_has(node, "pm") && tree_cells(node, "pm", &cell, 1))
		function->pm_offset = cell;
	read_vendors(node, function);
}

void function_check_capabilities(const struct function *function)
{
	struct capability list[CAPABILITIES_MAX];
	size_t count = capabilities_of(function, list);

	for (size_t i = 0; i < count; i++) {
		const struct capability *c = &list[i], *before = i ? &list[i - 1] : NULL;

		if (c->offset % 4 || c->offset < PCI_CAPABILITY_FIRST || c->offset >= PCI_CAPABILITY_END)
			error_at(671, function->node, c->property,
				 "offset 0x%x: capabilities are at multiples of 4 from 0x40 to 0xf8", c->offset);
		else if (c->offset + c->size > PCI_CAPABILITY_END)
			error_at(672, function->node, c->property,
				 "the capability at 0x%x has %u bytes: it would end at 0x%x, and 0x100 is the end",
				 c->offset, c->size, c->offset + c->size);
		else if (before && before->offset + before->size > c->offset) {
			error_at(673, function->node, c->property,
				 "the capability at 0x%x overlaps '%s', %u bytes at 0x%x; the function's own list "
				 "says where they are", c->offset, before->property, before->size, before->offset);
			note_at(function->node, before->property, "the other one is declared here");
		}
	}
}

static void add(struct fields *fields, uint64_t offset, uint64_t read, uint64_t value, uint64_t write, uint64_t clear)
{
	if (fields->count == FIELDS_MAX)
		fatal("internal: too many fields");
	fields->at[fields->count++] = (struct table_config_field){ (uint16_t)offset, (uint32_t)read, (uint32_t)value,
								   (uint32_t)write, (uint32_t)clear, 0 };
}

static void add_bar(struct fields *fields, unsigned idx, uint64_t value, uint64_t size)
{
	add(fields, PCI_BAR + 4 * idx, 0, value, 0, 0);
	fields->at[fields->count - 1].size = (uint32_t)size;
}

static void add_read(struct fields *fields, unsigned offset, uint64_t read) { add(fields, offset, read, 0, 0, 0); }

/* Whether the PD sees another function of the device; only then it looks for more than function 0. */
static bool shares_device(const struct pd *pd, const struct function *function)
{
	for (size_t f = 0; f < pd->function_count; f++)
		if (&pd->functions[f] != function && pd->functions[f].pd_bdf >> 3 == function->pd_bdf >> 3)
			return true;
	return false;
}

/* Status errors are cleared by writing 1 (7.5.1.1.4); every other bit of status is read-only. */
static void add_header(struct fields *fields, const struct pd *pd, const struct function *function,
		       const struct capability *first)
{
	const uint64_t command = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_INTX_OFF;
	const uint64_t status = GENMASK(31, 16) & ~PCI_STATUS_LIST, errors = GENMASK(31, 27) | BIT(24);

	add_read(fields, PCI_ID, UINT32_MAX);
	add(fields, PCI_COMMAND, command | status, first ? PCI_STATUS_LIST : 0, command | errors, errors);
	add_read(fields, PCI_CLASS, UINT32_MAX);
	if (shares_device(pd, function))
		add(fields, PCI_HEADER, 0, PCI_HEADER_MULTI, 0, 0);
	for (unsigned i = 0; i < PCI_BARS; i++) {
		for (size_t b = 0; b < function->bar_count; b++) {
			const struct bar *bar = &function->bars[b];
			uint64_t type = FIELD_PREP(PCI_BAR_TYPE, bar->is_64bit ? PCI_BAR_TYPE_64 : 0);

			if (bar->idx == i)
				add_bar(fields, i, (bar->addr & PCI_BAR_ADDR) | type, ~(bar->size - 1) | type);
			else if (bar->is_64bit && bar->idx + 1 == i)
				add_bar(fields, i, bar->addr >> 32, ~(bar->size - 1) >> 32);
		}
	}
	add_read(fields, 0x2c, UINT32_MAX);             /* subsystem IDs */
	if (first)
		add(fields, PCI_CAPABILITIES, 0, first->offset, 0, 0);
}

/* Id and next by the table; control as far as `read`, with `control` shown in its place. */
static void add_head(struct fields *fields, const struct capability *c, const struct capability *next, uint64_t read,
		     uint64_t control, uint64_t write)
{
	uint64_t value = c->id | FIELD_PREP(PCI_CAPABILITY_NEXT, next ? next->offset : 0) |
			 FIELD_PREP(PCI_CAPABILITY_CONTROL, control);

	add(fields, c->offset, FIELD_PREP(PCI_CAPABILITY_CONTROL, read), value,
	    FIELD_PREP(PCI_CAPABILITY_CONTROL, write), 0);
}

/* Enable and multiple message enable are the PD's, the rest is as declared; it may use fewer vectors than there are. */
static void add_msi(struct fields *fields, const struct capability *c, const struct capability *next)
{
	bool is_64bit = c->control & PCI_MSI_IS_64BIT;
	const uint64_t mine = BIT(0) | GENMASK(6, 4);
	unsigned at = c->offset + 4;

	add_head(fields, c, next, mine, c->control, mine);
	add(fields, at, GENMASK(31, 2), 0, GENMASK(31, 2), 0);
	if (is_64bit)
		add(fields, at += 4, UINT32_MAX, 0, UINT32_MAX, 0);
	add(fields, at += 4, GENMASK(15, 0), 0, GENMASK(15, 0), 0);
	if (c->control & PCI_MSI_HAS_MASK) {
		add(fields, at += 4, UINT32_MAX, 0, UINT32_MAX, 0);
		add_read(fields, at + 4, UINT32_MAX);
	}
}

/* Enable and function mask are the PD's. Table and pending bits are where hardware says, in a BAR of the PD's own. */
static void add_msix(struct fields *fields, const struct capability *c, const struct capability *next)
{
	const uint64_t mine = BIT(15) | BIT(14);

	add_head(fields, c, next, mine, c->control, mine);
	add_read(fields, c->offset + 4, UINT32_MAX);
	add_read(fields, c->offset + 8, UINT32_MAX);
}

/*
 * The PD chooses relaxed ordering (7.5.3.4, bit 4), which weakens the order of
 * its own accesses only, and clears its errors. No-snoop stays as it was: the
 * table promises coherent windows. Locked, since they concern the link, the
 * port above or the hypervisor's own settings: payload and request sizes, tags,
 * phantom functions, error reporting, FLR, power, link control. What cannot be
 * used is hidden from the capabilities: FLR (bit 28), phantom functions, and
 * in the second set (7.5.3.15) all but completion timeouts.
 */
static void add_pcie(struct fields *fields, const struct capability *c, const struct capability *next)
{
	const uint64_t errors = GENMASK(19, 16), other_errors = BIT(22);

	add_head(fields, c, next, GENMASK(15, 0), 0, 0);
	add_read(fields, c->offset + 0x04, UINT32_MAX & ~(BIT(28) | GENMASK(4, 3)));
	add(fields, c->offset + 0x08, UINT32_MAX & ~BIT(15), 0, BIT(4) | errors, errors | other_errors);
	add_read(fields, c->offset + 0x0c, UINT32_MAX);         /* link: capabilities, control and status */
	add_read(fields, c->offset + 0x10, UINT32_MAX);
	add_read(fields, c->offset + 0x24, GENMASK(4, 0));
	add_read(fields, c->offset + 0x28, GENMASK(4, 0));
	add_read(fields, c->offset + 0x2c, UINT32_MAX);
	add_read(fields, c->offset + 0x30, UINT32_MAX);
}

/* Always in D0, without PME, D1 and D2; and a write of D3 that does nothing resets nothing: No_Soft_Reset (3.2.4). */
static void add_pm(struct fields *fields, const struct capability *c, const struct capability *next)
{
	add_head(fields, c, next, GENMASK(2, 0), 0, 0);
	add(fields, c->offset + 4, 0, BIT(3), 0, 0);
}

/* The vendor's own: nobody here knows what a write would do. Bytes beyond its length are not part of it. */
static void add_vendor(struct fields *fields, const struct capability *c, const struct capability *next)
{
	for (unsigned at = 0; at < c->size; at += 4) {
		unsigned bytes = c->size - at < 4 ? c->size - at : 4;

		if (at)
			add_read(fields, c->offset + at, GENMASK(8 * bytes - 1, 0));
		else
			add_head(fields, c, next, bytes < 4 ? GENMASK(7, 0) : GENMASK(15, 0), 0, 0);
	}
}

static void fields_make(struct fields *fields, const struct pd *pd, const struct function *function,
			const struct capability *list, size_t count)
{
	add_header(fields, pd, function, count ? &list[0] : NULL);
	for (size_t i = 0; i < count; i++) {
		const struct capability *next = i + 1 < count ? &list[i + 1] : NULL;

		if (list[i].id == PCI_MSI)
			add_msi(fields, &list[i], next);
		else if (list[i].id == PCI_MSIX)
			add_msix(fields, &list[i], next);
		else if (list[i].id == PCI_EXPRESS)
			add_pcie(fields, &list[i], next);
		else if (list[i].id == PCI_VENDOR)
			add_vendor(fields, &list[i], next);
		else
			add_pm(fields, &list[i], next);
	}
}

/* Boot finds capabilities by their id; a vendor's, of which there are several, are registers: emit_pci.c. */
void emit_config_space(FILE *out, const struct pd *pd, const struct function *function, size_t idx)
{
	struct capability list[CAPABILITIES_MAX];
	size_t count = capabilities_of(function, list);
	struct fields fields = { .count = 0 };

	fields_make(&fields, pd, function, list, count);
	fprintf(out, "static const struct table_config_field fields_%zu[] = {\n", idx);
	for (size_t i = 0; i < fields.count; i++) {
		const struct table_config_field *f = &fields.at[i];

		fprintf(out, "\t{ 0x%02x, 0x%08" PRIx32 ", 0x%08" PRIx32 ", 0x%08" PRIx32 ", 0x%08" PRIx32
			     ", 0x%08" PRIx32 " },\n", f->offset, f->read, f->value, f->write, f->clear, f->size);
	}
	fprintf(out, "};\n\n");
	if (count == function->vendor_count)
		return;
	fprintf(out, "static const struct table_capability capabilities_%zu[] = {\n", idx);
	for (size_t i = 0; i < count; i++)
		if (list[i].id != PCI_VENDOR)
			fprintf(out, "\t{ 0x%02x, 0x%02x, 0x%04x, 0x%04x },\n", list[i].id, list[i].offset,
				list[i].control_mask, list[i].control);
	fprintf(out, "};\n\n");
}

void emit_config_space_members(FILE *out, const struct function *function, size_t idx)
{
	struct capability list[CAPABILITIES_MAX];
	size_t count = capabilities_of(function, list);

	fprintf(out, "\t  .fields = fields_%zu, .field_count = sizeof(fields_%zu) / sizeof(fields_%zu[0]),\n", idx, idx,
		idx);
	if (count > function->vendor_count)
		fprintf(out, "\t  .capabilities = capabilities_%zu, .capability_count = %zu,\n", idx,
			count - function->vendor_count);
}
