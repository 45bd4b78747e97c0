/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fate groups: functions that fail together, although the IOMMU holds them
 * apart. All behind a root port have one link to memory: an uncorrectable
 * error, a reset or the loss of that link takes all of them, ACS or not (PCIe
 * 5.0, 6.2 and 6.6). So do functions of one device. PDs may share a fate unless
 * the table says otherwise; they may not share an isolation group.
 */
#include <mullion/table.h>

#include "diag.h"
#include "ptc.h"
#include "tree.h"

struct member {
	const struct pd *pd;
	const struct function *function;
};

static const struct bridge *root_port(const struct function *function)
{
	const struct bridge *bridge = function->bridge;

	while (bridge && bridge->is.bridge)
		bridge = bridge->is.bridge;
	return bridge;
}

static bool one_fate(const struct function *a, const struct function *b)
{
	return root_port(a) == root_port(b) && (root_port(a) || a->bdf >> 3 == b->bdf >> 3);
}

static const char *fate_why(const struct function *function)
{
	const struct bridge *port = root_port(function);

	if (port)
		return keep_format("behind %s, one link: its errors, its reset and its loss hit all", port->is.name);
	return keep_format("functions of one device, %.10s: its errors and its reset hit all", function->bdf_name);
}

/* In the order of the table; no more than the hypervisor takes, since more are refused. */
static size_t collect(const struct appliance *appliance, struct member **members)
{
	size_t count = 0;

	for (const struct pd *pd = appliance->pds; pd < appliance->pds + appliance->pd_count; pd++)
		for (const struct function *f = pd->functions; f < pd->functions + pd->function_count; f++)
			if (count < TABLE_FUNCTIONS_MAX)
				*(struct member *)keep_append(members, &count, sizeof(**members)) =
					(struct member){ pd, f };
	return count;
}

static void report_shared(const struct appliance *appliance, const struct member *a, const struct member *b)
{
	const struct bridge *port = root_port(b->function);
	const char *what = keep_format("%s of %s and %s of %s are %s", b->function->name, b->pd->label,
				       a->function->name, a->pd->label, fate_why(b->function));

	if (appliance->refuse_shared_fate)
		error_at(663, b->function->node, function_place(b->function),
			 "%s; put one behind another root port, or allow it: shared-fate = \"warn\"", what);
	else
		warning_at(3, b->function->node, function_place(b->function),
			   "%s; put one behind another root port. shared-fate = \"refuse\" makes this an error", what);
	note_at(a->function->node, function_place(a->function), "%s of %s is declared here", a->function->name,
		a->pd->label);
	if (port)
		note_at(port->is.node, NULL, "%s is declared here", port->is.name);
	if (appliance->refuse_shared_fate)
		note_at(tree_node("/partitions"), "shared-fate", "refused by this");
}

/* Once for each PD that joins a group; said already: that they are of one isolation group, or one function. */
void fates_check(const struct appliance *appliance)
{
	struct member *members = NULL;
	size_t count = collect(appliance, &members);

	for (const struct member *b = members; b < members + count; b++) {
		const struct member *a = members;

		while (!one_fate(a->function, b->function))
			a++;
		if (a->pd == b->pd || group_of(appliance, a->function) == group_of(appliance, b->function))
			continue;
		for (const struct member *other = a; other <= b; other++) {
			if (other == b)
				report_shared(appliance, a, b);
			else if (other->pd == b->pd && one_fate(other->function, b->function))
				break;
		}
	}
}

static void report_fate(struct json *json, const struct member *members, size_t count, const struct member *first)
{
	const struct pd *last = NULL;

	json_object(json, NULL);
	json_string(json, "why", fate_why(first->function));
	json_array(json, "pds");
	for (const struct member *m = first; m < members + count; m++) {
		if (m->pd != last && one_fate(m->function, first->function)) {
			json_string(json, NULL, m->pd->label);
			last = m->pd;
		}
	}
	json_end(json, ']');
	json_array(json, "functions");
	for (const struct member *m = first; m < members + count; m++)
		if (one_fate(m->function, first->function))
			json_string(json, NULL, m->function->bdf_name);
	json_end(json, ']');
	json_end(json, '}');
}

/* By the first function of each; none of a function alone. */
void report_fates(struct json *json, const struct appliance *appliance)
{
	struct member *members = NULL;
	size_t count = collect(appliance, &members);

	json_array(json, "fate-groups");
	for (const struct member *first = members; first < members + count; first++) {
		size_t before = 0, after = 0;

		for (const struct member *m = members; m < members + count; m++)
			if (m != first && one_fate(m->function, first->function))
				++*(m < first ? &before : &after);
		if (!before && after)
			report_fate(json, members, count, first);
	}
	json_end(json, ']');
}
