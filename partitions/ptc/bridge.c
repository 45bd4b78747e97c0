/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bridges: their nodes, and the numbers of the buses behind them. Numbers go
 * depth-first in the order of the table, parents before children, from the one
 * after the first bus on: whatever firmware numbered, or did not.
 */
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "ptc.h"
#include "tree.h"

enum { BRIDGES_MAX = 255 };     /* buses besides the first */

static const char *const type_names[] = { [BRIDGE_ROOT_PORT] = "root-port", [BRIDGE_UPSTREAM] = "upstream",
					  [BRIDGE_DOWNSTREAM] = "downstream", [BRIDGE_PCIE_PCI] = "pcie-pci" };

const char *bridge_type_name(const struct bridge *bridge) { return type_names[bridge->type]; }

/* What is no PD and has a place on a bus, or would have one but for a mistake. */
bool bridge_is(int node)
{
	return !tree_has(node, "compatible") &&
	       (tree_has(node, "bdf") || tree_has(node, "bridge") || tree_has(node, "type"));
}

static enum bridge_type read_type(int node)
{
	const char *text;

	if (!tree_string(node, "type", &text))
		return BRIDGE_ROOT_PORT;
	for (size_t i = 0; i < ARRAY_SIZE(type_names); i++)
		if (!strcmp(text, type_names[i]))
			return (enum bridge_type)i;
	error_at(631, node, "type", "'type' is \"%s\"; it takes one of \"root-port\", \"upstream\", \"downstream\", "
			       "\"pcie-pci\"", text);
	return BRIDGE_ROOT_PORT;
}

void bridge_read(int node, struct bridge *bridge)
{
	static const char *const known[] = { "bdf", "bridge", "devfn", "id", "class", "bars", "type", "acs", NULL };
	uint32_t acs = 0;

	tree_only_properties(node, known);
	tree_no_children(node);
	bridge->is.name = tree_full_name(node);
	function_read_header(node, &bridge->is);
	bridge->type = read_type(node);
	if (tree_has(node, "acs") && tree_cells(node, "acs", &acs, 1))
		bridge->acs = acs;
}

static struct bridge *bridge_of_node(const struct appliance *appliance, int node)
{
	for (size_t b = 0; b < appliance->bridge_count; b++)
		if (appliance->bridges[b].is.node == node)
			return &appliance->bridges[b];
	return NULL;
}

static void check_reference(const struct appliance *appliance, const struct function *function)
{
	if (!function->bridge_node || bridge_of_node(appliance, function->bridge_node))
		return;
	error_at(632, function->node, "bridge", "%s is no bridge: bridges are nodes of /partitions, with 'type'",
		 tree_full_name(function->bridge_node));
	note_at(function->bridge_node, NULL, "it is declared here");
}

/* Said once, at the first bridge of the loop. */
static void check_loop(const struct appliance *appliance, const struct bridge *start)
{
	const struct bridge *at = start, *first = start;

	for (size_t steps = 0; steps < appliance->bridge_count; steps++) {
		at = bridge_of_node(appliance, at->is.bridge_node);
		if (!at)
			return;
		if (at < first)
			first = at;
		if (at != start)
			continue;
		if (first == start) {
			error_at(633, start->is.node, "bridge",
				 "%s is behind itself, by a loop of 'bridge'; one of them must be at a 'bdf'",
				 start->is.name);
			note_at(start->is.bridge_node, "bridge", "it is behind %s, declared here",
				tree_full_name(start->is.bridge_node));
		}
		return;
	}
}

static void check_references(const struct appliance *appliance)
{
	for (size_t b = 0; b < appliance->bridge_count; b++) {
		check_reference(appliance, &appliance->bridges[b].is);
		check_loop(appliance, &appliance->bridges[b]);
	}
	for (size_t p = 0; p < appliance->pd_count; p++)
		for (size_t f = 0; f < appliance->pds[p].function_count; f++)
			check_reference(appliance, &appliance->pds[p].functions[f]);
}

/* Those behind `parent`, a node, or on the first bus; as deep as there are bridges, 255 at the most. */
static void number_below(struct appliance *appliance, int parent, unsigned primary, unsigned *last)
{
	for (size_t b = 0; b < appliance->bridge_count; b++) {
		struct bridge *bridge = &appliance->bridges[b];

		if (bridge->is.bridge_node != parent)
			continue;
		bridge->primary = primary;
		bridge->secondary = ++*last;
		number_below(appliance, bridge->is.node, bridge->secondary, last);
		bridge->subordinate = *last;
	}
}

static int number_order(const void *left, const void *right)
{
	const struct bridge *a = left, *b = right;

	return a->secondary < b->secondary ? -1 : 1;
}

static void check_number(const struct board *board, const struct bridge *bridge)
{
	if (bridge->secondary <= board->bus_last)
		return;
	error_at(634, bridge->is.node, NULL,
		 "the bus behind %s would be number %u; the board's end at %u: leave bridges out", bridge->is.name,
		 bridge->secondary, board->bus_last);
	note_at(board->pci_node, "bus-range", "they are declared here");
}

/* A bridge to conventional PCI sends all requests as device 0 of the bus behind it (PCIe-to-PCI Bridge 1.0, 2.3). */
static uint16_t requester_of(const struct function *function)
{
	uint16_t requester = function->bdf;

	for (const struct bridge *bridge = function->bridge; bridge; bridge = bridge->is.bridge)
		if (bridge->type == BRIDGE_PCIE_PCI)
			requester = (uint16_t)(bridge->secondary << 8);
	return requester;
}

static void bind(const struct appliance *appliance, struct function *function)
{
	function->bridge = function->bridge_node ? bridge_of_node(appliance, function->bridge_node) : NULL;
	if (function->bridge)
		function->bdf = (uint16_t)(function->bridge->secondary << 8 | function->bdf);
	function->bdf_name =
		keep_format("0000:%02x:%02x.%x", function->bdf >> 8, function->bdf >> 3 & 31, function->bdf & 7);
	function->requester = requester_of(function);
}

void bridges_number(struct appliance *appliance)
{
	unsigned last = appliance->board.bus_first;

	if (appliance->bridge_count > BRIDGES_MAX)
		error_at(635, appliance->bridges[BRIDGES_MAX].is.node, NULL,
			 "bridge %zu; there are numbers for %d buses",
			 appliance->bridge_count, BRIDGES_MAX);
	else
		check_references(appliance);
	if (error_count())
		return;
	number_below(appliance, 0, last, &last);
	for (size_t b = 0; b < appliance->bridge_count; b++)
		check_number(&appliance->board, &appliance->bridges[b]);
	if (error_count())
		return;
	if (appliance->bridge_count)
		qsort(appliance->bridges, appliance->bridge_count, sizeof(struct bridge), number_order);
	for (size_t b = 0; b < appliance->bridge_count; b++)
		bind(appliance, &appliance->bridges[b].is);
	for (size_t p = 0; p < appliance->pd_count; p++)
		for (size_t f = 0; f < appliance->pds[p].function_count; f++)
			bind(appliance, &appliance->pds[p].functions[f]);
}
