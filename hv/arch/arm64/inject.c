/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exceptions that a PD's mistakes become: taken to EL1 as the CPU itself would
 * (Arm ARM D1.3, AArch64.TakeException), at the PD's own vector.
 */
#include <arch/esr.h>
#include <arch/guest.h>
#include <arch/sysreg.h>

#define SPSR_FLAGS   GENMASK(31, 28)    /* N, Z, C, V */
#define SPSR_DIT     BIT(24)
#define SPSR_PAN     BIT(22)
#define SPSR_SP      BIT(0)
#define SPSR_EL      GENMASK(3, 2)
#define SPSR_AARCH32 BIT(4)
#define SCTLR_SPAN   BIT(23)
#define MMFR1_PAN    GENMASK(23, 20)

enum { VECTOR_SAME_SP0 = 0x000, VECTOR_SAME = 0x200, VECTOR_LOWER = 0x400, VECTOR_LOWER_32 = 0x600 };
enum { ESR_EC_TO_SAME = 1, ESR_FSC_EXTERNAL = 0x10 };

static uint64_t vector_offset(uint64_t spsr)
{
	if (spsr & SPSR_AARCH32)
		return VECTOR_LOWER_32;
	if (!(spsr & SPSR_EL))
		return VECTOR_LOWER;
	return spsr & SPSR_SP ? VECTOR_SAME : VECTOR_SAME_SP0;
}

/* PAN is set on the way in unless SCTLR_EL1.SPAN says not to, where the CPU has it. */
static uint64_t spsr_at_vector(uint64_t spsr)
{
	uint64_t kept = spsr & SPSR_AARCH32 ? SPSR_FLAGS | SPSR_PAN : SPSR_FLAGS | SPSR_DIT | SPSR_PAN;
	uint64_t pan = FIELD_GET(MMFR1_PAN, sysreg_read(id_aa64mmfr1_el1)) && !(sysreg_read(sctlr_el1) & SCTLR_SPAN) ?
			       SPSR_PAN : 0;

	return (spsr & kept) | pan | SPSR_EL1H_MASKED;
}

static void guest_inject(uint64_t esr)
{
	uint64_t spsr = sysreg_read(spsr_el2);

	sysreg_write(elr_el1, sysreg_read(elr_el2));
	sysreg_write(spsr_el1, spsr);
	sysreg_write(esr_el1, esr);
	sysreg_write(elr_el2, sysreg_read(vbar_el1) + vector_offset(spsr));
	sysreg_write(spsr_el2, spsr_at_vector(spsr));
}

void guest_inject_undefined(void) { guest_inject(FIELD_PREP(ESR_EC, ESR_EC_UNKNOWN) | ESR_IL); }

/* A synchronous external abort at the address that the PD used; `esr` is that of the fault as we took it. */
void guest_inject_abort(uint64_t esr)
{
	bool same = FIELD_GET(SPSR_EL, sysreg_read(spsr_el2)) && !(sysreg_read(spsr_el2) & SPSR_AARCH32);
	uint64_t class = FIELD_GET(ESR_EC, esr) + (same ? ESR_EC_TO_SAME : 0);

	sysreg_write(far_el1, sysreg_read(far_el2));
	guest_inject(FIELD_PREP(ESR_EC, class) | (esr & (ESR_IL | ESR_FNV | ESR_WNR)) | ESR_FSC_EXTERNAL);
}

void guest_inject_serror(void) { sysreg_write(hcr_el2, sysreg_read(hcr_el2) | HCR_VSE); }
