/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Boot, from the first C of the boot CPU to the first instruction of the PDs.
 * One call a line, in the only order that is safe: deny, then compare, then
 * program, then prove, then allow, then seal.
 */
#include <mullion/arch.h>
#include <mullion/boot.h>
#include <mullion/config.h>
#include <mullion/iommu.h>
#include <mullion/irqchip.h>
#include <mullion/load.h>
#include <mullion/log.h>
#include <mullion/pci.h>
#include <mullion/pd.h>
#include <mullion/section.h>
#include <mullion/selftest.h>
#include <mullion/uart.h>
#include <mullion/verdict.h>

static BOOT_DATA uint64_t phase_start, phase_console;

/* Ticks of the system counter since the last phase, this line apart. Entry counts as part of the first. */
static void phase_ends(const char *name)
{
	uint64_t ticks = arch_ticks() - phase_start;

	log_info("phase %-9s %8lu ticks, %8lu of them console", name, ticks, log_ticks() - phase_console);
	phase_console = log_ticks();
	phase_start = arch_ticks();
}

static void boot_deny(void)
{
	enum iommu_denial denial = iommu_deny();
	bool has_pci = pci_deny();

	uart_init();
	log_info("Mullion, table %s, board %s", table.digest, table.board);
	phase_start = arch_entry_ticks();
	phase_ends("deny");
	verdict_holds("iommu.present", "", denial != IOMMU_ABSENT);
	verdict_holds("iommu.denies", "", denial == IOMMU_DENIES);
	verdict_holds("pci.present", "", has_pci);
	verdict_conclude("deny");
}

static void boot_compare(void)
{
	arch_cpu_compare();
	verdict_conclude("cpu");
	arch_cpu_init();
	arch_cpus_compare();
	iommu_compare();
	irqchip_compare();
	ram_compare();
	pci_compare();
	verdict_conclude("compare");
	phase_ends("compare");
	integrity_compare();
	verdict_conclude("integrity");
	phase_ends("integrity");
}

/* The interrupt controller first: LPIs that firmware left on are writes to memory. */
static void boot_load(void)
{
	irqchip_init();
	pds_scrub();
	phase_ends("scrub");
	pds_load();
	phase_ends("copy");
}

static void boot_program(void)
{
	pci_place_bars();
	iommu_enable();
	verdict_conclude("iommu");
	phase_ends("iommu");
	iommu_audit();
	verdict_conclude("audit");
	phase_ends("audit");
	irqchip_init_cpu(arch_cpu());
	cpus_start();
	irqchip_init_msis();
	verdict_conclude("cpus");
	phase_ends("cpus");
}

static void boot_allow(void)
{
	const struct table_cpu *housekeeping = &table.cpus[table.housekeeping];

	pci_allow_dma();
	irqchip_enable_table();
	irqchip_enable(table.iommu.event_intid, false, housekeeping);
	irqchip_enable(table.iommu.error_intid, false, housekeeping);
	irqchip_enable(table.console_intid, true, housekeeping);
	uart_want_room(false);
	phase_ends("allow");
}

void boot_main(void)
{
	boot_deny();
	boot_compare();
	boot_load();
	boot_program();
	boot_allow();
	if (IS_ENABLED(CONFIG_SELFTEST))
		selftest_prepare();
	cpus_seal();
	log_info("sealed");
	if (IS_ENABLED(CONFIG_SELFTEST))
		selftest_seal();
	cpus_release();
	pd_run(arch_cpu());
}

/* Every other CPU, while the boot CPU waits for it: its own verdicts, its own interrupts. */
void boot_secondary(void)
{
	arch_cpu_compare();
	arch_cpu_init();
	irqchip_init_cpu(arch_cpu());
	cpus_join();
	pd_run(arch_cpu());
}

/* Runs where the image was not linked for: the log is position-independent, its one variable in reserved memory. */
void boot_refuse_address(uint64_t found, uint64_t needed)
{
	log_info("refused: loaded at 0x%lx, needed 0x%lx", found, needed);
	arch_halt();
}
