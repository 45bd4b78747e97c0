/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rogue: tries what its table does not give it, one attempt after the
 * other, and prints what the isolation promises and what it saw. That is
 * information only: it does not see what happens elsewhere, so the host judges.
 */
#include "edu.h"
#include "pd.h"
#include "rogue.h"

/* `argument` names the target's host address in bootargs; NULL: the target is `addr` alone, as the PD knows it. */
static const struct attack {
	const char *name, *expected;
	attack_fn *run;
	const char *argument;
	uint64_t addr;
} attacks[] = {
	/* by its function */
	{ "dma-own-memory", "blocked", dma_reach, NULL, PD_DATA_BASE },
	{ "dma-own-code", "blocked", dma_reach, NULL, PD_CODE_BASE },
	{ "dma-plc-secret-host", "blocked", dma_reach, "secret", 0 },
	{ "dma-plc-secret-pd", "blocked", dma_reach, "secret-pd", 0 },
	{ "dma-plc-code", "blocked", dma_reach, "plc", 0 },
	{ "dma-gateway-code", "blocked", dma_reach, "gateway", 0 },
	{ "dma-hypervisor", "blocked", dma_reach, "hypervisor", 0 },
	{ "dma-store", "blocked", dma_reach, "store", 0 },
	{ "dma-iommu", "blocked", dma_reach, "iommu", 0 },
	{ "dma-gicd", "blocked", dma_reach, "gicd", 0 },
	{ "dma-gicr", "blocked", dma_reach, "gicr", 0 },
	{ "dma-its", "blocked", dma_reach, "its", 0 },
	{ "dma-its-doorbell-page", "blocked", dma_reach, "its", ITS_DOORBELL_PAGE },
	{ "dma-ecam-plc", "blocked", dma_reach, "ecam", 1 << DEVICE_SHIFT },
	{ "dma-uart", "blocked", dma_reach, "uart", 0 },
	{ "dma-neighbour-bar", "blocked", dma_reach, NULL, PD_EDU_BAR0 - EDU_BAR_SIZE },
	{ "dma-write-read-only", "blocked", dma_write_read_only, NULL, 0 },
	{ "dma-read-write-only", "blocked", dma_read_write_only, NULL, 0 },
	{ "msi-forged-by-dma", "none arrives", msi_forge_by_dma, NULL, PD_MSI_FRAME },
	{ "msi-forged-by-dma-host", "none arrives", msi_forge_by_dma, "its", ITS_DOORBELL_PAGE },
	{ "msi-forged-by-device", "none arrives", msi_forge_by_device, NULL, PD_MSI_FRAME },
	{ "msi-by-device-host", "none arrives", msi_elsewhere, "its", ITS_DOORBELL_PAGE },
	{ "msi-by-device-secret", "none arrives", msi_elsewhere, "secret", 0 },
	/* by its CPU */
	{ "cpu-plc-secret-host", "blocked", cpu_reach, "secret", 0 },
	{ "cpu-plc-secret-pd", "blocked", cpu_reach, "secret-pd", 0 },
	{ "cpu-plc-code", "blocked", cpu_reach, "plc", 0 },
	{ "cpu-gateway-code", "blocked", cpu_reach, "gateway", 0 },
	{ "cpu-bar-before", "blocked", cpu_reach, NULL, PD_EDU_BAR0 - EDU_BAR_SIZE + EDU_LIVENESS },
	{ "cpu-bar-behind", "blocked", cpu_reach, NULL, PD_EDU_BAR0 + EDU_BAR_SIZE + EDU_LIVENESS },
	{ "cpu-ecam-plc", "blocked", cpu_reach, "ecam", 1 << DEVICE_SHIFT | CONFIG_COMMAND },
	{ "cpu-ecam-own", "blocked", cpu_reach, "ecam", 3 << DEVICE_SHIFT | CONFIG_COMMAND },
	{ "cpu-ecam-undeclared", "blocked", cpu_reach, "ecam", 4 << DEVICE_SHIFT | CONFIG_COMMAND },
	{ "cpu-iommu", "blocked", cpu_reach, "iommu", SMMU_CR0 },
	{ "cpu-gicd", "blocked", cpu_reach, "gicd", 0 },
	{ "cpu-gicr", "blocked", cpu_reach, "gicr", 0 },
	{ "cpu-its", "blocked", cpu_reach, "its", 0 },
	{ "cpu-its-doorbell", "blocked", cpu_reach, "its", ITS_DOORBELL_PAGE + DOORBELL },
	{ "cpu-uart", "blocked", cpu_reach, "uart", 0 },
	{ "cpu-store", "blocked", cpu_reach, "store", 0 },
	{ "cpu-hypervisor", "blocked", cpu_reach, "hypervisor", 0 },
	/* by configuration space */
	{ "config-neighbours", "all ones", config_neighbours, NULL, 0 },
	{ "config-master-neighbour", "ignored", config_master, NULL, 0 },
	{ "config-move-bar", "ignored", config_move_bar, NULL, 0 },
	{ "config-sweep", "ignored", config_sweep, NULL, 0 },
	/* by calls, SGIs and system registers */
	{ "sgi-others", "none arrives", sgi_others, NULL, 0 },
	{ "psci-on-others", "refused", psci_on_others, NULL, 0 },
	{ "psci-info-others", "refused", psci_info_others, NULL, 0 },
	{ "hvc-random", "refused", hvc_random, NULL, 0 },
	{ "smc-random", "refused", smc_random, NULL, 0 },
	{ "registers-random", "undefined or harmless", registers_random, NULL, 0 },
	/* by quantity */
	{ "flood-console", "done", flood_lines, NULL, 0 },
	{ "flood-sgis", "done", flood_sgis, NULL, 0 },
	{ "flood-dma-faults", "done", flood_dma, NULL, 0 },
};

