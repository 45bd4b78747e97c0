/* SPDX-License-Identifier: Apache-2.0 */
/* Verdicts: one aligned line each, counted, concluded stage by stage. */
#include <mullion/verdict.h>

#include <mullion/arch.h>
#include <mullion/log.h>
#include <mullion/section.h>

static BOOT_DATA uint32_t failures;
static BOOT_DATA uint32_t total;

static const char *verdict_count(bool good)
{
	total++;
	failures += !good;
	return good ? "ok" : "FAILED";
}

void verdict_equal(const char *what, const char *which, uint64_t found, uint64_t needed)
{
	log_info("%-6s %-24s %-16s found 0x%lx, needed 0x%lx", verdict_count(found == needed), what, which, found,
		 needed);
}

void verdict_least(const char *what, const char *which, uint64_t found, uint64_t needed)
{
	log_info("%-6s %-24s %-16s found 0x%lx, needed >= 0x%lx", verdict_count(found >= needed), what, which, found,
		 needed);
}

void verdict_holds(const char *what, const char *which, bool holds)
{
	log_info("%-6s %-24s %-16s", verdict_count(holds), what, which);
}

void verdict_conclude(const char *stage)
{
	if (!failures)
		return;
	log_info("refused at %s: %u of %u verdicts failed; no PD starts", stage, failures, total);
	arch_halt();
}
