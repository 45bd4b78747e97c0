/* SPDX-License-Identifier: Apache-2.0 */
/* ESR_EL2 (Arm ARM): exception classes and syndrome fields. Host-buildable. */
#ifndef ARCH_ESR_H
#define ARCH_ESR_H

#include <mullion/bits.h>
#include <mullion/types.h>

enum esr_class {
	ESR_EC_UNKNOWN = 0x00,
	ESR_EC_HVC64 = 0x16, ESR_EC_SMC64 = 0x17, ESR_EC_SYSREG = 0x18,
	ESR_EC_INSTRUCTION_ABORT_LOWER = 0x20,
	ESR_EC_DATA_ABORT_LOWER = 0x24, ESR_EC_DATA_ABORT = 0x25,
};

#define ESR_EC   GENMASK(31, 26)
#define ESR_IL   BIT(25)                /* the instruction has four bytes */
#define ESR_ISV  BIT(24)                /* data abort: SAS, SRT, SF are valid */
#define ESR_SAS  GENMASK(23, 22)        /* log2 of its bytes */
#define ESR_SSE  BIT(21)                /* a load that sign-extends */
#define ESR_SRT  GENMASK(20, 16)        /* register that is read or written */
#define ESR_SRT_HIGH BIT(20)            /* it is x16 or above */
#define ESR_SF   BIT(15)                /* the register has 64 bits */
#define ESR_FNV  BIT(10)                /* FAR is not valid */
#define ESR_S1PTW BIT(7)                /* fault on a stage 1 walk */
#define ESR_WNR  BIT(6)
#define ESR_FSC_TYPE  GENMASK(5, 2)     /* of the MMU faults, without their level */

#define ESR_IMMEDIATE GENMASK(15, 0)    /* of HVC and SMC */

/* A whole syndrome: HVC #0. */
#define ESR_HVC_0 (FIELD_PREP(ESR_EC, ESR_EC_HVC64) | ESR_IL)
/* Under the mask: a load or store that the syndrome describes, at an address of the PD's that nothing is mapped at. */
#define ESR_DEVICE_MASK (ESR_EC | ESR_ISV | ESR_FNV | ESR_S1PTW | ESR_FSC_TYPE)
#define ESR_DEVICE \
	(FIELD_PREP(ESR_EC, ESR_EC_DATA_ABORT_LOWER) | ESR_ISV | FIELD_PREP(ESR_FSC_TYPE, ESR_FAULT_TRANSLATION))

/* Of a trapped MSR or MRS: all but the general register; of writes, by register. */
#define ESR_SYSREG      (ESR_EC | GENMASK(21, 10) | GENMASK(4, 0))
#define ESR_SYSREG_RT   GENMASK(9, 5)
#define ESR_SYSREG_WRITE(op0, op1, crn, crm, op2) \
	(FIELD_PREP(ESR_EC, ESR_EC_SYSREG) | FIELD_PREP(GENMASK(21, 20), op0) | FIELD_PREP(GENMASK(19, 17), op2) | \
	 FIELD_PREP(GENMASK(16, 14), op1) | FIELD_PREP(GENMASK(13, 10), crn) | FIELD_PREP(GENMASK(4, 1), crm))
#define ESR_ICC_SGI1R  ESR_SYSREG_WRITE(3, 0, 12, 11, 5)
#define ESR_ICC_ASGI1R ESR_SYSREG_WRITE(3, 0, 12, 11, 6)
#define ESR_ICC_SGI0R  ESR_SYSREG_WRITE(3, 0, 12, 11, 7)

/*
 * What a PD has none of (Arm ARM, encoding of System registers): debug and trace, op0 2; and the PMU, op0 3, CRn 9 with
 * CRm 12 to 14 or CRn 14 with CRm 8 to 15.
 */
#define ESR_SYSREG_READ BIT(0)

static inline bool esr_is_debug(uint64_t esr)
{
	uint64_t op0 = FIELD_GET(GENMASK(21, 20), esr), crn = FIELD_GET(GENMASK(13, 10), esr);
	bool crm_from_8 = (esr & BIT(4)) != 0;

	return op0 == 2 || (op0 == 3 && crm_from_8 && (crn == 9 || crn == 14));
}

enum esr_fault {
	ESR_FAULT_TRANSLATION = 1, ESR_FAULT_PERMISSION = 3, ESR_FAULT_EXTERNAL = 4,
};

#endif
