/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_verdict.h"

#include "test.h"

#include <mullion/verdict.h>

enum { BAD_MAX = 64, NAME_SIZE = 128 };

static uint32_t good;
static uint32_t bad;
static char bad_names[BAD_MAX][NAME_SIZE];

void verdicts_reset(void) { good = bad = 0; }
uint32_t verdicts_good(void) { return good; }
uint32_t verdicts_bad(void) { return bad; }

void verdict_holds(const char *what, const char *which, bool holds)
{
	if (holds) {
		good++;
		return;
	}
	assert_true(bad < BAD_MAX);
	snprintf(bad_names[bad++], NAME_SIZE, "%s %s", what, which);
}

void verdict_equal(const char *what, const char *which, uint64_t found, uint64_t needed)
{
	verdict_holds(what, which, found == needed);
}

void verdict_least(const char *what, const char *which, uint64_t found, uint64_t needed)
{
	verdict_holds(what, which, found >= needed);
}

bool verdicts_bad_of(const char *part)
{
	for (uint32_t i = 0; i < bad; i++)
		if (strstr(bad_names[i], part))
			return true;
	return false;
}

void assert_all_good(void)
{
	for (uint32_t i = 0; i < bad; i++)
		print_error("bad verdict: %s\n", bad_names[i]);
	assert_int_equal(bad, 0);
	assert_true(good > 0);
}

void assert_bad_of(const char *part)
{
	if (!verdicts_bad_of(part))
		fail_msg("no bad verdict of '%s' among %u bad ones", part, bad);
}
