/* SPDX-License-Identifier: Apache-2.0 */
/* PDs that may be restarted: how often, what that takes of their functions and of a CPU, and what table.c has of it. */
#include <inttypes.h>

#include <mullion/table.h>

#include "diag.h"
#include "ptc.h"
#include "tree.h"

enum { COUNT_MAX = 1000000, SECONDS_MAX = 1000000000 };

/* restart-limit = <count seconds>; 0 seconds: since boot. */
void restart_read(int node, struct pd *pd)
{
	uint32_t limit[2];

	if (!tree_has(node, "restart-limit") || !tree_cells(node, "restart-limit", limit, 2))
		return;
	if (limit[0] == 0 || limit[0] > COUNT_MAX || limit[1] > SECONDS_MAX)
		error_at(371, node, "restart-limit",
			 "'restart-limit' is <%u %u>; it takes <count seconds>, 1 to %d restarts within at most %d "
			 "seconds, 0: since boot", limit[0], limit[1], COUNT_MAX, SECONDS_MAX);
	pd->restart_count = limit[0];
	pd->restart_seconds = limit[1];
}

static void check_policies(const struct pd *pd)
{
	static const char *const properties[] = { "on-dma-fault", "on-crash" };
	const uint8_t policies[] = { pd->on_dma_fault, pd->on_crash };

	for (size_t i = 0; i < ARRAY_SIZE(policies); i++)
		if (policies[i] == POLICY_RESTART && !pd->restart_count)
			error_at(372, pd->node, properties[i],
				 "'%s' is \"restart\", and nothing says how often; add restart-limit = <count seconds>",
				 properties[i]);
}

static void check_functions(const struct pd *pd)
{
	for (const struct function *f = pd->functions; f < pd->functions + pd->function_count; f++) {
		if (f->reset != RESET_NONE)
			continue;
		error_at(373, f->node, NULL,
			 "%s has no 'reset', and %s may be restarted: it would go on with what the old program told "
			 "it; add reset = \"flr\", \"bus\" or \"writes\"", f->name, pd->label);
		note_at(pd->node, "restart-limit", "%s may be restarted by this", pd->label);
	}
}

/* Its reload takes seconds, and its timer is the watchdog's. A declared housekeeping CPU runs no PD (cpus.c). */
static void check_cpu(const struct appliance *appliance, const struct pd *pd)
{
	const char *cpu = tree_full_name(appliance->board.cpus[pd->cpus[0]].node);

	if (appliance->has_housekeeping || pd != appliance->pds || !(pd->restart_count || pd->has_watchdog))
		return;
	error_at(374, pd->node, pd->restart_count ? "restart-limit" : "watchdog",
		 "%s serves the console and the IOMMU's events, and cannot %s %s besides; give a CPU to no PD, "
		 "housekeeping = <&...>", cpu, pd->restart_count ? "restart" : "be the watchdog of", pd->label);
	note_at(pd->node, "cpus", "%s has it here, as the first PD", pd->label);
}

/* What follows when it expires must be something that can follow: there is no exception for it. */
static void check_watchdog(const struct pd *pd)
{
	if (!pd->has_watchdog || pd->on_crash != POLICY_REPORT)
		return;
	error_at(375, pd->node, "watchdog",
		 "%s has a watchdog, and on-crash = \"report\": a program that hangs takes no exception; take "
		 "\"stop\" or \"restart\", or the watchdog away", pd->label);
	note_at(pd->node, "on-crash", "'on-crash' is here");
}

void restart_check(const struct appliance *appliance, const struct pd *pd)
{
	check_policies(pd);
	if (pd->restart_count)
		check_functions(pd);
	check_cpu(appliance, pd);
	check_watchdog(pd);
}

uint32_t restart_drain_us(const struct pd *pd)
{
	uint32_t most = 0;

	for (const struct function *f = pd->functions; f < pd->functions + pd->function_count; f++)
		if (f->drain_us > most)
			most = f->drain_us;
	return most;
}

void restart_emit(FILE *out, const struct pd *pd, size_t idx)
{
	struct table_reset *steps;
	size_t count = pd->restart_count ? reset_steps(pd, &steps) : 0;

	if (!count)
		return;
	fprintf(out, "static const struct table_reset resets_%zu[] = {\n", idx);
	for (size_t i = 0; i < count; i++)
		fprintf(out, "\t{ { 0x%" PRIx64 " }, %u, 0x%" PRIx32 ", %" PRIu32 " },\n", steps[i].at.pa,
			steps[i].bytes, steps[i].value, steps[i].wait_us);
	fprintf(out, "};\n\n");
}

void restart_emit_members(FILE *out, const struct pd *pd, size_t idx)
{
	if (!pd->restart_count)
		return;
	fprintf(out, "\t  .restart_count = %" PRIu32 ", .restart_seconds = %" PRIu32 ", .drain_us = %" PRIu32 ",\n",
		pd->restart_count, pd->restart_seconds, restart_drain_us(pd));
	if (pd->function_count)
		fprintf(out, "\t  .resets = resets_%zu, .reset_count = sizeof(resets_%zu) / sizeof(resets_%zu[0]),\n",
			idx, idx, idx);
}
