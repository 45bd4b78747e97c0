/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks by SGIs and by calls of the hypervisor. */
#include "pd.h"
#include "rogue.h"

/* ICC_SGI1R_EL1 (IHI 0069H, 12.2) */
#define SGI1R_EL1     PD_REGISTER(1, 0, 12, 11, 5)
#define SGI1R_INTID(intid) ((uint64_t)(intid) << 24)
#define SGI1R_IRM     (UINT64_C(1) << 40)

enum { HW_CPUS = 8, AFF1_SHIFT = 16, AFF2_SHIFT = 32, RS_SHIFT = 44, AFF3_SHIFT = 48 };

static void sgi_raw(uint64_t value)
{
	uint64_t registers[4] = { value | SGI1R_INTID(SGI_ALIEN), 0, 0, 0 };

	pd_try_instruction(pd_msr(SGI1R_EL1), registers);
}

/*
 * To all but itself in every way there is; its own handler must not see one, and it has no other vCPU. Aff0 0 is
 * left out beside RS, which a controller without range selectors ignores.
 */
const char *sgi_others(uint64_t target)
{
	static const unsigned shifts[] = { AFF1_SHIFT, AFF2_SHIFT, AFF3_SHIFT };
	uint64_t before = interrupts_of(SGI_ALIEN);

	(void)target;
	sgi_raw(SGI1R_IRM);
	for (unsigned cpu = 1; cpu < 16; cpu++)
		sgi_raw(UINT64_C(1) << cpu);
	for (uint64_t affinity = 1; affinity < 16; affinity++) {
		sgi_raw(affinity << RS_SHIFT | 0xfffe);
		for (unsigned s = 0; s < sizeof(shifts) / sizeof(shifts[0]); s++)
			sgi_raw(affinity << shifts[s] | 0xffff);
	}
	rest(2);
	return interrupts_of(SGI_ALIEN) == before ? "none arrives" : "arrived";
}

/* Affinities of others: the hardware's, and some that nobody has. */
static const uint64_t affinities[] = { 1, 2, 3, 4, 5, 6, 7, 0x100, 0x80000001, 0x100000000, UINT64_MAX };

static const char *psci_others(uint32_t function, uint64_t entry)
{
	for (unsigned i = 0; i < sizeof(affinities) / sizeof(affinities[0]); i++) {
		int64_t result = pd_psci(function, affinities[i], entry, 0);

		if (result != PSCI_INVALID_PARAMETERS) {
			pd_print("function 0x%x of 0x%lx: 0x%lx", function, affinities[i], (uint64_t)result);
			return "answered";
		}
	}
	return "refused";
}

const char *psci_on_others(uint64_t target)
{
	(void)target;
	if (pd_psci(PSCI_CPU_ON, 0, PD_LOAD, 0) != PSCI_ALREADY_ON)
		return "its own CPU started twice";
	return psci_others(PSCI_CPU_ON, PD_LOAD);
}

const char *psci_info_others(uint64_t target)
{
	(void)target;
	return psci_others(PSCI_AFFINITY_INFO, 0);
}

/* Fast calls of the architecture and of PSCI: they exist, and some end the rogue. */
static bool is_known(uint32_t function)
{
	uint32_t owner = function >> 24 & 0x3f;

	return function >> 31 && (owner == 0 || owner == 4);
}

/* Function identifiers, immediates and arguments by chance. */
static const char *calls_random(uint32_t (*instruction)(uint32_t immediate))
{
	uint64_t count = pd_argument("calls", 0);
	uint64_t undefined = 0, answered = 0;

	for (uint64_t i = 0; i < count; i++) {
		uint64_t registers[4] = { random_next(), random_next(), random_next(), random_next() };

		/* every other one is a fast call of some owner, which plain chance would seldom hit */
		if (i & 1)
			registers[0] = 0x80000000 | (registers[0] & 0x7f00001f);
		if (is_known((uint32_t)registers[0]))
			continue;
		if (!pd_try_instruction(instruction(i & 2 ? random_next() : 0), registers))
			undefined++;
		else if ((int32_t)registers[0] != PSCI_NOT_SUPPORTED)
			answered++;
	}
	pd_print("of %lu calls %lu were undefined, %lu answered", count, undefined, answered);
	return answered ? "answered" : "refused";
}

const char *hvc_random(uint64_t target)
{
	(void)target;
	return calls_random(pd_hvc);
}

const char *smc_random(uint64_t target)
{
	(void)target;
	return calls_random(pd_smc);
}
