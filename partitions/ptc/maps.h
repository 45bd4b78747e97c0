/* SPDX-License-Identifier: Apache-2.0 */
/* The maps of an appliance: who reaches what, as trees in their pools. */
#ifndef PTC_MAPS_H
#define PTC_MAPS_H

#include "radix.h"

struct maps {
	struct pool *cpu;               /* boot, run, event and reload maps, PDs' memory */
	struct pool *iommu;             /* windows */
	struct radix *boot;
	const char **run_roots;         /* by CPU */
	const char *event_root;         /* of the housekeeping CPU */
	const char **reload_roots;      /* by CPU; NULL for one without */
	const char **pd_roots;          /* by PD */
	const char **window_roots;      /* by function, in table order */
};

/*
 * Places the hypervisor's slots and builds every map; repeats until the number
 * of tables that the maps need is the number that the slots have room for.
 */
void maps_build(struct maps *maps, struct appliance *appliance);
/* Whether a CPU has a reload map: the first one of a PD that may be restarted. */
bool maps_has_reload(const struct appliance *appliance, size_t cpu);
/* tables.S */
void maps_emit(const struct maps *maps, const struct appliance *appliance, FILE *out);

#endif
