/* SPDX-License-Identifier: Apache-2.0 */
/* CONFIG_SELFTEST: the SMMU's controls and tables that the seal must hold. */
#include <mullion/selftest.h>

#include "smmuv3.h"
#include "smmuv3_ste.h"

/* Address of the first leaf below a root that the audit has found good. */
static paddr_t first_leaf(uint64_t root)
{
	unsigned level = vmsa_start_level(table.ipa_bits);
	const uint64_t *words = (const uint64_t *)root;

	for (unsigned i = 0; i < VMSA_ENTRIES;) {
		if (!vmsa_is_valid(words[i])) {
			i++;
		} else if (vmsa_is_table(level, words[i])) {
			words = (const uint64_t *)vmsa_address(words[i]);
			level++;
			i = 0;
		} else {
			return paddr((uintptr_t)&words[i]);
		}
	}
	return paddr(root);
}

uint32_t iommu_selftest_targets(struct selftest_target *targets)
{
	const struct table_function *function = &table.functions[table.function_count - 1];
	const uint64_t *l1 = (const uint64_t *)smmu_live_stream_table() + (function->stream >> SMMU_STREAM_SPLIT);
	const struct smmu_ste *l2 = (const struct smmu_ste *)(*l1 & SMMU_L1_L2PTR);
	const struct smmu_ste *ste = &l2[function->stream % SMMU_STREAMS_PER_L2];
	paddr_t base = table.iommu.base;
	uint32_t n = 0;

	targets[n++] = (struct selftest_target){ "smmu CR0", paddr_add(base, SMMU_CR0), 0, false };
	targets[n++] = (struct selftest_target){ "smmu GBPA", paddr_add(base, SMMU_GBPA), SMMU_GBPA_UPDATE, false };
	targets[n++] = (struct selftest_target){ "smmu STRTAB_BASE", paddr_add(base, SMMU_STRTAB_BASE), 0, true };
	targets[n++] = (struct selftest_target){ "stream table level 1", paddr((uintptr_t)l1), 0, true };
	targets[n++] = (struct selftest_target){ "stream table entry", paddr((uintptr_t)ste),
						 SMMU_STE0_V | FIELD_PREP(SMMU_STE0_CONFIG, SMMU_STE_BYPASS), true };
	targets[n++] = (struct selftest_target){
		"iommu leaf", first_leaf(ste->word[3] & SMMU_STE3_S2TTB),
		vmsa_s2_leaf(VMSA_LAST_LEVEL, 0, ACCESS_R | ACCESS_W, VMSA_NORMAL), true };
	return n;
}
