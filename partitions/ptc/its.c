/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MSIs as the interrupt controller has them: an LPI for each function and SPI
 * of its PD's pool, all commands that tell the ITS so, and where the ITS keeps
 * its own tables. EventIDs are the PD's SPIs. A collection is a CPU, by its
 * index in the emitted table: the first of the PD, which takes its interrupts.
 *
 * The constants begin the translation tables' section, at addresses that are
 * known before they are linked: maps and commands name them.
 */
#include "gicv3_its_cmd.h"

#include <inttypes.h>

#include <mullion/table.h>

#include "board.h"
#include "diag.h"
#include "tree.h"

#define HEX "0x%" PRIx64

enum {
	ITS_SIZE = 0x20000,
	ITS_CONTROL_SIZE = 0x10000,     /* the rest is the page that devices write to */
	ITS_GRANULE = 0x10000,          /* of its tables and of LPI pending tables (IHI 0069H, 5.2, 6.1.2) */
	ITS_ENTRY_SIZE = 8,             /* device and collection tables: room for entries of */
	ITT_ENTRY_SIZE = 16,
	LPI_FIRST = 8192,
	LPI_ID_BITS = 14,               /* the least that there can be */
	LPI_MAX = (1 << LPI_ID_BITS) - LPI_FIRST,
	DEVICE_BITS_MAX = 20,
};
_Static_assert((TABLE_FUNCTIONS_MAX - 1) * TABLE_PD_SPIS_MAX <= LPI_MAX, "an LPI for each function and SPI");

/* `msi-map`: requester base, ITS, DeviceID base, length. */
static void read_msi_map(struct board *board, int its_node)
{
	uint32_t map[4];

	if (!tree_has(board->pci_node, "msi-map") || !tree_cells(board->pci_node, "msi-map", map, 4))
		return;
	if (tree_has(board->pci_node, "msi-map-mask"))
		error_at(721, board->pci_node, "msi-map-mask",
			 "'msi-map-mask' gives functions the same DeviceID; this release takes none");
	if (map[0] != 0 || map[3] == 0)
		error_at(722, board->pci_node, "msi-map", "'msi-map' must begin at requester 0 and not be empty");
	if (tree_by_phandle(map[1]) != its_node) {
		error_at(723, board->pci_node, "msi-map", "'msi-map' must name the board's ITS; it names another node");
		note_at(its_node, NULL, "the ITS is declared here");
	}
	if ((uint64_t)map[2] + map[3] > UINT64_C(1) << DEVICE_BITS_MAX)
		error_at(724, board->pci_node, "msi-map",
			 "'msi-map' goes up to DeviceID 0x%" PRIx64 "; this release builds tables for %d bits",
			 (uint64_t)map[2] + map[3] - 1, DEVICE_BITS_MAX);
	board->msi_device_base = map[2];
	board->msi_requester_count = map[3];
}

void board_read_its(struct board *board)
{
	int node = board_find(0, "arm,gic-v3-its", "ITS");

	if (node < 0)
		return;
	board_read_device(board, node, 0, "the ITS", &board->its);
	if (board->its.size && board->its.size != ITS_SIZE)
		error_at(725, node, "reg", "the ITS has 0x%" PRIx64 " bytes of registers; this release takes 0x%x",
			 board->its.size, ITS_SIZE);
	if (board->pci_node >= 0)
		read_msi_map(board, node);
}

struct range its_control(const struct appliance *appliance)
{
	return (struct range){ appliance->board.its.base, appliance->its.lpi_count ? ITS_CONTROL_SIZE : 0 };
}

uint64_t its_doorbell(const struct board *board) { return board->its.base + ITS_CONTROL_SIZE; }

uint32_t function_device_id(const struct board *board, const struct function *function)
{
	return board->msi_device_base + function->requester;
}

static unsigned bits_for(uint64_t count)
{
	unsigned bits = 1;

	while (UINT64_C(1) << bits < count)
		bits++;
	return bits;
}

static size_t itt_size(const struct its *its) { return round_up(ITT_ENTRY_SIZE << its->event_bits, ITS_ITT_ALIGN); }

/* Functions of one requester are one device to the ITS: this one, or NULL, has its commands and LPIs. */
static const struct function *its_device(const struct pd *pd, const struct function *function)
{
	for (const struct function *a = pd->functions; function->msi_vectors && a <= function; a++)
		if (a->msi_vectors && a->requester == function->requester)
			return a;
	return NULL;
}

