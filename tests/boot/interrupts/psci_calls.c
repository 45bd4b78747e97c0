/* SPDX-License-Identifier: Apache-2.0 */
/* Every result of PSCI; by HVC and by SMC; 32-bit arguments. The second vCPU is off, and goes off by itself. */
#include "tester.h"

enum { HVC_0 = 0xd4000002, SMC_0 = 0xd4000003, ROUNDS = 50, OTHER = 1 };
enum { CPU_ON_32 = 0x84000003, AFFINITY_INFO_32 = 0x84000004, MIGRATE_INFO_TYPE = 0x84000006, CPU_SUSPEND = 0x84000001,
       SYSTEM_RESET2 = 0x84000012, SMCCC_VERSION = 0x80000000 };

extern const char pd_start[];

static uint64_t call(uint32_t conduit, uint64_t function, uint64_t first, uint64_t second)
{
	uint64_t registers[4] = { function, first, second, 0 };

	return pd_try_instruction(conduit, registers) ? registers[0] : 0xdead;
}

static void wait_off(void)
{
	uint64_t begin = pd_now();

	while (pd_vcpu_power(OTHER) != PSCI_OFF && pd_now() - begin < pd_second())
		;
}

static void cpu_on(uint32_t conduit)
{
	result(CPU_ON, call(conduit, PSCI_CPU_ON, 0, (uintptr_t)pd_start));
	result(CPU_ON, call(conduit, PSCI_CPU_ON, PD_CPUS, (uintptr_t)pd_start));
	result(CPU_ON, call(conduit, PSCI_CPU_ON, UINT64_C(1) << 32, (uintptr_t)pd_start));
	result(AFFINITY, call(conduit, PSCI_AFFINITY_INFO, 0, 0));
	result(AFFINITY, call(conduit, PSCI_AFFINITY_INFO, OTHER, 0));
	result(AFFINITY, call(conduit, PSCI_AFFINITY_INFO, OTHER, 1));
	result(AFFINITY, call(conduit, PSCI_AFFINITY_INFO, PD_CPUS, 0));
	result(AFFINITY, call(conduit, PSCI_AFFINITY_INFO, UINT64_C(1) << 32 | OTHER, 0));
}

/* The second of two calls comes while the first is on its way, at least once in so many. */
static void cpu_on_pending(void)
{
	for (int i = 0; i < ROUNDS; i++) {
		result(CPU_ON_PENDING, call(HVC_0, PSCI_CPU_ON, OTHER, (uintptr_t)pd_start));
		result(CPU_ON_PENDING, call(HVC_0, PSCI_CPU_ON, OTHER, (uintptr_t)pd_start));
		wait_off();
	}
}

static void features(uint32_t conduit)
{
	static const uint32_t functions[] = {
		PSCI_VERSION, PSCI_CPU_OFF, CPU_ON_32, PSCI_CPU_ON, AFFINITY_INFO_32, PSCI_AFFINITY_INFO,
		MIGRATE_INFO_TYPE, PSCI_SYSTEM_OFF, PSCI_SYSTEM_RESET, PSCI_FEATURES, SMCCC_VERSION,
		CPU_SUSPEND, SYSTEM_RESET2, 0xc4000002,
	};

	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		result(FEATURES, call(conduit, PSCI_FEATURES, functions[i], 0));
	result(SMC, call(conduit, PSCI_VERSION, 0, 0));
	result(SMC, call(conduit, SMCCC_VERSION, 0, 0));
	result(SMC, call(conduit, MIGRATE_INFO_TYPE, 0, 0));
	result(SMC, call(conduit, CPU_SUSPEND, 0, 0));
	result(SMC, call(conduit, 0xbadbad, 0, 0));
}

/* Upper halves count for nothing in 32-bit calls, of the function's number never. */
static void arguments(uint32_t conduit)
{
	const uint64_t upper = UINT64_C(0xdeadbeef) << 32;

	result(ARGUMENTS, call(conduit, upper | PSCI_VERSION, upper, upper));
	result(ARGUMENTS, call(conduit, AFFINITY_INFO_32, upper | OTHER, upper));
	result(ARGUMENTS, call(conduit, PSCI_AFFINITY_INFO, upper | OTHER, 0));
	result(ARGUMENTS, call(conduit, CPU_ON_32, upper | OTHER, upper | (uintptr_t)pd_start));
	wait_off();
	result(ARGUMENTS, call(conduit, PSCI_FEATURES, upper | PSCI_VERSION, 0));
}

void psci_run(void)
{
	for (uint32_t conduit = HVC_0; conduit <= SMC_0; conduit++) {
		cpu_on(conduit);
		features(conduit);
		arguments(conduit);
	}
	cpu_on_pending();
}
