/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Boot, from the first C of the boot CPU to the first instruction of its PD.
 * One call a line, in the only order that is safe: deny, then compare, then
 * program, then prove, then allow, then seal.
 */
#include <mullion/arch.h>
#include <mullion/boot.h>
#include <mullion/config.h>
#include <mullion/iommu.h>
#include <mullion/irqchip.h>
#include <mullion/log.h>
#include <mullion/pci.h>
#include <mullion/pd.h>
#include <mullion/section.h>
#include <mullion/selftest.h>
#include <mullion/uart.h>
#include <mullion/vdev.h>
#include <mullion/verdict.h>

enum phase { PHASE_DENY, PHASE_CONSOLE, PHASE_COMPARE, PHASE_LOAD, PHASE_IOMMU, PHASE_AUDIT, PHASE_ALLOW, PHASE_COUNT };

static BOOT_DATA uint64_t phase_end[PHASE_COUNT], phase_log[PHASE_COUNT];

static void phase_ends(enum phase phase)
{
	phase_log[phase] = log_ticks();
	phase_end[phase] = arch_ticks();
}

/* Ticks of the system counter that each phase took; entry counts as part of the first. */
static void phases_print(void)
{
	static const char *const names[PHASE_COUNT] = { "deny", "console", "compare", "load", "iommu", "audit", "allow" };
	uint64_t start = arch_entry_ticks(), log = 0;

	for (unsigned i = 0; i < PHASE_COUNT; i++) {
		log_info("phase %-8s %8lu ticks, %8lu of them console", names[i], phase_end[i] - start, phase_log[i] - log);
		start = phase_end[i];
		log = phase_log[i];
	}
}

void boot_main(void)
{
	enum iommu_denial denial = iommu_deny();
	const struct table_cpu *cpu;

	pci_deny();
	phase_ends(PHASE_DENY);

	uart_init();
	log_info("Mullion, table %s, board %s", table.digest, table.board);
	verdict_holds("iommu.present", "", denial != IOMMU_ABSENT);
	verdict_holds("iommu.denies", "", denial == IOMMU_DENIES);
	verdict_conclude("deny");
	phase_ends(PHASE_CONSOLE);

	arch_cpu_init();
	arch_cpu_compare();
	iommu_compare();
	irqchip_compare();
	ram_compare();
	pci_compare();
	verdict_conclude("compare");
	cpu = &table.cpus[arch_cpu_index()];
	phase_ends(PHASE_COMPARE);

	pd_load_all();
	phase_ends(PHASE_LOAD);

	pci_place_bars();
	irqchip_init(cpu);
	iommu_enable();
	verdict_conclude("iommu");
	phase_ends(PHASE_IOMMU);

	iommu_audit();
	verdict_conclude("audit");
	phase_ends(PHASE_AUDIT);

	pci_allow_dma();
	irqchip_enable(table.iommu.event_intid, cpu);
	irqchip_enable(table.iommu.error_intid, cpu);
	irqchip_enable(table.timer_intid, cpu);
	vgic_init();
	phase_ends(PHASE_ALLOW);
	phases_print();
	if (IS_ENABLED(CONFIG_SELFTEST))
		selftest_prepare();
	arch_seal(cpu);
	log_info("sealed");
	if (IS_ENABLED(CONFIG_SELFTEST))
		selftest_seal();
	pd_run(cpu);
}

/* Runs where the image was not linked for: the log is position-independent, its one variable in reserved memory. */
void boot_refuse_address(uint64_t found, uint64_t needed)
{
	log_info("refused: loaded at 0x%lx, needed 0x%lx", found, needed);
	arch_halt();
}
