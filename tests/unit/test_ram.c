/* SPDX-License-Identifier: Apache-2.0 */
/* RAM against the table: missing ends, aliases, and that everything is as it was afterwards. */
#include "fake_verdict.h"
#include "test.h"

#include <mullion/arch.h>
#include <mullion/boot.h>
#include <mullion/cache.h>
#include <mullion/table.h>

enum { PAGES = 16, PAGE = 4096 };

static const struct table_range ram[] = { { { 0x40000000 }, 4 * PAGE }, { { 0x40008000 }, 8 * PAGE } };
const struct table table = { .ram = ram, .ram_count = ARRAY_SIZE(ram) };

/* A word of each page; how many of the address bits above a page are decoded. From PAGES on nothing is there. */
static uint64_t words[PAGES], decoded, present;

static uint64_t *word_at(paddr_t addr)
{
	uint64_t page = addr.pa / PAGE % PAGES & decoded;

	assert_int_equal(addr.pa % PAGE, 0);
	return addr.pa - 0x40000000 < present ? &words[page] : NULL;
}

bool arch_probe_read64(paddr_t addr, uint64_t *value)
{
	uint64_t *word = word_at(addr);

	if (word)
		*value = *word;
	return word;
}

bool arch_probe_write64(paddr_t addr, uint64_t value)
{
	uint64_t *word = word_at(addr);

	if (word)
		*word = value;
	return word;
}

void arch_cache_flush(paddr_t base, uint64_t size)
{
	(void)base;
	(void)size;
}

static int fresh(void **state)
{
	(void)state;
	for (unsigned i = 0; i < PAGES; i++)
		words[i] = 0x1111 * (i + 1);
	decoded = PAGES - 1;
	present = PAGES * PAGE;
	verdicts_reset();
	return 0;
}

static void assert_as_it_was(void)
{
	for (unsigned i = 0; i < PAGES; i++)
		assert_int_equal(words[i], 0x1111 * (i + 1));
}

static void all_there(void **state)
{
	(void)state;
	ram_compare();
	assert_all_good();
	assert_int_equal(verdicts_good(), 4);
	assert_as_it_was();
}

static void end_is_missing(void **state)
{
	(void)state;
	present = (PAGES - 1) * PAGE;
	ram_compare();
	assert_bad_of("ram.last-page");
	assert_int_equal(verdicts_bad(), 1);
	assert_as_it_was();
}

/* The second range is the first one again: each word reads back as it was written, until the other is. */
static void one_is_an_alias(void **state)
{
	(void)state;
	decoded = PAGES / 2 - 1;
	ram_compare();
	assert_bad_of("ram.first-page");
	assert_int_equal(verdicts_bad(), 1);
	assert_as_it_was();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(all_there, fresh),
		cmocka_unit_test_setup(end_is_missing, fresh),
		cmocka_unit_test_setup(one_is_an_alias, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
