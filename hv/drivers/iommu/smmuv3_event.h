/* SPDX-License-Identifier: Apache-2.0 */
/* SMMUv3 event records (IHI 0070, 7.3): pure decoder. Host-buildable. */
#ifndef SMMUV3_EVENT_H
#define SMMUV3_EVENT_H

#include <mullion/bits.h>
#include <mullion/iommu.h>

#define SMMU_EVENT0_TYPE GENMASK(7, 0)
#define SMMU_EVENT0_SID  GENMASK(63, 32)
#define SMMU_EVENT1_IND  BIT(34)
#define SMMU_EVENT1_RNW  BIT(35)

static inline struct iommu_event smmu_event_decode(const uint64_t words[4])
{
	static const struct {
		const char *name;
		bool has_addr;          /* words 1 and 2: rights and input address */
	} types[] = {
		[0x01] = { "F_UUT", true }, { "C_BAD_STREAMID", false }, { "F_STE_FETCH", false },
		[0x04] = { "C_BAD_STE", false }, { "F_BAD_ATS_TREQ", false }, [0x07] = { "F_TRANSL_FORBIDDEN", true },
		{ "C_BAD_SUBSTREAMID", false }, { "F_CD_FETCH", false }, { "C_BAD_CD", false }, { "F_WALK_EABT", true },
		[0x10] = { "F_TRANSLATION", true }, { "F_ADDR_SIZE", true },
		[0x12] = { "F_ACCESS", true }, { "F_PERMISSION", true },
		[0x20] = { "F_TLB_CONFLICT", true }, { "F_CFG_CONFLICT", false }, [0x24] = { "E_PAGE_REQUEST", false },
	};

	uint64_t type = FIELD_GET(SMMU_EVENT0_TYPE, words[0]);
	bool is_known = type < ARRAY_SIZE(types) && types[type].name;
	struct iommu_event event = {
		.stream = (uint32_t)FIELD_GET(SMMU_EVENT0_SID, words[0]),
		.reason = is_known ? types[type].name : "unknown event",
		.has_addr = is_known && types[type].has_addr,
	};

	if (event.has_addr) {
		event.addr = (iova_t){ words[2] };
		event.access = !(words[1] & SMMU_EVENT1_RNW) ? ACCESS_W :
			       words[1] & SMMU_EVENT1_IND ? ACCESS_X : ACCESS_R;
	}
	return event;
}

#endif
