/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many address bits the tables must translate and put out: as few as hold
 * everything that is placed, so that hardware with less is refused only where
 * it would not do.
 */
#include "ptc.h"

/* One root page at level 1 of a 4 KiB granule: the smallest table. */
enum { IPA_BITS_MIN = 39, PA_BITS_MIN = 32 };

static unsigned bits_for(uint64_t end)
{
	unsigned bits = 0;

	while (bits < 64 && (end - 1) >> bits)
		bits++;
	return bits;
}

static void widen(unsigned *bits, struct range range)
{
	unsigned needed = range.size ? bits_for(range_end(range)) : 0;

	if (needed > *bits)
		*bits = needed;
}

/* What the hypervisor maps, all of it host-physical. */
static void widen_by_board(unsigned *bits, const struct board *board)
{
	const struct range devices[] = { board->console, board->gicd, board->gicr, board->iommu, board->ecam,
					 board->its };

	for (size_t i = 0; i < ARRAY_SIZE(devices); i++)
		widen(bits, devices[i]);
	for (size_t i = 0; i < board->ram_count; i++)
		widen(bits, board->ram[i]);
}

static void widen_by_devices(unsigned *bits, const struct pd *pd)
{
	for (size_t f = 0; f < pd->function_count; f++)
		for (size_t b = 0; b < pd->functions[f].bar_count; b++)
			widen(bits, (struct range){ pd->functions[f].bars[b].addr, pd->functions[f].bars[b].size });
	for (size_t d = 0; d < pd->device_count; d++)
		for (size_t r = 0; r < pd->devices[d].range_count; r++)
			widen(bits, pd->devices[d].ranges[r]);
}

/* The hypervisor maps what it writes while it restarts a PD. */
static void widen_by_resets(unsigned *bits, const struct pd *pd)
{
	struct range *registers = NULL;
	size_t count = pd->restart_count ? reset_registers(pd, &registers) : 0;

	for (size_t i = 0; i < count; i++)
		widen(bits, registers[i]);
}

void address_sizes_choose(struct appliance *appliance)
{
	appliance->ipa_bits = appliance->va_bits = IPA_BITS_MIN;
	appliance->pa_bits = PA_BITS_MIN;
	widen_by_board(&appliance->va_bits, &appliance->board);
	widen_by_board(&appliance->pa_bits, &appliance->board);
	for (size_t p = 0; p < appliance->pd_count; p++) {
		const struct pd *pd = &appliance->pds[p];

		for (size_t r = 0; r < pd->region_count; r++) {
			widen(&appliance->ipa_bits, region_range(&pd->regions[r]));
			widen(&appliance->ipa_bits, region_iova(&pd->regions[r]));
		}
		widen(&appliance->ipa_bits, console_range(pd));
		widen(&appliance->ipa_bits, watchdog_range(pd));
		widen(&appliance->ipa_bits, irqchip_range(pd));
		widen(&appliance->ipa_bits, ecam_range(pd));
		/* BARs and devices are mapped to PDs one to one. */
		widen_by_devices(&appliance->ipa_bits, pd);
		widen_by_devices(&appliance->pa_bits, pd);
		widen_by_resets(&appliance->va_bits, pd);
	}
}
