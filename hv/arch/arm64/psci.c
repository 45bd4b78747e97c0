/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PSCI (DEN0022F) and the SMC Calling Convention (DEN0028) both ways: what a
 * PD may ask, which concerns that PD's own vCPUs only, and what we ask of the
 * board's firmware, by SMC.
 */
#include <arch/guest.h>
#include <mullion/arch.h>
#include <mullion/log.h>
#include <mullion/percpu.h>
#include <mullion/verdict.h>

enum psci_function {
	SMCCC_VERSION = 0x80000000u, SMCCC_ARCH_FEATURES = 0x80000001u,
	SMCCC_WORKAROUND_1 = 0x80008000u, SMCCC_WORKAROUND_2 = 0x80007fffu, SMCCC_WORKAROUND_3 = 0x80003fffu,
	PSCI_VERSION = 0x84000000u, PSCI_FEATURES = 0x8400000au, PSCI_MIGRATE_INFO_TYPE = 0x84000006u,
	PSCI_CPU_OFF = 0x84000002u, PSCI_CPU_ON = 0x84000003u, PSCI_CPU_ON_64 = 0xc4000003u,
	PSCI_AFFINITY_INFO = 0x84000004u, PSCI_AFFINITY_INFO_64 = 0xc4000004u,
	PSCI_SYSTEM_OFF = 0x84000008u, PSCI_SYSTEM_RESET = 0x84000009u,
};

#define VERSION_1_1          UINT64_C(0x10001)
#define NOT_SUPPORTED        (~UINT64_C(0))             /* -1 */
#define INVALID_PARAMETERS   (~UINT64_C(0) - 1)         /* -2 */
#define ALREADY_ON           (~UINT64_C(0) - 3)         /* -4 */
#define ON_PENDING           (~UINT64_C(0) - 4)         /* -5 */
#define MIGRATION_NOT_NEEDED UINT64_C(2)
enum { AFFINITY_ON, AFFINITY_OFF, AFFINITY_ON_PENDING };

/* A call of the board's firmware, which may change x0 to x17 (DEN0028, 2.6). */
static uint64_t psci_call(uint32_t function, uint64_t first, uint64_t second, uint64_t third)
{
	register uint64_t x0 __asm__("x0") = function;
	register uint64_t x1 __asm__("x1") = first;
	register uint64_t x2 __asm__("x2") = second;
	register uint64_t x3 __asm__("x3") = third;

	__asm__ volatile("smc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) : : "x4", "x5", "x6", "x7", "x8", "x9",
			 "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "memory");
	return x0;
}

static uint64_t psci_features(uint32_t function)
{
	static const uint32_t known[] = {
		SMCCC_VERSION, PSCI_VERSION, PSCI_CPU_OFF, PSCI_CPU_ON, PSCI_CPU_ON_64, PSCI_AFFINITY_INFO,
		PSCI_AFFINITY_INFO_64, PSCI_MIGRATE_INFO_TYPE, PSCI_SYSTEM_OFF, PSCI_SYSTEM_RESET, PSCI_FEATURES,
	};

	for (uint32_t i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i] == function)
			return 0;
	return NOT_SUPPORTED;
}

/* A vCPU by its MPIDR_EL1 affinity, which is its number: there is no vCPU of another PD to name. */
static uint64_t psci_cpu_on(uint64_t target, uint64_t entry, uint64_t argument)
{
	static const uint64_t results[] = { [VCPU_OFF] = 0, [VCPU_STARTING] = ON_PENDING, [VCPU_ON] = ALREADY_ON };

	if (target >= percpu()->pd->cpu_count)
		return INVALID_PARAMETERS;
	return results[pd_vcpu_on((uint32_t)target, entry, argument)];
}

static uint64_t psci_affinity_info(uint64_t target, uint64_t level)
{
	static const uint8_t infos[] = { [VCPU_OFF] = AFFINITY_OFF, [VCPU_STARTING] = AFFINITY_ON_PENDING,
					 [VCPU_ON] = AFFINITY_ON };

	if (target >= percpu()->pd->cpu_count || level)
		return INVALID_PARAMETERS;
	return infos[percpu()->state->vcpus[target].power];
}

/* SMC32 calls have 32-bit arguments (DEN0028, 3.1). */
static uint64_t argument(const struct guest_regs *regs, unsigned n)
{
	return regs->x[0] & BIT(30) ? regs->x[n] : (uint32_t)regs->x[n];
}

