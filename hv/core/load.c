/* SPDX-License-Identifier: Apache-2.0 */
/* Memory of PDs before they run: scrubbed, then the images from the store. In the boot map, or a reload map. */
#include <mullion/load.h>

#include <mullion/arch.h>
#include <mullion/cache.h>
#include <mullion/memory.h>

/* No data of the bootloader, of another PD or of an earlier run is left in what a PD or its devices can read. */
void pd_scrub(const struct table_pd *pd, bool shared)
{
	for (const struct table_region *region = pd->regions; region < pd->regions + pd->region_count; region++)
		if (shared || !region->shared)
			arch_scrub(region->pa, region->size);
}

void pd_copy(const struct table_pd *pd)
{
	for (const struct table_image *image = pd->images; image < pd->images + pd->image_count; image++)
		memcpy((void *)image->load.pa, (const void *)image->store.pa, image->size);
}

/*
 * A PD starts with its caches off: all of its memory must be there, and no cache
 * hold what the PD then overwrites. So this comes last, after whoever read it.
 */
void pd_publish(const struct table_pd *pd, bool shared)
{
	for (const struct table_region *region = pd->regions; region < pd->regions + pd->region_count; region++)
		if (shared || !region->shared)
			arch_cache_flush(region->pa, region->size);
	for (const struct table_image *image = pd->images; image < pd->images + pd->image_count; image++)
		arch_cache_sync_code(image->load, image->size);
}

void pds_scrub(void)
{
	for (const struct table_pd *pd = &table.pds[1]; pd < &table.pds[table.pd_count]; pd++)
		pd_scrub(pd, true);
}

/* After every scrub: two PDs may share a region. */
void pds_load(void)
{
	for (const struct table_pd *pd = &table.pds[1]; pd < &table.pds[table.pd_count]; pd++) {
		pd_copy(pd);
		pd_publish(pd, true);
	}
}
