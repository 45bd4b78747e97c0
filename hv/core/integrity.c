/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was loaded against what was built: all constants, then each PD's images
 * as they wait in the store, and as they were copied for a restart. Finds what
 * changed by accident or after the bootloader looked; whoever can replace the
 * whole image replaces this too.
 */
#include <mullion/boot.h>
#include <mullion/load.h>
#include <mullion/sha256.h>
#include <mullion/table.h>
#include <mullion/verdict.h>

/* SHA-256 of table.integrity, filled in after the link: it lies behind the code, outside of what it covers. */
extern const uint8_t integrity_digest[SHA256_SIZE];

static uint64_t digest_word(const uint8_t *bytes)
{
	uint64_t word = 0;

	for (uint32_t i = 0; i < sizeof(word); i++)
		word = word << 8 | bytes[i];
	return word;
}

/* Where the first eight bytes are that differ; SHA256_SIZE: none do. */
static uint32_t digest_difference(paddr_t base, uint64_t size, const uint8_t *needed, uint8_t *found)
{
	uint32_t at = 0;

	sha256((const void *)base.pa, size, found);
	while (at < SHA256_SIZE && digest_word(found + at) == digest_word(needed + at))
		at += sizeof(uint64_t);
	return at;
}

/* Shows those that differ, or the first. */
static void digest_compare(const char *what, const char *which, paddr_t base, uint64_t size, const uint8_t *needed)
{
	uint8_t found[SHA256_SIZE];
	uint32_t at = digest_difference(base, size, needed, found) % SHA256_SIZE;

	verdict_equal(what, which, digest_word(found + at), digest_word(needed + at));
}

void integrity_compare(void)
{
	digest_compare("integrity.constants", "", table.integrity.base, table.integrity.size, integrity_digest);
	for (const struct table_pd *pd = &table.pds[1]; pd < &table.pds[table.pd_count]; pd++)
		for (const struct table_image *image = pd->images; image < pd->images + pd->image_count; image++)
			digest_compare("integrity.image", image->name, image->store, image->size, image->digest);
}

bool pd_images_hold(const struct table_pd *pd)
{
	uint8_t found[SHA256_SIZE];

	for (const struct table_image *image = pd->images; image < pd->images + pd->image_count; image++)
		if (digest_difference(image->load, image->size, image->digest, found) != SHA256_SIZE)
			return false;
	return true;
}
