/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of how functions are reset: by what they have, and nothing else by mistake. */
#include "diag.h"
#include "ptc.h"
#include "tree.h"

static void check_flr(const struct function *function)
{
	if (function->reset == RESET_FLR && !tree_has(function->node, "pcie"))
		error_at(684, function->node, "reset",
			 "%s resets by \"flr\", a control of a PCI Express capability, and declares none; say where it "
			 "is, pcie = <...>, or take another 'reset'", function->name);
}

/* A reset of their bus would take numbers and windows from bridges there. */
static void check_bridges_behind(const struct appliance *appliance, const struct function *function)
{
	for (const struct bridge *b = appliance->bridges; b < appliance->bridges + appliance->bridge_count; b++) {
		if (b->is.bridge != function->bridge)
			continue;
		error_at(686, function->node, "reset",
			 "%s resets by the bus behind %s, where the bridge %s is, which would be closed; take \"flr\" "
			 "or \"writes\"", function->name, function->bridge->is.name, b->is.name);
		note_at(b->is.node, NULL, "%s is declared here", b->is.name);
		return;
	}
}

static void check_functions_behind(const struct appliance *appliance, const struct pd *owner,
				   const struct function *function)
{
	for (const struct pd *pd = appliance->pds; pd < appliance->pds + appliance->pd_count; pd++) {
		for (const struct function *f = pd->functions; f < pd->functions + pd->function_count; f++) {
			if (f->bridge != function->bridge || (pd == owner && f->reset == RESET_BUS))
				continue;
			error_at(687, function->node, "reset",
				 "%s of %s resets by the bus behind %s, and %s of %s with it; all there have one owner "
				 "and reset = \"bus\", or none has it", function->name, owner->label,
				 function->bridge->is.name, f->name, pd->label);
			note_at(f->node, tree_has(f->node, "reset") ? "reset" : NULL, "%s is declared here", f->name);
			return;
		}
	}
}

static void check_bus(const struct appliance *appliance, const struct pd *pd, const struct function *function)
{
	if (function->reset != RESET_BUS)
		return;
	if (!function->bridge) {
		error_at(685, function->node, "reset",
			 "%s is on the first bus, which nothing resets; \"bus\" is for what is behind a port: take "
			 "\"flr\" or \"writes\"", function->name);
		return;
	}
	check_bridges_behind(appliance, function);
	check_functions_behind(appliance, pd, function);
}

static const struct bar *bar_find(const struct function *function, unsigned idx)
{
	for (const struct bar *bar = function->bars; bar < function->bars + function->bar_count; bar++)
		if (bar->idx == idx)
			return bar;
	return NULL;
}

static void check_write(const struct function *function, const struct reset_write *write)
{
	const struct bar *bar = bar_find(function, write->bar);

	if (write->bits != 8 && write->bits != 16 && write->bits != 32) {
		error_at(690, function->node, "reset-writes", "a write of %u bits; it takes 8, 16 or 32", write->bits);
		return;
	}
	if (write->offset % (write->bits / 8))
		error_at(691, function->node, "reset-writes",
			 "offset 0x%x is no multiple of %u bytes, which the write there has", write->offset,
			 write->bits / 8);
	if (write->value >> (write->bits - 1) > 1)
		error_at(692, function->node, "reset-writes", "0x%x has more than %u bits, as the write of it has",
			 write->value, write->bits);
	if (!bar) {
		error_at(693, function->node, "reset-writes", "%s has no BAR %u; take one of 'bars'", function->name,
			 write->bar);
	} else if (!range_within(write->offset, write->bits / 8, 0, bar->size)) {
		error_at(694, function->node, "reset-writes",
			 "a write of %u bytes at 0x%x of BAR %u, which has 0x%llx bytes; write inside it",
			 write->bits / 8, write->offset, write->bar, (unsigned long long)bar->size);
		note_at(function->node, "bars", "its BARs are declared here");
	}
}

static void check_writes(const struct function *function)
{
	bool has_writes = tree_has(function->node, "reset-writes");

	if (has_writes && function->reset != RESET_WRITES)
		error_at(688, function->node, "reset-writes",
			 "%s has 'reset-writes', which nobody would write; add reset = \"writes\", or take them away",
			 function->name);
	if (!has_writes && function->reset == RESET_WRITES)
		error_at(689, function->node, "reset",
			 "%s resets by \"writes\" and has none; add reset-writes = <BAR offset bits value>",
			 function->name);
	for (size_t w = 0; w < function->reset_write_count; w++)
		check_write(function, &function->reset_writes[w]);
}

void resets_check(const struct appliance *appliance, const struct pd *pd)
{
	for (const struct function *f = pd->functions; f < pd->functions + pd->function_count; f++) {
		check_flr(f);
		check_bus(appliance, pd, f);
		check_writes(f);
	}
}
