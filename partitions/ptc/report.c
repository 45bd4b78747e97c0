/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report.json: what the table gives to whom, and where the compiler put it. It
 * is for programs; partitions/report makes of it what people read. Numbers are
 * plain integers, addresses and sizes in bytes, rights as "rw-".
 */
#include <mullion/table.h>

#include "ptc.h"
#include "tree.h"

static const char *const policies[] = {
	[POLICY_REPORT] = "report",
	[POLICY_QUARANTINE] = "quarantine",
	[POLICY_STOP] = "stop",
	[POLICY_RESTART] = "restart",
};
static const char *const spi_kinds[] = {
	[SPI_EDGE] = "edge",
	[SPI_LEVEL] = "level",
	[SPI_MSI] = "msi",
	[SPI_VIRTUAL] = "virtual",
};

static void report_range(struct json *json, const char *key, struct range range)
{
	json_object(json, key);
	json_number(json, "base", range.base);
	json_number(json, "size", range.size);
	json_end(json, '}');
}

static void report_region(struct json *json, const struct region *region)
{
	json_object(json, NULL);
	json_string(json, "name", region->name);
	json_string(json, "place", tree_place(region->node, NULL));
	json_number(json, "base", region->ipa);
	json_number(json, "host", region->pa);
	json_number(json, "size", region->size);
	json_string(json, "rights", access_text(region->access));
	json_string(json, "dma", access_text(region->dma));
	json_number(json, "iova", region->iova);
	json_array(json, "shared");
	for (size_t i = 0; i < region->sharer_count; i++) {
		json_object(json, NULL);
		json_string(json, "pd", tree_full_name(tree_parent(region->sharers[i]->node)));
		json_string(json, "region", region->sharers[i]->name);
		json_end(json, '}');
	}
	json_end(json, ']');
	json_end(json, '}');
}

static void report_device(struct json *json, const struct device *device)
{
	json_object(json, NULL);
	json_string(json, "name", device->name);
	json_string(json, "place", tree_place(device->node, NULL));
	json_string(json, "node", tree_full_name(device->board_node));
	json_array(json, "registers");
	for (size_t r = 0; r < device->range_count; r++)
		report_range(json, NULL, device->ranges[r]);
	json_end(json, ']');
	json_array(json, "interrupts");
	for (size_t s = 0; s < device->spi_count; s++)
		json_number(json, NULL, device->spis[s].intid);
	json_end(json, ']');
	json_end(json, '}');
}

static void report_interrupts(struct json *json, const struct pd *pd)
{
	json_array(json, "interrupts");
	for (size_t s = 0; s < pd->spi_count; s++) {
		json_object(json, NULL);
		json_number(json, "intid", pd->spis[s].intid);
		json_string(json, "kind", spi_kinds[pd->spis[s].kind]);
		if (pd->spis[s].kind == SPI_VIRTUAL)
			json_string(json, "of", pd->spis[s].intid == pd->watchdog_intid ? "watchdog" : "console");
		json_end(json, '}');
	}
	json_end(json, ']');
}

static void report_image(struct json *json, const struct image *image)
{
	json_object(json, NULL);
	json_string(json, "name", image->name);
	json_string(json, "file", image->file);
	json_number(json, "size", image->size);
	json_number(json, "base", image->load);
	json_number(json, "host", image->load_pa);
	json_number(json, "store", image->store);
	json_end(json, '}');
}

/* What the hypervisor itself makes for the PD. */
static void report_virtual(struct json *json, const struct pd *pd)
{
	json_object(json, "virtual");
	if (pd->has_console)
		report_range(json, "console", console_range(pd));
	if (pd->has_watchdog)
		report_range(json, "watchdog", watchdog_range(pd));
	report_range(json, "interrupt controller", irqchip_range(pd));
	report_range(json, "configuration space", ecam_range(pd));
	json_end(json, '}');
}

static void report_restart(struct json *json, const struct pd *pd)
{
	json_object(json, "restart");
	json_number(json, "count", pd->restart_count);
	json_number(json, "seconds", pd->restart_seconds);
	json_number(json, "drain-us", restart_drain_us(pd));
	json_end(json, '}');
}

