/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The boot audit: from the SMMU's live registers through stream table and
 * translation tables to every leaf, each compared with the windows that the
 * partition table declares. Follows no pointer that leaves the constants.
 */
#include <mullion/iommu.h>

#include <mullion/table.h>
#include <mullion/verdict.h>

#include "smmuv3.h"
#include "smmuv3_ste.h"

/* A table of ours of `size` bytes at `pa`; NULL if it is not wholly within the constants. */
static const uint64_t *audit_table(uint64_t pa, uint64_t size)
{
	if (!range_within(pa, size, table.constants.base.pa, table.constants.size) || pa & 63)
		return NULL;
	return (const uint64_t *)(uintptr_t)pa;
}

/* Whether this is the very leaf that ptc makes for the doorbell or a declared window. Blocks start at level 1. */
static bool audit_leaf(const struct table_function *function, unsigned level, uint64_t iova, uint64_t word)
{
	if (function->has_doorbell && iova == function->doorbell.iova && level == VMSA_LAST_LEVEL)
		return word == vmsa_s2_leaf(level, table.irqchip.doorbell.pa, ACCESS_W, VMSA_DEVICE);
	for (uint32_t i = 0; i < function->window_count && level >= VMSA_FIRST_BLOCK_LEVEL; i++) {
		const struct table_window *window = &function->windows[i];

		if (range_within(iova, UINT64_C(1) << vmsa_shift(level), window->iova.iova, window->size))
			return word == vmsa_s2_leaf(level, window->pa.pa + (iova - window->iova.iova), window->dma,
						    VMSA_NORMAL);
	}
	return false;
}

static unsigned audit_entry(uint64_t iova, unsigned level) { return iova >> vmsa_shift(level) & (VMSA_ENTRIES - 1); }

/* Goes down from the root to the table where `iova` ends, of `level`; NULL at a pointer that leaves the constants. */
static const uint64_t *audit_follow(uint64_t root, uint64_t iova, unsigned *level)
{
	const uint64_t *words = audit_table(root, PAGE_SIZE);

	for (*level = vmsa_start_level(table.ipa_bits); words; ++*level) {
		uint64_t word = words[audit_entry(iova, *level)];

		if (!vmsa_is_valid(word) || !vmsa_is_table(*level, word))
			return words;
		words = audit_table(vmsa_address(word), PAGE_SIZE);
	}
	return NULL;
}

/*
 * All that a root leads to: adds up the bytes of good leaves; false at the first
 * bad leaf or pointer. What is not valid is passed over as far as its table goes.
 */
static bool audit_walk(const struct table_function *function, uint64_t root, uint64_t *reached)
{
	uint64_t iova = 0, end = (uint64_t)VMSA_ENTRIES << vmsa_shift(vmsa_start_level(table.ipa_bits));
	unsigned level;

	while (iova < end) {
		const uint64_t *words = audit_follow(root, iova, &level);
		uint64_t word = words ? words[audit_entry(iova, level)] : 0;

		if (!words || (vmsa_is_valid(word) && !audit_leaf(function, level, iova, word)))
			return false;
		*reached += vmsa_is_valid(word) ? UINT64_C(1) << vmsa_shift(level) : 0;
		do {
			iova += UINT64_C(1) << vmsa_shift(level);
		} while (!vmsa_is_valid(word) && audit_entry(iova, level) &&
			 !vmsa_is_valid(words[audit_entry(iova, level)]));
	}
	return true;
}

static uint64_t audit_declared_bytes(const struct table_function *function)
{
	uint64_t size = function->has_doorbell ? PAGE_SIZE : 0;

	for (uint32_t i = 0; i < function->window_count; i++)
		size += function->windows[i].size;
	return size;
}

/* A declared stream: the very entry that ptc builds for its owner, and tables that reach the windows, all, only. */
static void audit_declared(const struct table_function *function, const uint64_t *ste)
{
	struct smmu_ste expected = smmu_ste_stage2(function->vmid, table.ipa_bits, table.iommu.pa_bits);
	uint64_t reached = 0;
	bool same = true;

	expected.word[3] = ste[3] & SMMU_STE3_S2TTB;    /* the walk tells whether it is the right one */
	for (unsigned i = 0; i < SMMU_STE_WORDS; i++)
		same = same && ste[i] == expected.word[i];
	verdict_holds("audit.stream-entry", function->name, same);
	verdict_holds("audit.leaves-declared", function->name,
		      audit_walk(function, ste[3] & SMMU_STE3_S2TTB, &reached));
	verdict_equal("audit.bytes-reached", function->name, reached, audit_declared_bytes(function));
}

/* Every entry of one level 2 table. Counts functions with a stream; returns how many neither abort nor are declared. */
static uint32_t audit_streams(uint32_t first, const uint64_t *entries, uint32_t *declared)
{
	const struct smmu_ste abort = smmu_ste_abort();
	uint32_t open = 0;

	for (uint32_t i = 0; i < SMMU_STREAMS_PER_L2; i++) {
		const uint64_t *ste = &entries[(size_t)i * SMMU_STE_WORDS];
		const struct table_function *function = table_function_of_stream(first + i, NULL);

		open += !function && ste[0] != abort.word[0];
		for (; function; function = table_function_of_stream(first + i, function)) {
			audit_declared(function, ste);
			++*declared;
		}
	}
	return open;
}

void iommu_audit(void)
{
	uint32_t l1_count = UINT32_C(1) << (table.iommu.id_bits - SMMU_STREAM_SPLIT);
	const uint64_t *l1 = audit_table(smmu_live_stream_table(), l1_count * sizeof(*l1));
	uint32_t declared = 0, open = 0;

	verdict_holds("audit.stream-table is ours", "", l1 != NULL);
	for (uint32_t i = 0; l1 && i < l1_count; i++) {
		const uint64_t *l2;

		if (FIELD_GET(SMMU_L1_SPAN, l1[i]) == 0)
			continue;
		l2 = audit_table(l1[i] & SMMU_L1_L2PTR, SMMU_STREAMS_PER_L2 * sizeof(struct smmu_ste));
		verdict_holds("audit.level-2 is ours", "", l2 && l1[i] == smmu_l1_desc((uintptr_t)l2));
		if (l2)
			open += audit_streams(i << SMMU_STREAM_SPLIT, l2, &declared);
	}
	verdict_equal("audit.declared-streams", "", declared, table.function_count - 1);
	verdict_equal("audit.undeclared-open", "", open, 0);
}
