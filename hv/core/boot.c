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

static BOOT_DATA uint64_t phase_start, phase_console;

/* Ticks of the system counter since the last phase, this line apart. Entry counts as part of the first. */
static void phase_ends(const char *name)
{
	uint64_t ticks = arch_ticks() - phase_start;

	log_info("phase %-8s %8lu ticks, %8lu of them console", name, ticks, log_ticks() - phase_console);
	phase_console = log_ticks();
	phase_start = arch_ticks();
}

void boot_main(void)
{
	enum iommu_denial denial = iommu_deny();
	const struct table_cpu *cpu = arch_cpu();

	pci_deny();
	uart_init();
	log_info("Mullion, table %s, board %s", table.digest, table.board);
	phase_start = arch_entry_ticks();
	phase_ends("deny");

	verdict_holds("iommu.present", "", denial != IOMMU_ABSENT);
	verdict_holds("iommu.denies", "", denial == IOMMU_DENIES);
	verdict_conclude("deny");

	arch_cpu_init();
	arch_cpu_compare();
	iommu_compare();
	irqchip_compare();
	ram_compare();
	pci_compare();
	verdict_conclude("compare");
	phase_ends("compare");

	pd_load_all();
	phase_ends("load");

	pci_place_bars();
	irqchip_init(cpu);
	iommu_enable();
	verdict_conclude("iommu");
	phase_ends("iommu");

	iommu_audit();
	verdict_conclude("audit");
	phase_ends("audit");

	pci_allow_dma();
	irqchip_enable(table.iommu.event_intid, cpu);
	irqchip_enable(table.iommu.error_intid, cpu);
	irqchip_enable(table.timer_intid, cpu);
	vgic_init();
	phase_ends("allow");
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
