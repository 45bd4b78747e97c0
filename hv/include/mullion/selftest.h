/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CONFIG_SELFTEST: what each part holds sealed. Targets are found before the
 * seal, while the tables can still be read, and tried after it.
 */
#ifndef MULLION_SELFTEST_H
#define MULLION_SELFTEST_H

#include <mullion/table.h>

struct selftest_target {
	const char *name;
	paddr_t addr;
	uint64_t value;         /* harmful if it arrived */
	bool is_64bit;
};

enum { SELFTEST_TARGETS_MAX = 16 };

void selftest_prepare(void);
void selftest_seal(void);

/* Why the last probe faulted, in words. */
const char *arch_probe_reason(void);
/* Fill `targets`, at most half of the maximum, and return their number. */
uint32_t iommu_selftest_targets(struct selftest_target *targets);
uint32_t arch_selftest_targets(struct selftest_target *targets);

#endif
