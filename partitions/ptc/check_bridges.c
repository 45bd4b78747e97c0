/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of bridges: what may be where, and what the board's maps must cover. check_groups.c: who may own what. */
#include "diag.h"
#include "ptc.h"
#include "tree.h"

enum { BRIDGE_BARS = 2, CLASS_BRIDGE = 0x060400, ACS_FIRST = 0x100, ACS_END = 0x1000, ACS_SIZE = 8 };

/* Where each type may be, and whether it is a port to one device only. */
static const struct {
	bool first_bus, below[BRIDGE_PCIE_PCI + 1];
	bool one_device, has_acs;
	const char *where;
} kinds[] = {
	[BRIDGE_ROOT_PORT] = { .first_bus = true, .one_device = true, .has_acs = true, .where = "on the first bus" },
	[BRIDGE_UPSTREAM] = { .below = { [BRIDGE_ROOT_PORT] = true, [BRIDGE_DOWNSTREAM] = true },
			      .where = "behind a root-port or downstream port" },
	[BRIDGE_DOWNSTREAM] = { .below = { [BRIDGE_UPSTREAM] = true }, .one_device = true, .has_acs = true,
				.where = "behind an upstream port" },
	[BRIDGE_PCIE_PCI] = { .below = { [BRIDGE_ROOT_PORT] = true, [BRIDGE_DOWNSTREAM] = true },
			      .where = "behind a root-port or downstream port" },
};

static void note_bridge(const struct bridge *bridge)
{
	note_at(bridge->is.node, NULL, "%s is declared here", bridge->is.name);
}

static void check_where(const struct board *board, const struct bridge *bridge)
{
	const struct bridge *above = bridge->is.bridge;

	if (!above) {
		if (check_bdf(board, &bridge->is) && !kinds[bridge->type].first_bus)
			error_at(641, bridge->is.node, "bdf", "%s is on the first bus; \"%s\" is %s", bridge->is.name,
				 bridge_type_name(bridge), kinds[bridge->type].where);
	} else if (!kinds[bridge->type].below[above->type]) {
		error_at(642, bridge->is.node, "bridge", "%s is behind a bridge of type \"%s\"; \"%s\" is %s",
			 bridge->is.name, bridge_type_name(above), bridge_type_name(bridge),
			 kinds[bridge->type].where);
		note_bridge(above);
	}
}

static void check_class(const struct bridge *bridge)
{
	if (bridge->is.class >> 8 != CLASS_BRIDGE >> 8)
		error_at(643, bridge->is.node, "class", "%s has class 0x%06x; a bridge must have 0x%06x",
			 bridge->is.name, bridge->is.class, CLASS_BRIDGE);
	else if (bridge->is.class != CLASS_BRIDGE)
		error_at(644, bridge->is.node, "class",
			 "%s has class 0x%06x: it forwards what is in no window; only 0x%06x can be closed",
			 bridge->is.name, bridge->is.class, CLASS_BRIDGE);
}

static void check_acs(const struct bridge *bridge)
{
	if (!tree_has(bridge->is.node, "acs"))
		return;
	if (!kinds[bridge->type].has_acs)
		error_at(645, bridge->is.node, "acs", "\"%s\" has no ACS that keeps functions behind it apart; "
						 "\"root-port\" and \"downstream\" may", bridge_type_name(bridge));
	if (bridge->acs % 4 || bridge->acs < ACS_FIRST || bridge->acs > ACS_END - ACS_SIZE)
		error_at(646, bridge->is.node, "acs",
			 "offset 0x%x: extended capabilities are at multiples of 4 from 0x100, and this one ends by "
			 "0x1000", bridge->acs);
}

/* All of the bus: by its number, undeclared functions behind the bridge could send requests too. */
static void check_streams(const struct board *board, const struct bridge *bridge)
{
	unsigned last = bridge->secondary << 8 | 0xff;

	if (last < board->requester_count)
		return;
	error_at(647, bridge->is.node, NULL,
		 "behind %s is bus %u, requesters up to 0x%x, which 'iommu-map' gives no streams: it ends at 0x%x; "
		 "leave bridges out",
		 bridge->is.name, bridge->secondary, last, board->requester_count);
	note_at(board->pci_node, "iommu-map", "it is declared here");
}

/* PCI Express is point to point: behind a port is one device, and between the ports of a switch nothing else. */
static void check_behind(const struct function *function, bool is_bridge)
{
	const struct bridge *bridge = function->bridge;

	if (!bridge)
		return;
	if (kinds[bridge->type].one_device && function->bdf >> 3 & 31)
		error_at(648, function->node, "devfn", "%s is device %u; behind a port there is device 0 only",
			 function->name, function->bdf >> 3 & 31);
	else if (bridge->type == BRIDGE_UPSTREAM && !is_bridge)
		error_at(649, function->node, "bridge",
			 "%s is right behind an upstream port; only downstream ports are there", function->name);
	else
		return;
	note_bridge(bridge);
}

/* Against bridges before, and against functions. */
static void check_apart(const struct appliance *appliance, const struct bridge *b)
{
	for (const struct bridge *a = appliance->bridges; a < b; a++) {
		if (a->is.bdf != b->is.bdf)
			continue;
		error_at(650, b->is.node, function_place(&b->is),
			 "bridge %s is declared twice; take one declaration away", b->is.bdf_name);
		note_at(a->is.node, function_place(&a->is), "the first declaration is here");
	}
	for (size_t p = 0; p < appliance->pd_count; p++) {
		const struct pd *pd = &appliance->pds[p];

		for (const struct function *f = pd->functions; f < pd->functions + pd->function_count; f++) {
			if (f->bdf != b->is.bdf)
				continue;
			error_at(651, f->node, function_place(f), "%s of %s is at %s, where %s is; move one of them",
				 f->name, pd->label, f->bdf_name, b->is.name);
			note_bridge(b);
		}
	}
}

static void check_used(const struct appliance *appliance, const struct bridge *bridge)
{
	for (size_t b = 0; b < appliance->bridge_count; b++)
		if (appliance->bridges[b].is.bridge == bridge)
			return;
	for (size_t p = 0; p < appliance->pd_count; p++)
		for (size_t f = 0; f < appliance->pds[p].function_count; f++)
			if (appliance->pds[p].functions[f].bridge == bridge)
				return;
	warning_at(2, bridge->is.node, NULL,
		   "nothing is behind %s: take its node away, and the hypervisor closes it",
		   bridge->is.name);
}

static void check_bridge(const struct appliance *appliance, const struct bridge *bridge)
{
	check_where(&appliance->board, bridge);
	check_behind(&bridge->is, true);
	check_class(bridge);
	check_bars(&bridge->is, BRIDGE_BARS);
	check_acs(bridge);
	check_streams(&appliance->board, bridge);
	check_apart(appliance, bridge);
	check_used(appliance, bridge);
}

void bridges_check(const struct appliance *appliance)
{
	for (size_t b = 0; b < appliance->bridge_count; b++)
		check_bridge(appliance, &appliance->bridges[b]);
	for (size_t p = 0; p < appliance->pd_count; p++)
		for (size_t f = 0; f < appliance->pds[p].function_count; f++)
			check_behind(&appliance->pds[p].functions[f], false);
	groups_check(appliance);
	fates_check(appliance);
}
