/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the SMMUv3 driver share: registers and the event queue. */
#ifndef SMMUV3_H
#define SMMUV3_H

#include <mullion/types.h>

#include "smmuv3_regs.h"

/* 128 events of 32 bytes: one page. */
enum { SMMU_EVENT_WORDS = 4, SMMU_EVENTQ_LOG2SIZE = 7 };

extern uint64_t smmu_eventq[1 << SMMU_EVENTQ_LOG2SIZE][SMMU_EVENT_WORDS];

uint32_t smmu_read(enum smmu_reg32 reg);
void smmu_write(enum smmu_reg32 reg, uint64_t value);
/* Address of the stream table as the SMMU's register has it now. */
uint64_t smmu_live_stream_table(void);

#endif
