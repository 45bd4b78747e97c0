/* SPDX-License-Identifier: Apache-2.0 */
/* The partition table's own nodes: PDs and their regions. function.c, bridge.c and image.c read the others. */
#include <string.h>

#include <mullion/table.h>

#include "diag.h"
#include "ptc.h"
#include "tree.h"

void name_check(int node, const char *what, const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const char others[] = "0123456789-_";
	const char *rest = name;

	while (*rest && (strchr(letters, *rest) || (rest != name && strchr(others, *rest))))
		rest++;
	if (*rest || !*name)
		error_at(301, node, NULL, "%s name '%s': it takes a letter, then letters, digits, - and _", what, name);
}

/* "rw" and the like; reports letters that are not in `allowed`, or come twice. */
static uint8_t read_access(int node, const char *property, const char *allowed)
{
	static const char letters[] = "rwx";
	const char *text;
	uint8_t access = 0;

	if (!tree_string(node, property, &text))
		return 0;
	for (const char *c = text; *c; c++) {
		const char *at = strchr(letters, *c);
		uint8_t bit = 0;

		if (at && strchr(allowed, *c))
			bit = (uint8_t)(1u << (at - letters));
		if (!bit || (access & bit)) {
			error_at(302, node, property, "'%s' is \"%s\"; it takes each letter of \"%s\" once at the most",
				 property, text, allowed);
			return access;
		}
		access |= bit;
	}
	return access;
}

/* Each kind of a PD's children by a property that no other has. */
static bool check_one_kind(int node)
{
	static const struct {
		const char *property, *kind;
	} kinds[] = {
		{ "reg", "a region" }, { "bdf", "a function" }, { "bridge", "a function" }, { "device", "a device" },
		{ "load", "an image" },
	};
	size_t first = ARRAY_SIZE(kinds);

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!tree_has(node, kinds[i].property))
			continue;
		if (first == ARRAY_SIZE(kinds))
			first = i;
		if (!strcmp(kinds[i].kind, kinds[first].kind))
			continue;
		error_at(314, node, kinds[i].property, "%s has '%s' as %s and '%s' as %s; make two nodes of it",
			 tree_full_name(node), kinds[first].property, kinds[first].kind, kinds[i].property,
			 kinds[i].kind);
		note_at(node, kinds[first].property, "'%s' is here", kinds[first].property);
		return false;
	}
	return true;
}

static void read_region(int node, struct region *region)
{
	static const char *const known[] = { "reg", "access", "dma", "phys", "iova", "shared-with", NULL };
	struct range range;

	region->node = node;
	if (!check_one_kind(node))
		return;
	tree_only_properties(node, known);
	tree_no_children(node);
	region->name = tree_name(node);
	name_check(node, "region", region->name);
	tree_reg_one(node, &range);
	region->ipa = range.base;
	region->size = range.size;
	region->access = read_access(node, "access", "rwx");
	if (tree_has(node, "dma"))
		region->dma = read_access(node, "dma", "rw");
	region->iova = region->ipa;
	if (tree_has(node, "iova"))
		tree_u64(node, "iova", &region->iova);
	if (tree_has(node, "phys"))
		region->fixed = tree_u64(node, "phys", &region->pa);
}

/* One of the policies that follow a fault; the first is the default. */
static uint8_t read_policy(int node, const char *property, const enum policy *allowed, size_t count)
{
	static const char *const names[] = { [POLICY_REPORT] = "report", [POLICY_QUARANTINE] = "quarantine",
					     [POLICY_STOP] = "stop", [POLICY_RESTART] = "restart" };
	const char *text, *list = "";

	if (!tree_has(node, property) || !tree_string(node, property, &text))
		return (uint8_t)allowed[0];
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(text, names[allowed[i]]))
			return (uint8_t)allowed[i];
		list = keep_format("%s%s\"%s\"", list, i ? ", " : "", names[allowed[i]]);
	}
	error_at(303, node, property, "'%s' is \"%s\"; it takes one of %s", property, text, list);
	return (uint8_t)allowed[0];
}

/* Addresses that the table may leave to the board's, so that a driver finds what it would find there. */
static void read_virtual_board(int node, const struct board *board, struct pd *pd)
{
	pd->irqchip = board->gicd.base;
	pd->ecam = board->ecam.base;
	if (tree_has(node, "irqchip"))
		tree_u64(node, "irqchip", &pd->irqchip);
	if (tree_has(node, "ecam"))
		tree_u64(node, "ecam", &pd->ecam);
	if (tree_has(node, "console"))
		pd->has_console = tree_u64(node, "console", &pd->console);
	if (tree_has(node, "watchdog"))
		pd->has_watchdog = tree_u64(node, "watchdog", &pd->watchdog);
}