/* What there is of everything. */
void its_count(struct appliance *appliance)
{
	struct its *its = &appliance->its;
	uint32_t devices = 0, events = 0;

	*its = (struct its){ 0 };
	for (size_t p = 0; p < appliance->pd_count; p++) {
		struct pd *pd = &appliance->pds[p];

		if (!pd->msi_count)
			continue;
		its->frame_count++;
		if (pd->msi_base + pd->msi_count > events)
			events = pd->msi_base + pd->msi_count;
		for (size_t f = 0; f < pd->function_count; f++) {
			struct function *function = &pd->functions[f];
			const struct function *first = its_device(pd, function);
			uint32_t device = function_device_id(&appliance->board, function);

			if (first && first != function)
				function->lpi_first = first->lpi_first;
			if (first != function)
				continue;
			function->lpi_first = LPI_FIRST + (uint32_t)its->lpi_count;
			its->function_count++;
			its->lpi_count += pd->msi_count;
			if (device >= devices)
				devices = device + 1;
		}
	}
	if (!its->lpi_count)
		return;
	its->event_bits = bits_for(events);
	its->device_bits = bits_for(devices);
	/* For each collection MAPC, INVALL, SYNC; for each function MAPD; for each LPI MAPTI. */
	its->commands_size = (3 * its->frame_count + its->function_count + its->lpi_count) * sizeof(struct its_cmd);
}

uint64_t its_constants_size(const struct appliance *appliance)
{
	const struct its *its = &appliance->its;

	/* The command that a full page would have no slot for to be empty (5.2): one more. */
	return its->lpi_count ? its->frame_count * PAGE_SIZE + LPI_MAX +
					round_up(its->commands_size + sizeof(struct its_cmd), PAGE_SIZE) :
				0;
}

static uint64_t devices_size(const struct its *its)
{
	return round_up((uint64_t)ITS_ENTRY_SIZE << its->device_bits, ITS_GRANULE);
}

/* Pending tables, the ITS's two tables, translation tables. */
uint64_t its_memory_size(const struct appliance *appliance)
{
	const struct its *its = &appliance->its;

	return its->lpi_count ? its->frame_count * ITS_GRANULE + devices_size(its) + ITS_GRANULE +
					round_up(its->function_count * itt_size(its), PAGE_SIZE) :
				0;
}

const uint64_t its_memory_align = ITS_GRANULE;

void its_place(struct appliance *appliance)
{
	struct its *its = &appliance->its;
	uint64_t constant = appliance->slots[SLOT_TABLES_CPU].base;
	uint64_t memory = appliance->slots[SLOT_ITS].base;

	for (size_t p = 0; p < appliance->pd_count; p++) {
		struct pd *pd = &appliance->pds[p];

		if (!pd->msi_count)
			continue;
		pd->msi_frame = constant;
		pd->lpi_pending = memory;
		constant += PAGE_SIZE;
		memory += ITS_GRANULE;
	}
	its->lpi_config = constant;
	its->commands = constant + LPI_MAX;
	its->devices = memory;
	its->collections = memory + devices_size(its);
	its->itts = its->collections + ITS_GRANULE;
}

uint64_t its_lpi_pending(const struct appliance *appliance, const struct used_cpu *cpu)
{
	return cpu->pd && cpu->vcpu == 0 ? appliance->pds[cpu->pd - 1].lpi_pending : 0;
}

/* Index into cpus of the PD's first. */
static unsigned cpu_of_pd(const struct appliance *appliance, size_t p)
{
	unsigned c = 0;

	while (appliance->cpus[c].pd != p + 1 || appliance->cpus[c].vcpu)
		c++;
	return c;
}

static void emit_command(FILE *out, const char *name, struct its_cmd command)
{
	fprintf(out, "\t.quad\t" HEX ", " HEX ", " HEX ", " HEX "\t// %s\n", command.word[0], command.word[1],
		command.word[2], command.word[3], name);
}

static void emit_function_commands(FILE *out, const struct appliance *appliance, const struct pd *pd,
				   const struct function *function, unsigned collection, uint64_t itt)
{
	const struct its *its = &appliance->its;
	uint32_t device = function_device_id(&appliance->board, function);

	emit_command(out, keep_format("MAPD %s", function->bdf_name), its_mapd(device, its->event_bits, itt));
	for (uint32_t i = 0; i < pd->msi_count; i++)
		emit_command(out, "MAPTI", its_mapti(device, pd->msi_base + i, function->lpi_first + i, collection));
}

