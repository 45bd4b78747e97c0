/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks by the rogue's CPU: loads and stores, system registers. */
#include "pd.h"
#include "rogue.h"

static bool is_blocked(bool passed) { return !passed && pd_fault_class() == PD_FAULT_DATA; }

const char *cpu_reach(uint64_t target)
{
	uint32_t value;
	bool no_read = is_blocked(pd_try_read32(target, &value));
	bool no_write = is_blocked(pd_try_write32(target, 0xbadbad01));

	return no_read && no_write ? "blocked" : no_read ? "written" : no_write ? "read" : "read and written";
}

static uint32_t register_group(uint32_t name) { return name >> 7; }

/*
 * What would end the rogue itself, or take its own interrupts away: control and
 * SP, ELR and vectors of EL1, its interrupt interface and PSTATE, its timer.
 */
static bool is_own_end(uint32_t name)
{
	switch (register_group(name)) {
	case PD_REGISTER(1, 0, 1, 0, 0) >> 7:      /* SCTLR_EL1 and neighbours */
	case PD_REGISTER(1, 0, 4, 0, 0) >> 7:      /* SPSR, ELR, SPSel, ICC_PMR */
	case PD_REGISTER(1, 3, 4, 0, 0) >> 7:      /* DAIF */
	case PD_REGISTER(1, 0, 12, 0, 0) >> 7:     /* VBAR, ICC_* */
	case PD_REGISTER(1, 3, 14, 0, 0) >> 7:     /* CNTV_*, CNTP_* */
		return true;
	}
	return false;
}

/* Reads and writes registers by chance. Surviving it is all that the rogue itself can tell. */
const char *registers_random(uint64_t target)
{
	uint64_t count = pd_argument("registers", 0);
	uint64_t undefined = 0, other = 0;

	(void)target;
	for (uint64_t i = 0; i < count; i++) {
		uint32_t name = random_next() & 0x7fff;
		uint64_t values[4] = { random_next(), 0, 0, 0 };

		if (is_own_end(name) || pd_try_instruction(i & 1 ? pd_msr(name) : pd_mrs(name), values))
			continue;
		if (pd_fault_class() == PD_FAULT_UNKNOWN)
			undefined++;
		else
			other++;
	}
	pd_print("of %lu registers %lu were undefined, %lu gave another exception", count, undefined, other);
	return "undefined or harmless";
}
