/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CONFIG_SELFTEST: the sealed hypervisor tries to undo its own seal, with the
 * writes that a stray or hijacked pointer could make. Every one must fault. The
 * values written would open something, were they to arrive.
 */
#include <mullion/selftest.h>

#include <mullion/arch.h>
#include <mullion/console.h>
#include <mullion/log.h>
#include <mullion/section.h>

static SHARED_DATA struct selftest_target targets[SELFTEST_TARGETS_MAX];
static SHARED_DATA uint32_t target_count;

void selftest_prepare(void)
{
	target_count = iommu_selftest_targets(targets);
	target_count += arch_selftest_targets(&targets[target_count]);
	if (target_count > SELFTEST_TARGETS_MAX)
		panic("%u seal-test targets, room for %u", target_count, SELFTEST_TARGETS_MAX);
}

static void try_write(const char *name, paddr_t addr, uint64_t value, bool is_64bit)
{
	bool written = is_64bit ? arch_probe_write64(addr, value) : arch_probe_write32(addr, (uint32_t)value);

	log_info("seal-test %-20s write at 0x%lx: %s", name, addr.pa, written ? "NOT BLOCKED" : arch_probe_reason());
	console_flush();        /* more lines than a ring holds */
	if (written)
		panic("the seal is broken");
}

void selftest_seal(void)
{
	for (uint32_t i = 0; i < target_count; i++)
		try_write(targets[i].name, targets[i].addr, targets[i].value, targets[i].is_64bit);
	for (uint32_t i = 1; i < table.pd_count; i++)
		for (uint32_t r = 0; r < table.pds[i].region_count; r++)
			try_write(table.pds[i].regions[r].name, table.pds[i].regions[r].pa, UINT64_MAX, true);
	log_info("seal-test done");
}
