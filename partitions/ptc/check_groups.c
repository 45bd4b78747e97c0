/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Isolation groups: functions that can reach each other before the IOMMU sees
 * it, or that it cannot tell apart, have one owner. What keeps them apart is a
 * bus of their own behind ports that send every request upwards (ACS, PCIe 5.0,
 * 6.12); the first bus does, but within a device. A port without ACS joins all
 * behind it; one of a switch also what is behind the switch's other ports,
 * since its requests go there directly.
 */
#include <mullion/table.h>

#include "diag.h"
#include "ptc.h"
#include "tree.h"

/* What of a switch, or of a port, joins all behind it; NULL if nothing does. */
static const struct bridge *joining_port(const struct appliance *appliance, const struct bridge *bridge)
{
	if (bridge->type != BRIDGE_UPSTREAM)
		return bridge->type == BRIDGE_PCIE_PCI || !bridge->acs ? bridge : NULL;
	for (const struct bridge *b = appliance->bridges; b < appliance->bridges + appliance->bridge_count; b++)
		if (b->is.bridge == bridge && b->type == BRIDGE_DOWNSTREAM && !b->acs)
			return b;
	return NULL;
}

/* Another function of the device, where that or the bridge has no ACS: they reach each other inside. */
static const struct function *joining_sibling(const struct appliance *appliance, const struct bridge *bridge)
{
	for (size_t p = 0; p < appliance->pd_count; p++)
		for (size_t f = 0; f < appliance->pds[p].function_count; f++)
			if (appliance->pds[p].functions[f].bdf >> 3 == bridge->is.bdf >> 3)
				return &appliance->pds[p].functions[f];
	for (const struct bridge *b = appliance->bridges; b < appliance->bridges + appliance->bridge_count; b++)
		if (b != bridge && b->is.bdf >> 3 == bridge->is.bdf >> 3 && !(b->acs && bridge->acs))
			return &b->is;
	return NULL;
}

/* The highest bridge that joins what is behind it; NULL: none does. */
static const struct bridge *join_of(const struct appliance *appliance, const struct function *function)
{
	const struct bridge *join = NULL;

	for (const struct bridge *bridge = function->bridge; bridge; bridge = bridge->is.bridge)
		if (joining_port(appliance, bridge) || joining_sibling(appliance, bridge))
			join = bridge;
	return join;
}

unsigned group_of(const struct appliance *appliance, const struct function *function)
{
	const struct bridge *join = join_of(appliance, function);

	return (join ? join->is.bdf : function->bdf) >> 3;
}

const char *group_why(const struct appliance *appliance, const struct function *a, const struct function *b)
{
	const struct bridge *join = join_of(appliance, a), *other = join_of(appliance, b), *port;

	if (!join && !other)
		return keep_format("functions of one device, %.10s, reach each other inside it", a->bdf_name);
	if (!join)
		join = other;
	port = join_of(appliance, a) == other ? joining_port(appliance, join) : NULL;
	if (!port)
		return keep_format("%s and %s are of one device, and not both have ACS", join->is.name,
				   joining_sibling(appliance, join)->name);
	if (port != join)
		return keep_format("%s, a port of the switch %s, has no ACS: they reach each other through it",
				   port->is.name, join->is.name);
	return keep_format(join->type == BRIDGE_PCIE_PCI ?
				   "behind %s, a bridge to conventional PCI, all are one requester" :
				   "%s has no ACS: they reach each other behind it", join->is.name);
}

struct member {
	const struct pd *pd;
	const struct function *function;
	unsigned group;
};

static void note_bridge(const struct bridge *bridge)
{
	note_at(bridge->is.node, NULL, "%s is declared here", bridge->is.name);
}

static void report_owners(const struct appliance *appliance, const struct member *a, const struct member *b)
{
	const struct bridge *join = join_of(appliance, b->function), *port;

	if (!join)
		join = join_of(appliance, a->function);
	port = join ? joining_port(appliance, join) : NULL;
	error_at(661, b->function->node, function_place(b->function),
		 "%s of %s and %s of %s must have one owner: %s", b->function->name, b->pd->label, a->function->name,
		 a->pd->label, group_why(appliance, b->function, a->function));
	note_at(a->function->node, function_place(a->function), "%s of %s is declared here", a->function->name,
		a->pd->label);
	if (port && port != join)
		note_bridge(port);
	if (join)
		note_bridge(join);
}

static bool has_window(const struct function *function, const struct region *region)
{
	for (size_t w = 0; w < function->window_count; w++)
		if (function->windows[w] == region)
			return true;
	return false;
}

static bool same_windows(const struct function *a, const struct function *b)
{
	for (size_t w = 0; w < a->window_count; w++)
		if (!has_window(b, a->windows[w]))
			return false;
	for (size_t w = 0; w < b->window_count; w++)
		if (!has_window(a, b->windows[w]))
			return false;
	return true;
}

static const char *windows_property(const struct function *function)
{
	return tree_has(function->node, "windows") ? "windows" : NULL;
}

/* One requester has one set of windows. */
static void check_windows(const struct member *a, const struct member *b)
{
	if (same_windows(a->function, b->function))
		return;
	error_at(662, b->function->node, windows_property(b->function),
		 "%s and %s are one requester to the IOMMU, behind %s, and have different windows; give both the same",
		 b->function->name, a->function->name, b->function->bridge->is.name);
	note_at(a->function->node, windows_property(a->function), "%s is declared here", a->function->name);
}

/* Against the first one of the group, and the first one of the requester. Said already: declared twice. */
static void check_member(const struct appliance *appliance, const struct member *members, const struct member *b)
{
	const struct member *a = members;

	while (a->group != b->group)
		a++;
	if (a->pd != b->pd && a->function->bdf != b->function->bdf)
		report_owners(appliance, a, b);
	for (a = members; a->function->requester != b->function->requester;)
		a++;
	if (a->pd == b->pd && a->function->bdf != b->function->bdf)
		check_windows(a, b);
}

void groups_check(const struct appliance *appliance)
{
	struct member *members = NULL;
	size_t count = 0;

	for (const struct pd *pd = appliance->pds; pd < appliance->pds + appliance->pd_count; pd++)
		for (const struct function *f = pd->functions; f < pd->functions + pd->function_count; f++)
			if (count < TABLE_FUNCTIONS_MAX)        /* more are refused */
				*(struct member *)keep_append(&members, &count, sizeof(*members)) =
					(struct member){ pd, f, group_of(appliance, f) };
	for (size_t m = 0; m < count; m++)
		check_member(appliance, members, &members[m]);
}
