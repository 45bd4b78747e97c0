/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SMMUv3 stream table, two levels: one level 2 table for each bus with a
 * declared function, every other entry of it aborting; buses without one have
 * no table, which denies them too (IHI 0070, 5.1).
 */
#include "../../hv/drivers/iommu/smmuv3_ste.h"

#include <inttypes.h>

#include "ptc.h"
#include "target.h"

enum { L2_SIZE = SMMU_STREAMS_PER_L2 * sizeof(struct smmu_ste) };

const uint64_t device_table_align = L2_SIZE;

static size_t l1_count(const struct appliance *appliance)
{
	unsigned bits = appliance->board.stream_bits;

	return (size_t)1 << (bits > SMMU_STREAM_SPLIT ? bits - SMMU_STREAM_SPLIT : 0);
}

/* The function whose stream this is, and its place in table order. */
static const struct function *stream_function(const struct appliance *appliance, uint32_t stream, size_t *order)
{
	*order = 0;
	for (size_t p = 0; p < appliance->pd_count; p++)
		for (size_t f = 0; f < appliance->pds[p].function_count; f++, ++*order)
			if (appliance->pds[p].functions[f].stream == stream)
				return &appliance->pds[p].functions[f];
	return NULL;
}

static bool l2_used(const struct appliance *appliance, size_t l1)
{
	for (size_t p = 0; p < appliance->pd_count; p++)
		for (size_t f = 0; f < appliance->pds[p].function_count; f++)
			if (appliance->pds[p].functions[f].stream >> SMMU_STREAM_SPLIT == l1)
				return true;
	return false;
}

uint64_t device_table_size(const struct appliance *appliance)
{
	uint64_t size = 0;

	for (size_t i = 0; i < l1_count(appliance); i++)
		if (l2_used(appliance, i))
			size += L2_SIZE;
	return size + round_up(l1_count(appliance) * sizeof(uint64_t), PAGE_SIZE);
}

static void ste_emit(FILE *out, const struct appliance *appliance, uint32_t stream, const char *const *roots)
{
	size_t order;
	const struct function *function = stream_function(appliance, stream, &order);
	struct smmu_ste ste = smmu_ste_abort();

	if (!function) {
		fprintf(out, "\t.quad\t0x%" PRIx64 ", 0, 0, 0, 0, 0, 0, 0\n", ste.word[0]);
		return;
	}
	ste = smmu_ste_stage2(function->vmid, appliance->ipa_bits, appliance->pa_bits);
	fprintf(out, "\t// stream 0x%x: %s\n", stream, function->bdf_name);
	fprintf(out, "\t.quad\t0x%" PRIx64 ", 0x%" PRIx64 ", 0x%" PRIx64 ", %s, 0, 0, 0, 0\n", ste.word[0], ste.word[1],
		ste.word[2], roots[order]);
}

void device_table_emit(FILE *out, const struct appliance *appliance, const char *const *roots)
{
	for (size_t i = 0; i < l1_count(appliance); i++) {
		if (!l2_used(appliance, i))
			continue;
		fprintf(out, "\n\t.balign\t%d\n\t.global\tstreams_%zx\nstreams_%zx:\n", (int)L2_SIZE, i, i);
		for (uint32_t s = 0; s < SMMU_STREAMS_PER_L2; s++)
			ste_emit(out, appliance, (uint32_t)(i << SMMU_STREAM_SPLIT) + s, roots);
	}
	fprintf(out, "\n\t.balign\t4096\n\t.global\tdevice_table\ndevice_table:\n");
	for (size_t i = 0; i < l1_count(appliance); i++) {
		if (l2_used(appliance, i))
			fprintf(out, "\t.quad\tstreams_%zx + 0x%" PRIx64 "\n", i, smmu_l1_desc(0));
		else
			fprintf(out, "\t.quad\t0\n");
	}
	fprintf(out, "\t.balign\t4096\n");
}
