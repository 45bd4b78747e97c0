/* SPDX-License-Identifier: Apache-2.0 */
/* Verdicts: one aligned line each, counted, concluded stage by stage. */
#include <mullion/verdict.h>

#include <mullion/arch.h>
#include <mullion/log.h>
#include <mullion/section.h>

static BOOT_DATA uint32_t failures;
static BOOT_DATA uint32_t total;

static bool verdict_count(bool good)
{
	total++;
	if (!good)
		failures++;
	return good;
}

static void verdict_print(const char *what, const char *which, const char *relation, uint64_t found, uint64_t needed)
{
	bool good = verdict_count(relation[0] == '=' ? found == needed : found >= needed);

	log_info("%-6s %-24s %-16s found 0x%lx, needed %s0x%lx", good ? "ok" : "FAILED", what, which, found,
		 relation[0] == '=' ? "" : relation, needed);
}

void verdict_equal(const char *what, const char *which, uint64_t found, uint64_t needed)
{
	verdict_print(what, which, "=", found, needed);
}

void verdict_least(const char *what, const char *which, uint64_t found, uint64_t needed)
{
	verdict_print(what, which, ">= ", found, needed);
}

void verdict_holds(const char *what, const char *which, bool holds)
{
	log_info("%-6s %-24s %-16s", verdict_count(holds) ? "ok" : "FAILED", what, which);
}

void verdict_conclude(const char *stage)
{
	if (!failures)
		return;
	log_info("refused at %s: %u of %u verdicts failed; no PD starts", stage, failures, total);
	arch_halt();
}
