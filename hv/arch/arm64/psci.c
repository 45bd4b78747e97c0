/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PSCI (DEN0022F) both ways: what a PD may ask, which concerns that PD only,
 * and what we ask of the board's firmware, by SMC.
 */
#include <arch/guest.h>
#include <mullion/arch.h>
#include <mullion/log.h>
#include <mullion/pd.h>

enum {
	SMCCC_VERSION = 0x80000000,
	PSCI_VERSION = 0x84000000,
	PSCI_SYSTEM_OFF = 0x84000008,
	PSCI_SYSTEM_RESET = 0x84000009,
	PSCI_FEATURES = 0x8400000a,
};

#define VERSION_1_1   UINT64_C(0x10001)
#define NOT_SUPPORTED (~UINT64_C(0))

static uint64_t psci_features(uint32_t function)
{
	return function == SMCCC_VERSION || function == PSCI_VERSION || function == PSCI_FEATURES ||
	       function == PSCI_SYSTEM_OFF || function == PSCI_SYSTEM_RESET ? 0 : NOT_SUPPORTED;
}

void psci_serve(struct guest_regs *regs)
{
	switch ((uint32_t)regs->x[0]) {
	case SMCCC_VERSION:
	case PSCI_VERSION:
		regs->x[0] = VERSION_1_1;
		break;
	case PSCI_FEATURES:
		regs->x[0] = psci_features((uint32_t)regs->x[1]);
		break;
	case PSCI_SYSTEM_OFF:
		pd_off();
	case PSCI_SYSTEM_RESET:
		pd_reset();
	default:
		regs->x[0] = NOT_SUPPORTED;
	}
}

/* A call of the board's firmware that does not return; if it does, this CPU stops. */
static _Noreturn void psci_call(uint32_t function)
{
	register uint64_t x0 __asm__("x0") = function;

	__asm__ volatile("smc #0" : "+r"(x0) : : "memory");
	panic("firmware refused function 0x%x: 0x%lx", function, x0);
}

void arch_system_off(void) { psci_call(PSCI_SYSTEM_OFF); }
void arch_system_reset(void) { psci_call(PSCI_SYSTEM_RESET); }
