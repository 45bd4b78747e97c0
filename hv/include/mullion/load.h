/* SPDX-License-Identifier: Apache-2.0 */
/* Memory of PDs before they run. */
#ifndef MULLION_LOAD_H
#define MULLION_LOAD_H

#include <mullion/table.h>

/* Zeroes all memory of every PD; then copies the images in. Boot map only. */
void pds_scrub(void);
void pds_load(void);
/* The same of one PD, in the reload map of its first CPU too; memory that it shares only where `shared` says so. */
void pd_scrub(const struct table_pd *pd, bool shared);
void pd_copy(const struct table_pd *pd);
/* Its memory is what its CPUs see with their caches off, and no cache has anything of it. */
void pd_publish(const struct table_pd *pd, bool shared);
/* Whether each of its images is in its memory as it was built. */
bool pd_images_hold(const struct table_pd *pd);

#endif
