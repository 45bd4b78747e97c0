/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RAM against the table: the first and the last page of every range must hold
 * what is written there, all of them at once, so that neither a missing end nor
 * an alias of another page passes. What was there is put back.
 */
#include <mullion/boot.h>

#include <mullion/arch.h>
#include <mullion/cache.h>
#include <mullion/section.h>
#include <mullion/table.h>
#include <mullion/verdict.h>

struct ram_probe {
	paddr_t addr;
	uint64_t saved;
	bool answers;
};

static BOOT_DATA struct ram_probe probes[2 * TABLE_RAM_MAX];

static uint64_t pattern(uint32_t i) { return UINT64_C(0x4d756c6c696f6e00) + i; }

static void probe_plant(uint32_t i, paddr_t addr)
{
	struct ram_probe *probe = &probes[i];

	probe->addr = addr;
	probe->answers = arch_probe_read64(addr, &probe->saved) && arch_probe_write64(addr, pattern(i));
	/* What a cache remembers proves nothing about RAM. */
	if (probe->answers)
		arch_cache_flush(addr, sizeof(uint64_t));
}

static bool probe_holds(const struct ram_probe *probe, uint32_t i)
{
	uint64_t found;

	return probe->answers && arch_probe_read64(probe->addr, &found) && found == pattern(i);
}

void ram_compare(void)
{
	uint32_t count = 2 * table.ram_count;

	for (uint32_t i = 0; i < table.ram_count; i++) {
		probe_plant(2 * i, table.ram[i].base);
		probe_plant(2 * i + 1, paddr_add(table.ram[i].base, table.ram[i].size - PAGE_SIZE));
	}
	for (uint32_t i = 0; i < count; i++)
		verdict_holds(i % 2 ? "ram.last-page" : "ram.first-page", "", probe_holds(&probes[i], i));
	/* Newest first: where two are one page, the first saved value is the true one. */
	while (count--)
		if (probes[count].answers)
			(void)arch_probe_write64(probes[count].addr, probes[count].saved);
}
