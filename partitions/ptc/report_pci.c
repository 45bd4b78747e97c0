/* SPDX-License-Identifier: Apache-2.0 */
/* report.json's part of PCI: a PD's functions, then bridges and isolation groups. */
#include "ptc.h"
#include "tree.h"

static void report_bars(struct json *json, const struct function *function)
{
	json_array(json, "bars");
	for (size_t b = 0; b < function->bar_count; b++) {
		json_object(json, NULL);
		json_number(json, "index", function->bars[b].idx);
		json_number(json, "base", function->bars[b].addr);
		json_number(json, "size", function->bars[b].size);
		json_end(json, '}');
	}
	json_end(json, ']');
}

static void report_windows(struct json *json, const struct function *function)
{
	json_array(json, "windows");
	for (size_t w = 0; w < function->window_count; w++) {
		const struct region *region = function->windows[w];

		json_object(json, NULL);
		json_string(json, "region", region->name);
		json_number(json, "iova", region->iova);
		json_number(json, "host", region->pa);
		json_number(json, "size", region->size);
		json_string(json, "rights", access_text(region->dma));
		json_end(json, '}');
	}
	json_end(json, ']');
}

/* What bridges and functions alike are. */
static void report_identity(struct json *json, const struct function *function)
{
	json_string(json, "bdf", function->bdf_name);
	json_string(json, "name", function->name);
	json_string(json, "place", tree_place(function->node, NULL));
	json_number(json, "vendor", function->vendor);
	json_number(json, "device", function->device);
	json_number(json, "class", function->class);
	json_string(json, "behind", function->bridge ? function->bridge->is.name : "");
	report_bars(json, function);
}

void report_function(struct json *json, const struct board *board, const struct pd *pd,
		     const struct function *function)
{
	json_object(json, NULL);
	report_identity(json, function);
	json_number(json, "requester", function->requester);
	json_string(json, "pd-bdf", keep_format("%02x:%02x.%x", function->pd_bdf >> 8, function->pd_bdf >> 3 & 31,
						function->pd_bdf & 7));
	json_number(json, "stream", function->stream);
	json_number(json, "vmid", function->vmid);
	json_string(json, "reset", function->reset == RESET_NONE ? "" : reset_name(function->reset));
	json_number(json, "drain-us", function->drain_us);
	report_windows(json, function);
	its_report_function(json, board, pd, function);
	json_end(json, '}');
}

void report_bridges(struct json *json, const struct appliance *appliance)
{
	json_array(json, "bridges");
	for (size_t b = 0; b < appliance->bridge_count; b++) {
		const struct bridge *bridge = &appliance->bridges[b];

		json_object(json, NULL);
		report_identity(json, &bridge->is);
		json_string(json, "type", bridge_type_name(bridge));
		json_number(json, "secondary", bridge->secondary);
		json_number(json, "subordinate", bridge->subordinate);
		json_number(json, "base", bridge->memory.base);
		json_number(json, "size", bridge->memory.size);
		json_number(json, "acs", bridge->acs);
		json_end(json, '}');
	}
	json_end(json, ']');
}

/* By the first function of each, whose PD owns the group; none of a function alone. */
static void report_group(struct json *json, const struct appliance *appliance, const struct pd *pd,
			 const struct function *first)
{
	unsigned group = group_of(appliance, first);
	const struct function *end = pd->functions + pd->function_count, *other = first + 1;

	for (const struct function *f = pd->functions; f < first; f++)
		if (group_of(appliance, f) == group)
			return;
	while (other < end && group_of(appliance, other) != group)
		other++;
	if (other == end)
		return;
	json_object(json, NULL);
	json_array(json, "pds");
	json_string(json, NULL, pd->label);
	json_end(json, ']');
	json_string(json, "why", group_why(appliance, first, other));
	json_array(json, "functions");
	for (const struct function *f = first; f < end; f++)
		if (group_of(appliance, f) == group)
			json_string(json, NULL, f->bdf_name);
	json_end(json, ']');
	json_end(json, '}');
}

void report_groups(struct json *json, const struct appliance *appliance)
{
	json_array(json, "isolation-groups");
	for (const struct pd *pd = appliance->pds; pd < appliance->pds + appliance->pd_count; pd++)
		for (const struct function *f = pd->functions; f < pd->functions + pd->function_count; f++)
			report_group(json, appliance, pd, f);
	json_end(json, ']');
}