static void read_pd_properties(int node, const struct board *board, struct pd *pd)
{
	static const char *const known[] = { "compatible", "cpus", "console", "watchdog", "bootargs", "irqchip", "ecam",
					     "on-dma-fault", "on-crash", "restart-limit", "#address-cells",
					     "#size-cells", NULL };
	static const enum policy dma_fault[] = { POLICY_REPORT, POLICY_QUARANTINE, POLICY_STOP, POLICY_RESTART };
	static const enum policy crash[] = { POLICY_STOP, POLICY_REPORT, POLICY_RESTART };

	tree_only_properties(node, known);
	pd->node = node;
	pd->label = tree_full_name(node);
	name_check(node, "PD", pd->label);
	pd->bootargs = "";
	cpus_read(node, "cpus", board, &pd->cpus, &pd->cpu_count);
	if (tree_has(node, "bootargs"))
		tree_string(node, "bootargs", &pd->bootargs);
	read_virtual_board(node, board, pd);
	pd->on_dma_fault = read_policy(node, "on-dma-fault", dma_fault, ARRAY_SIZE(dma_fault));
	pd->on_crash = read_policy(node, "on-crash", crash, ARRAY_SIZE(crash));
	restart_read(node, pd);
}

static void read_pd(int node, const struct board *board, struct pd *pd, const char *const *images)
{
	read_pd_properties(node, board, pd);
	/* Regions first: functions point at them. */
	for (int child = tree_first_child(node); child >= 0; child = tree_next_child(child))
		if (tree_has(child, "reg"))
			read_region(child, keep_append(&pd->regions, &pd->region_count, sizeof(*pd->regions)));
	for (int child = tree_first_child(node); child >= 0; child = tree_next_child(child)) {
		if (tree_has(child, "reg") || !check_one_kind(child))
			continue;
		if (tree_has(child, "bdf") || tree_has(child, "bridge"))
			function_read(child, pd,
				      keep_append(&pd->functions, &pd->function_count, sizeof(*pd->functions)));
		else if (tree_has(child, "device"))
			device_read(child, board,
				    keep_append(&pd->devices, &pd->device_count, sizeof(*pd->devices)));
		else if (!image_read(child, pd, images))
			error_at(304, child, NULL,
				 "%s is no region (with 'reg'), function (with 'bdf' or 'bridge'), "
				 "device (with 'device'), image, initrd or dtb of %s",
				 tree_full_name(child), pd->label);
	}
	if (!pd->images[IMAGE_PROGRAM].node)
		error_at(305, node, NULL, "%s has no image: it needs a node 'image'", pd->label);
	spis_place_watchdog(board, pd);
}

static void read_housekeeping(int partitions, struct appliance *appliance)
{
	size_t *cpus = NULL, count = 0;

	if (!tree_has(partitions, "housekeeping") ||
	    !cpus_read(partitions, "housekeeping", &appliance->board, &cpus, &count))
		return;
	if (count != 1)
		error_at(306, partitions, "housekeeping", "'housekeeping' names %zu CPUs; it takes one", count);
	appliance->has_housekeeping = true;
	appliance->housekeeping_cpu = cpus[0];
}

static void read_shared_fate(int partitions, struct appliance *appliance)
{
	const char *text;

	if (!tree_has(partitions, "shared-fate") || !tree_string(partitions, "shared-fate", &text))
		return;
	appliance->refuse_shared_fate = !strcmp(text, "refuse");
	if (!appliance->refuse_shared_fate && strcmp(text, "warn") != 0)
		error_at(312, partitions, "shared-fate",
			 "'shared-fate' is \"%s\"; it takes one of \"warn\", \"refuse\"", text);
}

/* Under another name or deeper in the tree nobody would read it. */
static void check_other_tables(int partitions)
{
	for (int node = -1; (node = tree_compatible(node, "mullion,partitions")) >= 0;) {
		if (node == partitions)
			continue;
		error_at(313, node, NULL, "%s is a second partition table, which would be ignored; move its nodes to "
			 "/partitions, or disable it", tree_full_name(node));
		note_at(partitions, NULL, "/partitions is here");
	}
}

void pds_read(struct appliance *appliance, const char *const *images)
{
	static const char *const known[] = { "compatible", "housekeeping", "shared-fate", NULL };
	int partitions = tree_node("/partitions");

	if (partitions < 0) {
		error_at(307, tree_node("/"), NULL, "the table has no node /partitions; it needs one, with the PDs");
		return;
	}
	check_other_tables(partitions);
	if (!tree_is_compatible(partitions, "mullion,partitions"))
		error_at(308, partitions, NULL, "/partitions must be compatible with 'mullion,partitions'");
	tree_only_properties(partitions, known);
	read_housekeeping(partitions, appliance);
	read_shared_fate(partitions, appliance);
	for (int node = tree_first_child(partitions); node >= 0; node = tree_next_child(node)) {
		if (bridge_is(node))
			bridge_read(node,
				    keep_append(&appliance->bridges, &appliance->bridge_count, sizeof(struct bridge)));
		else if (!tree_is_compatible(node, "mullion,pd"))
			error_at(309, node, NULL, "%s must be compatible with 'mullion,pd'", tree_full_name(node));
		else
			read_pd(node, &appliance->board,
				keep_append(&appliance->pds, &appliance->pd_count, sizeof(struct pd)), images);
	}
	if (appliance->pd_count == 0)
		error_at(310, partitions, NULL, "the table declares no PD; it needs one");
	if (appliance->pd_count > TABLE_PDS_MAX - 1) {
		error_at(311, appliance->pds[TABLE_PDS_MAX - 1].node, NULL,
			 "PD %zu; the hypervisor takes %d: leave some out", appliance->pd_count, TABLE_PDS_MAX - 1);
		note_at(appliance->pds[0].node, NULL, "the first is here");
	}
}
