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

struct smmu_event_type {
	const char *name;
	bool has_addr;          /* words 1 and 2: rights and input address */
};

static inline struct smmu_event_type smmu_event_type(unsigned type)
{
	switch (type) {
	case 0x01: return (struct smmu_event_type){ "F_UUT", true };
	case 0x02: return (struct smmu_event_type){ "C_BAD_STREAMID", false };
	case 0x03: return (struct smmu_event_type){ "F_STE_FETCH", false };
	case 0x04: return (struct smmu_event_type){ "C_BAD_STE", false };
	case 0x05: return (struct smmu_event_type){ "F_BAD_ATS_TREQ", false };
	case 0x07: return (struct smmu_event_type){ "F_TRANSL_FORBIDDEN", true };
	case 0x0b: return (struct smmu_event_type){ "F_WALK_EABT", true };
	case 0x10: return (struct smmu_event_type){ "F_TRANSLATION", true };
	case 0x11: return (struct smmu_event_type){ "F_ADDR_SIZE", true };
	case 0x12: return (struct smmu_event_type){ "F_ACCESS", true };
	case 0x13: return (struct smmu_event_type){ "F_PERMISSION", true };
	case 0x20: return (struct smmu_event_type){ "F_TLB_CONFLICT", true };
	case 0x21: return (struct smmu_event_type){ "F_CFG_CONFLICT", false };
	default: return (struct smmu_event_type){ "unknown event", false };
	}
}

static inline struct iommu_event smmu_event_decode(const uint64_t words[4])
{
	struct smmu_event_type type = smmu_event_type((unsigned)FIELD_GET(SMMU_EVENT0_TYPE, words[0]));
	struct iommu_event event = {
		.stream = (uint32_t)FIELD_GET(SMMU_EVENT0_SID, words[0]),
		.reason = type.name,
		.has_addr = type.has_addr,
	};

	if (type.has_addr) {
		event.addr = (iova_t){ words[2] };
		event.access = !(words[1] & SMMU_EVENT1_RNW) ? ACCESS_W :
			       words[1] & SMMU_EVENT1_IND ? ACCESS_X : ACCESS_R;
	}
	return event;
}

#endif
