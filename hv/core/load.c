/* SPDX-License-Identifier: Apache-2.0 */
/* Memory of PDs before they run: scrubbed, then the images from the store. In the boot map. */
#include <mullion/boot.h>

#include <mullion/arch.h>
#include <mullion/cache.h>
#include <mullion/memory.h>
#include <mullion/table.h>

/* No data of the bootloader, or of another PD, is left in what a PD or its devices can read. */
void pds_scrub(void)
{
	for (uint32_t i = 1; i < table.pd_count; i++)
		for (uint32_t r = 0; r < table.pds[i].region_count; r++) {
			const struct table_region *region = &table.pds[i].regions[r];

			arch_scrub(region->pa, region->size);
			arch_cache_flush(region->pa, region->size);
		}
}

/*
 * After every scrub: two PDs may share a region. A PD starts with its caches off:
 * all of each image must be in memory, and no cache hold what the PD then overwrites.
 */
void pds_load(void)
{
	for (const struct table_pd *pd = &table.pds[1]; pd < &table.pds[table.pd_count]; pd++)
		for (const struct table_image *image = pd->images; image < pd->images + pd->image_count; image++) {
			memcpy((void *)image->load.pa, (const void *)image->store.pa, image->size);
			arch_cache_flush(image->load, image->size);
			arch_cache_sync_code(image->load, image->size);
		}
}