/* Functions whose collections the ITS does not know yet are nobody's: MAPC comes first (5.3.14). */
static void emit_commands(FILE *out, const struct appliance *appliance)
{
	uint64_t itt = appliance->its.itts;

	fprintf(out, "its_commands:\n");
	for (unsigned c = 0; c < appliance->cpu_count; c++)
		if (its_lpi_pending(appliance, &appliance->cpus[c]))
			emit_command(out, "MAPC", its_mapc(c + 1, (unsigned)appliance->cpus[c].cpu));
	for (size_t p = 0; p < appliance->pd_count; p++) {
		const struct pd *pd = &appliance->pds[p];

		for (size_t f = 0; f < pd->function_count; f++) {
			if (its_device(pd, &pd->functions[f]) != &pd->functions[f])
				continue;
			emit_function_commands(out, appliance, pd, &pd->functions[f], cpu_of_pd(appliance, p) + 1, itt);
			itt += itt_size(&appliance->its);
		}
	}
	for (unsigned c = 0; c < appliance->cpu_count; c++)
		if (its_lpi_pending(appliance, &appliance->cpus[c]))
			emit_command(out, "INVALL", its_invall(c + 1));
	for (unsigned c = 0; c < appliance->cpu_count; c++)
		if (its_lpi_pending(appliance, &appliance->cpus[c]))
			emit_command(out, "SYNC", its_sync((unsigned)appliance->cpus[c].cpu));
}

void its_emit_constants(FILE *out, const struct appliance *appliance)
{
	const struct its *its = &appliance->its;

	if (!its->lpi_count)
		return;
	for (size_t p = 0; p < appliance->pd_count; p++)
		if (appliance->pds[p].msi_count)
			msi_emit_frame(out, &appliance->pds[p]);
	fprintf(out, "lpi_config:\n\t.fill\t%zu, 1, 0x%x\n\t.skip\t%zu\n", its->lpi_count,
		LPI_PRIORITY | LPI_RES1 | LPI_ENABLED, LPI_MAX - its->lpi_count);
	emit_commands(out, appliance);
	fprintf(out, "\t.skip\t%d\n\t.balign\t4096\n", (int)sizeof(struct its_cmd));
}

/* Where the INTID is among the PD's. */
static size_t spi_index(const struct pd *pd, uint32_t intid)
{
	size_t s = 0;

	while (pd->spis[s].intid != intid)
		s++;
	return s;
}

void its_emit_lpis(FILE *out, const struct appliance *appliance)
{
	if (!appliance->its.lpi_count)
		return;
	fprintf(out, "static const struct table_lpi lpis[] = {\n");
	for (size_t p = 0; p < appliance->pd_count; p++) {
		const struct pd *pd = &appliance->pds[p];

		for (size_t f = 0; f < pd->function_count; f++) {
			if (its_device(pd, &pd->functions[f]) != &pd->functions[f])
				continue;
			fprintf(out, "\t/* %s */\n", tree_place(pd->functions[f].node, NULL));
			for (uint32_t i = 0; i < pd->msi_count; i++)
				fprintf(out, "\t{ %zu, %zu },\n", p + 1, spi_index(pd, pd->msi_base + i));
		}
	}
	fprintf(out, "};\n\n");
}

void its_emit_irqchip(FILE *out, const struct appliance *appliance)
{
	const struct its *its = &appliance->its;
	const struct slot *slot = &appliance->slots[SLOT_ITS];

	if (!its->lpi_count)
		return;
	fprintf(out, "\t\t     .its = { " HEX " }, .doorbell = { " HEX " },\n", appliance->board.its.base,
		its_doorbell(&appliance->board));
	fprintf(out, "\t\t     .its_commands = { " HEX " }, .its_commands_size = " HEX ",\n", its->commands,
		its->commands_size);
	fprintf(out, "\t\t     .its_devices = { " HEX " }, .its_devices_size = " HEX ",\n", its->devices,
		devices_size(its));
	fprintf(out, "\t\t     .its_collections = { " HEX " }, .its_collections_size = 0x%x,\n", its->collections,
		ITS_GRANULE);
	fprintf(out, "\t\t     .its_memory = { { " HEX " }, " HEX " },\n", slot->base, slot->size);
	fprintf(out, "\t\t     .its_entry_size = %d, .its_event_bits = %u, .its_device_bits = %u,\n", ITT_ENTRY_SIZE,
		its->event_bits, its->device_bits);
	fprintf(out, "\t\t     .lpi_config = { " HEX " }, .lpi_id_bits = %d,\n", its->lpi_config, LPI_ID_BITS);
}

void its_report_function(struct json *json, const struct board *board, const struct pd *pd,
			 const struct function *function)
{
	if (!function->msi_vectors)
		return;
	json_object(json, "msi");
	json_number(json, "doorbell", function->doorbell);
	json_number(json, "host", its_doorbell(board));
	json_number(json, "device-id", function_device_id(board, function));
	json_number(json, "vectors", function->msi_vectors);
	json_number(json, "intid", pd->msi_base);
	json_number(json, "lpi", function->lpi_first);
	json_number(json, "count", pd->msi_count);
	json_end(json, '}');
}
