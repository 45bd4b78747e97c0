/* SPDX-License-Identifier: Apache-2.0 */
/* CPUs: whose they are. Each has one owner; one of them serves console and IOMMU events. */
#include <mullion/table.h>

#include "diag.h"
#include "ptc.h"
#include "tree.h"

/* Firmware may refuse to start it, or have taken it for itself. */
static void check_enabled(int node, const char *property, int cpu_node)
{
	if (tree_enabled(cpu_node))
		return;
	error_at(338, node, property, "%s is disabled; enable it or take another", tree_full_name(cpu_node));
	note_at(tree_disabled_by(cpu_node), "status", "it is disabled here");
}

static bool cpu_find(const struct board *board, int node, size_t *cpu)
{
	for (*cpu = 0; *cpu < board->cpu_count; ++*cpu)
		if (board->cpus[*cpu].node == node)
			return true;
	return false;
}

bool cpus_read(int node, const char *property, const struct board *board, size_t **cpus, size_t *count)
{
	int *nodes;
	size_t node_count;

	if (!tree_phandles(node, property, &nodes, &node_count))
		return false;
	for (size_t i = 0; i < node_count; i++) {
		size_t cpu;

		if (cpu_find(board, nodes[i], &cpu)) {
			check_enabled(node, property, nodes[i]);
			*(size_t *)keep_append(cpus, count, sizeof(cpu)) = cpu;
			continue;
		}
		error_at(331, node, property, "%s is no CPU of the board", tree_full_name(nodes[i]));
		note_at(nodes[i], NULL, "it is declared here; '%s' takes nodes under /cpus", property);
	}
	return *count == node_count;
}

/* Against the vCPUs of the PDs before, and those of this PD before. */
static void check_owner(const struct appliance *appliance, const struct pd *pd, size_t vcpu)
{
	const char *name = tree_full_name(appliance->board.cpus[pd->cpus[vcpu]].node);

	for (const struct pd *other = appliance->pds; other <= pd; other++) {
		for (size_t v = 0; v < (other == pd ? vcpu : other->cpu_count); v++) {
			if (other->cpus[v] != pd->cpus[vcpu])
				continue;
			if (other == pd) {
				error_at(332, pd->node, "cpus", "%s is listed twice; it can be one vCPU: take another",
					 name);
				return;
			}
			error_at(333, pd->node, "cpus", "%s belongs to %s; a CPU has one owner: take another", name,
				 other->label);
			note_at(other->node, "cpus", "%s has it here", other->label);
			return;
		}
	}
}

static void check_pd(const struct appliance *appliance, const struct pd *pd)
{
	int partitions = tree_parent(pd->node);

	if (pd->cpu_count > TABLE_VCPUS_MAX)
		error_at(334, pd->node, "cpus", "%s has %zu CPUs; a PD has at most %d: take some away", pd->label,
			 pd->cpu_count, TABLE_VCPUS_MAX);
	for (size_t v = 0; v < pd->cpu_count; v++) {
		check_owner(appliance, pd, v);
		if (!appliance->has_housekeeping || pd->cpus[v] != appliance->housekeeping_cpu)
			continue;
		error_at(335, pd->node, "cpus", "%s is the housekeeping CPU, which runs no PD: take another",
			 tree_full_name(appliance->board.cpus[pd->cpus[v]].node));
		note_at(partitions, "housekeeping", "it is declared here");
	}
}

/*
 * Without a housekeeping CPU one of the first PD's serves the IOMMU's events. A function without windows makes them
 * too: its stream entry translates by an empty table and records what that refuses (smmuv3.c). Only streams of nobody
 * abort without a record.
 */
static void check_housekeeping(const struct appliance *appliance)
{
	const struct pd *first = appliance->pds;

	for (const struct pd *pd = first + 1; pd < first + appliance->pd_count; pd++) {
		if (!pd->function_count)
			continue;
		error_at(336, pd->functions[0].node, NULL,
			 "%s would pay for blocked DMA of %s, a function of %s: its first CPU serves the IOMMU's "
			 "events; give a CPU to neither, housekeeping = <&...>", first->label, pd->functions[0].name,
			 pd->label);
		note_at(first->node, "cpus", "%s is the first PD, and has that CPU here", first->label);
		return;
	}
}

void cpus_check(const struct appliance *appliance)
{
	size_t used = appliance->has_housekeeping;

	for (size_t p = 0; p < appliance->pd_count; p++) {
		check_pd(appliance, &appliance->pds[p]);
		used += appliance->pds[p].cpu_count;
	}
	if (used > TABLE_CPUS_MAX - 1)
		error_at(337, tree_node("/partitions"), NULL,
			 "the table uses %zu CPUs; the hypervisor takes %d: leave some out", used, TABLE_CPUS_MAX - 1);
	if (!appliance->has_housekeeping)
		check_housekeeping(appliance);
}

/* The PD, from 1, and the vCPU that a CPU of the board runs; false if nobody uses it. */
static bool cpu_use(const struct appliance *appliance, size_t cpu, struct used_cpu *use)
{
	*use = (struct used_cpu){ cpu, 0, 0 };
	for (size_t p = 0; p < appliance->pd_count; p++) {
		for (size_t v = 0; v < appliance->pds[p].cpu_count; v++) {
			if (appliance->pds[p].cpus[v] != cpu)
				continue;
			*use = (struct used_cpu){ cpu, p + 1, v };
			return true;
		}
	}
	return appliance->has_housekeeping && cpu == appliance->housekeeping_cpu;
}

void cpus_collect(struct appliance *appliance)
{
	size_t housekeeping = appliance->has_housekeeping ? appliance->housekeeping_cpu : appliance->pds[0].cpus[0];

	for (size_t cpu = 0; cpu < appliance->board.cpu_count; cpu++) {
		struct used_cpu use;

		if (!cpu_use(appliance, cpu, &use))
			continue;
		if (cpu == housekeeping)
			appliance->housekeeping = appliance->cpu_count;
		*(struct used_cpu *)keep_append(&appliance->cpus, &appliance->cpu_count, sizeof(use)) = use;
	}
}
