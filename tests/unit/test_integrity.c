/* SPDX-License-Identifier: Apache-2.0 */
/* The integrity verdicts: every byte counts, of the data and of both digests. */
#include "fake_verdict.h"
#include "test.h"

#include <mullion/boot.h>
#include <mullion/sha256.h>
#include <mullion/table.h>

enum { CONSTANTS_SIZE = 8192, IMAGE_SIZE = 100 };

static uint8_t constants[CONSTANTS_SIZE], images[2][IMAGE_SIZE];
/* Altered by the tests; the code under test sees constants. */
uint8_t integrity_digest[SHA256_SIZE];
static struct table_image parts[3];
static struct table_pd pds[3];
const struct table table = {
	.integrity = { { (uintptr_t)constants }, CONSTANTS_SIZE }, .pds = pds, .pd_count = 3,
};

static int prepare(void **state)
{
	static const char *const labels[] = { "", "plc", "gateway" };

	(void)state;
	verdicts_reset();
	memset(constants, 0x5a, sizeof(constants));
	sha256(constants, sizeof(constants), integrity_digest);
	for (size_t i = 1; i < 3; i++) {
		memset(images[i - 1], (int)i, IMAGE_SIZE);
		parts[i] = (struct table_image){ .name = labels[i], .store = { (uintptr_t)images[i - 1] },
						 .size = IMAGE_SIZE };
		pds[i] = (struct table_pd){ .label = labels[i], .images = &parts[i], .image_count = 1 };
		sha256(images[i - 1], IMAGE_SIZE, parts[i].digest);
	}
	return 0;
}

static void as_built(void **state)
{
	(void)state;
	integrity_compare();
	assert_all_good();
	assert_int_equal(verdicts_good(), 3);
}

static void constants_altered(void **state)
{
	(void)state;
	constants[CONSTANTS_SIZE - 1] ^= 1;
	integrity_compare();
	assert_bad_of("integrity.constants");
	assert_int_equal(verdicts_bad(), 1);
}

static void image_altered(void **state)
{
	(void)state;
	images[1][0] ^= 0x80;
	integrity_compare();
	assert_bad_of("integrity.image gateway");
	assert_int_equal(verdicts_bad(), 1);
}

static void every_byte_of_a_digest(void **state)
{
	for (size_t i = 0; i < SHA256_SIZE; i++) {
		prepare(state);
		integrity_digest[i] ^= 1;
		parts[1].digest[i] ^= 1;
		integrity_compare();
		assert_bad_of("integrity.constants");
		assert_bad_of("integrity.image plc");
		assert_int_equal(verdicts_bad(), 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(as_built, prepare),
		cmocka_unit_test_setup(constants_altered, prepare),
		cmocka_unit_test_setup(image_altered, prepare),
		cmocka_unit_test_setup(every_byte_of_a_digest, prepare),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
