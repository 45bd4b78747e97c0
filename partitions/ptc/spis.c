/* SPDX-License-Identifier: Apache-2.0 */
/* The shared peripheral interrupts of each PD: one list, by INTID, whatever they come from. */
#include <stdlib.h>

#include <mullion/table.h>

#include "diag.h"
#include "ptc.h"

enum { FIRST_SPI = 32, INTIDS_A_REGISTER = 32 };        /* GICD_TYPER counts them so */

static int spi_order(const void *left, const void *right)
{
	const struct spi *a = left, *b = right;

	return a->intid < b->intid ? -1 : a->intid > b->intid;
}

static void add(struct pd *pd, struct spi spi)
{
	*(struct spi *)keep_append(&pd->spis, &pd->spi_count, sizeof(spi)) = spi;
}

static bool has_wire(const struct board *board, const struct pd *pd, uint32_t intid)
{
	if (pd->has_console && intid == board->console_intid)
		return true;
	for (const struct device *d = pd->devices; d < pd->devices + pd->device_count; d++)
		for (size_t s = 0; s < d->spi_count; s++)
			if (d->spis[s].intid == intid)
				return true;
	return false;
}

/* The lowest that no device and no console of the PD has; MSIs come after it. More than a PD sees are refused below. */
void spis_place_watchdog(const struct board *board, struct pd *pd)
{
	pd->watchdog_intid = FIRST_SPI;
	while (has_wire(board, pd, pd->watchdog_intid))
		pd->watchdog_intid++;
}

static size_t spi_idx(const struct pd *pd, uint32_t intid)
{
	size_t s = 0;

	while (s < pd->spi_count && pd->spis[s].intid != intid)
		s++;
	return s;
}

static void pd_collect(const struct board *board, struct pd *pd)
{
	for (size_t d = 0; d < pd->device_count; d++)
		for (size_t s = 0; s < pd->devices[d].spi_count; s++)
			add(pd, pd->devices[d].spis[s]);
	if (pd->has_console)
		add(pd, (struct spi){ pd->node, board->console_intid, SPI_VIRTUAL });
	if (pd->has_watchdog)
		add(pd, (struct spi){ pd->node, pd->watchdog_intid, SPI_VIRTUAL });
	msi_place(pd);
	pd->intid_end = INTIDS_A_REGISTER;
	if (!pd->spi_count)
		return;
	qsort(pd->spis, pd->spi_count, sizeof(*pd->spis), spi_order);
	pd->intid_end = (uint32_t)round_up(pd->spis[pd->spi_count - 1].intid + 1, INTIDS_A_REGISTER);
	pd->console_spi = spi_idx(pd, board->console_intid);
	pd->watchdog_spi = spi_idx(pd, pd->watchdog_intid);
	if (pd->spi_count > TABLE_PD_SPIS_MAX)
		error_at(731, pd->node, NULL,
			 "%s has %zu interrupts; a PD has at most %d: give it fewer devices", pd->label,
			 pd->spi_count, TABLE_PD_SPIS_MAX);
}

void spis_collect(struct appliance *appliance)
{
	for (size_t p = 0; p < appliance->pd_count; p++)
		pd_collect(&appliance->board, &appliance->pds[p]);
	its_count(appliance);
}