enum { ATTACK_COUNT = sizeof(attacks) / sizeof(attacks[0]) };
_Static_assert(ATTACK_COUNT <= 64, "attacks= has a bit for each");

static volatile uint64_t interrupts[PD_INTIDS];

void pd_on_interrupt(uint32_t intid)
{
	interrupts[intid]++;
	if (intid == PD_MSI_BASE)
		edu_interrupt_take(PD_EDU_BAR0);
}

uint64_t interrupts_of(uint32_t intid) { return interrupts[intid]; }

uint64_t interrupts_foreign(void)
{
	uint64_t sum = 0;

	for (uint32_t intid = 0; intid < PD_INTIDS; intid++)
		if (intid != SGI_FLOOD && (intid < PD_MSI_BASE || intid >= PD_MSI_BASE + PD_MSI_COUNT))
			sum += interrupts[intid];
	return sum;
}

uint32_t random_next(void)
{
	static uint64_t state;

	if (!state)
		state = pd_argument("seed", 1);
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(state >> 32);
}

void rest(uint64_t ticks)
{
	for (uint64_t end = pd_timer_ticks() + ticks; pd_timer_ticks() < end;)
		pd_wait();
}

static void attack(const struct attack *a, unsigned number)
{
	uint64_t target = a->addr + (a->argument ? pd_argument(a->argument, 0) : 0);

	pd_print("attack %u %s: expected %s, saw %s", number, a->name, a->expected, a->run(target));
}

void pd_main(void)
{
	uint64_t rounds = pd_argument("rounds", 0);
	uint64_t chosen = pd_argument("attacks", 0);

	pd_timer_start(TIMER_HZ);
	pd_msi_start(PD_EDU_CONFIG, EDU_MSI, PD_MSI_FRAME, PD_MSI_BASE);
	for (uint64_t round = 0; !rounds || round < rounds; round++) {
		for (unsigned i = 0; i < ATTACK_COUNT; i++)
			if (!chosen || chosen >> i & 1)
				attack(&attacks[i], i + 1);
		pd_print("rogue: all attacks done");
	}
}