/* Mitigations that firmware has for this kind of CPU (DEN0028, 7.6 to 7.10): a PD's calls go on to it. */
static const uint32_t workarounds[] = { SMCCC_WORKAROUND_1, SMCCC_WORKAROUND_2, SMCCC_WORKAROUND_3 };
_Static_assert(ARRAY_SIZE(workarounds) == WORKAROUNDS, "arch/percpu.h");

/* What firmware says of it on this CPU: below 0, it has none. */
static int smccc_workaround(uint32_t function)
{
	for (uint32_t i = 0; i < WORKAROUNDS; i++)
		if (workarounds[i] == function)
			return percpu()->arch.workarounds[i];
	return -1;
}

/* Firmware is asked what it has only where it knows the question (DEN0028, 7.3 and A.1). */
void smccc_init(void)
{
	bool knows = !psci_call(PSCI_FEATURES, SMCCC_VERSION, 0, 0);

	for (uint32_t i = 0; i < WORKAROUNDS; i++)
		percpu()->arch.workarounds[i] =
			(int8_t)(knows ? psci_call(SMCCC_ARCH_FEATURES, workarounds[i], 0, 0) : NOT_SUPPORTED);
}

/* The second one is switched, by its PD: a vCPU starts with it on (DEN0028, 7.7; 0: it can be switched). */
void smccc_reset(void)
{
	if (!smccc_workaround(SMCCC_WORKAROUND_2))
		(void)psci_call(SMCCC_WORKAROUND_2, 1, 0, 0);
}

static uint64_t smccc_features(uint32_t function)
{
	if (function == SMCCC_VERSION || function == SMCCC_ARCH_FEATURES)
		return 0;
	return (uint64_t)(int64_t)smccc_workaround(function);
}

void psci_serve(struct guest_regs *regs)
{
	uint64_t result = NOT_SUPPORTED;

	switch ((uint32_t)regs->x[0]) {
	case SMCCC_VERSION:
	case PSCI_VERSION:
		result = VERSION_1_1;
		break;
	case SMCCC_ARCH_FEATURES:
		result = smccc_features((uint32_t)regs->x[1]);
		break;
	case SMCCC_WORKAROUND_1:
	case SMCCC_WORKAROUND_2:
	case SMCCC_WORKAROUND_3:
		if (smccc_workaround((uint32_t)regs->x[0]) >= 0)
			result = psci_call((uint32_t)regs->x[0], argument(regs, 1), 0, 0);
		break;
	case PSCI_FEATURES:
		result = psci_features((uint32_t)regs->x[1]);
		break;
	case PSCI_MIGRATE_INFO_TYPE:
		result = MIGRATION_NOT_NEEDED;
		break;
	case PSCI_CPU_ON:
	case PSCI_CPU_ON_64:
		result = psci_cpu_on(argument(regs, 1), argument(regs, 2), argument(regs, 3));
		break;
	case PSCI_AFFINITY_INFO:
	case PSCI_AFFINITY_INFO_64:
		result = psci_affinity_info(argument(regs, 1), argument(regs, 2));
		break;
	case PSCI_CPU_OFF:
		pd_vcpu_off();
	case PSCI_SYSTEM_OFF:
		pd_end(PD_OFF);
	case PSCI_SYSTEM_RESET:
		pd_end(PD_RESET);
	}
	regs->x[0] = result;
}

void arch_cpus_compare(void)
{
	for (uint32_t i = 1; i < table.cpu_count; i++) {
		const struct table_cpu *cpu = &table.cpus[i];

		verdict_equal("cpu.present", cpu->name, psci_call(PSCI_AFFINITY_INFO_64, cpu->hw_id, 0, 0),
			      cpu == arch_cpu() ? AFFINITY_ON : AFFINITY_OFF);
	}
}

extern const char entry_secondary[];

bool arch_cpu_start(const struct table_cpu *cpu)
{
	return !psci_call(PSCI_CPU_ON_64, cpu->hw_id, (uintptr_t)entry_secondary, (uintptr_t)cpu->stack_top);
}

/* One that does not return; if it does, this CPU stops. */
static _Noreturn void psci_call_last(uint32_t function)
{
	panic("firmware refused function 0x%x: 0x%lx", function, psci_call(function, 0, 0, 0));
}

void arch_system_off(void) { psci_call_last(PSCI_SYSTEM_OFF); }
void arch_system_reset(void) { psci_call_last(PSCI_SYSTEM_RESET); }