static void report_pd(struct json *json, const struct board *board, const struct pd *pd)
{
	json_object(json, NULL);
	json_string(json, "label", pd->label);
	json_string(json, "place", tree_place(pd->node, NULL));
	json_string(json, "node", tree_full_name(pd->node));
	json_number(json, "vmid", pd->vmid);
	json_array(json, "cpus");
	for (size_t v = 0; v < pd->cpu_count; v++)
		json_string(json, NULL, tree_full_name(board->cpus[pd->cpus[v]].node));
	json_end(json, ']');
	json_string(json, "on-dma-fault", policies[pd->on_dma_fault]);
	json_string(json, "on-crash", policies[pd->on_crash]);
	if (pd->restart_count)
		report_restart(json, pd);
	json_array(json, "images");
	for (const struct image *image = image_next(pd, NULL); image; image = image_next(pd, image))
		report_image(json, image);
	json_end(json, ']');
	report_virtual(json, pd);
	report_interrupts(json, pd);
	json_array(json, "regions");
	for (size_t r = 0; r < pd->region_count; r++)
		report_region(json, &pd->regions[r]);
	json_end(json, ']');
	json_array(json, "devices");
	for (size_t d = 0; d < pd->device_count; d++)
		report_device(json, &pd->devices[d]);
	json_end(json, ']');
	json_array(json, "functions");
	for (size_t f = 0; f < pd->function_count; f++)
		report_function(json, board, pd, &pd->functions[f]);
	json_end(json, ']');
	json_end(json, '}');
}

static void report_cpus(struct json *json, const struct board *board)
{
	json_array(json, "cpus");
	for (size_t c = 0; c < board->cpu_count; c++)
		json_string(json, NULL, tree_full_name(board->cpus[c].node));
	json_end(json, ']');
}

static void report_ranges(struct json *json, const char *key, const struct range *ranges, size_t count)
{
	json_array(json, key);
	for (size_t i = 0; i < count; i++)
		report_range(json, NULL, ranges[i]);
	json_end(json, ']');
}

static void report_board(struct json *json, const struct board *board)
{
	json_object(json, "board");
	json_string(json, "model", board->model);
	report_cpus(json, board);
	report_ranges(json, "ram", board->ram, board->ram_count);
	report_ranges(json, "bootloader", board->bootloader, board->bootloader_count);
	json_end(json, '}');
}

static void report_hypervisor(struct json *json, const struct appliance *appliance)
{
	const struct board *board = &appliance->board;
	size_t housekeeping = appliance->cpus[appliance->housekeeping].cpu;

	json_object(json, "hypervisor");
	json_string(json, "housekeeping", tree_full_name(board->cpus[housekeeping].node));
	json_bool(json, "housekeeping-alone", appliance->has_housekeeping);
	report_range(json, "reserved", board->hypervisor);
	json_array(json, "slots");
	for (size_t i = 0; i < SLOT_COUNT; i++) {
		if (!appliance->slots[i].size)
			continue;
		json_object(json, NULL);
		json_string(json, "name", appliance->slots[i].name);
		json_number(json, "base", appliance->slots[i].base);
		json_number(json, "size", appliance->slots[i].size);
		json_end(json, '}');
	}
	json_end(json, ']');
	json_end(json, '}');
}

void report_write(FILE *out, const struct appliance *appliance)
{
	struct json json = { out, false };

	json_object(&json, NULL);
	json_string(&json, "table", appliance->digest);
	json_number(&json, "pd-address-bits", appliance->ipa_bits);
	json_number(&json, "host-address-bits", appliance->pa_bits);
	report_board(&json, &appliance->board);
	report_hypervisor(&json, appliance);
	json_array(&json, "pds");
	for (size_t p = 0; p < appliance->pd_count; p++)
		report_pd(&json, &appliance->board, &appliance->pds[p]);
	json_end(&json, ']');
	report_bridges(&json, appliance);
	report_groups(&json, appliance);
	report_fates(&json, appliance);
	json_end(&json, '}');
	fputc('\n', out);
}
