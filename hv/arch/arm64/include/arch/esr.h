/* SPDX-License-Identifier: Apache-2.0 */
/* ESR_EL2 (Arm ARM): exception classes and syndrome fields. Host-buildable. */
#ifndef ARCH_ESR_H
#define ARCH_ESR_H

#include <mullion/bits.h>

enum esr_class {
	ESR_EC_HVC64 = 0x16,
	ESR_EC_SMC64 = 0x17,
	ESR_EC_SYSREG = 0x18,
	ESR_EC_INSTRUCTION_ABORT_LOWER = 0x20,
	ESR_EC_DATA_ABORT_LOWER = 0x24,
	ESR_EC_DATA_ABORT = 0x25,
};

#define ESR_EC   GENMASK(31, 26)
#define ESR_IL   BIT(25)                /* the instruction has four bytes */
#define ESR_ISV  BIT(24)                /* data abort: SAS, SRT, SF are valid */
#define ESR_SSE  BIT(21)                /* a load that sign-extends */
#define ESR_SRT  GENMASK(20, 16)        /* register that is read or written */
#define ESR_FNV  BIT(10)                /* FAR is not valid */
#define ESR_S1PTW BIT(7)                /* fault on a stage 1 walk */
#define ESR_WNR  BIT(6)
#define ESR_FSC_TYPE  GENMASK(5, 2)     /* of the MMU faults, without their level */

enum esr_fault {
	ESR_FAULT_TRANSLATION = 1,
	ESR_FAULT_PERMISSION = 3,
	ESR_FAULT_EXTERNAL = 4,
};

#endif
