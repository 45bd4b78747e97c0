/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MSIs as a PD has them: one v2m frame with a pool of SPIs that all of its
 * functions share, since stock drivers of the frame give any of them to any
 * function. its.c makes them arrive.
 */
#include <inttypes.h>

#include <mullion/table.h>

#include "../bindings/table.h"
#include "diag.h"
#include "ptc.h"
#include "tree.h"

enum { FIRST_SPI = 32, MSI_VECTORS_MAX = 32, MSIX_VECTORS_MAX = 2048 };      /* PCI 3.0, 6.8.1.3 and 6.8.2.3 */

/* Registers of a v2m frame (Arm SBSA, GICv2m); the doorbell is at 0x40 of the page, as an ITS's is. */
enum { V2M_MSI_TYPER = 0x008, V2M_BASE_SHIFT = 16 };

void function_read_msi(int node, struct function *function)
{
	uint32_t msi[3], msix[2];

	if (tree_has(node, "msi") && tree_cells(node, "msi", msi, 3)) {
		function->msi_offset = msi[0];
		function->msi_vectors_count = msi[1];
		function->msi_flags = msi[2];
		if (msi[1] == 0 || msi[1] > MSI_VECTORS_MAX || (msi[1] & (msi[1] - 1)))
			error_at(701, node, "msi", "%u vectors; MSI has 1, 2, 4, 8, 16 or 32", msi[1]);
		if (msi[2] & ~(uint32_t)(MSI_64 | MSI_MASK))
			error_at(702, node, "msi", "flags 0x%x; they are MSI_64 and MSI_MASK, or 0", msi[2]);
	}
	if (tree_has(node, "msix") && tree_cells(node, "msix", msix, 2)) {
		function->msix_offset = msix[0];
		function->msix_count = msix[1];
		if (msix[1] == 0 || msix[1] > MSIX_VECTORS_MAX)
			error_at(703, node, "msix", "%u vectors; MSI-X has 1 to %d", msix[1], MSIX_VECTORS_MAX);
	}
	function->msi_vectors = function->msi_vectors_count + function->msix_count;
}

static const char *msi_property(const struct function *function)
{
	return function->msi_vectors_count ? "msi" : "msix";
}

/* Who raises an MSI is known by its requester, as the host bridge names it to the ITS. */
static void check_requester(const struct board *board, const struct function *function)
{
	if (!board->its.size) {
		error_at(704, function->node, msi_property(function),
			 "%s has MSIs, but the board has no 'arm,gic-v3-its' that could tell its from others'; take "
			 "'%s' away", function->name, msi_property(function));
		return;
	}
	if (!board->msi_requester_count) {
		error_at(705, function->node, msi_property(function),
			 "%s has MSIs, but the host bridge has no 'msi-map' that names the ITS; take '%s' away",
			 function->name, msi_property(function));
		note_at(board->pci_node, NULL, "it is declared here");
	} else if (function->requester >= board->msi_requester_count) {
		error_at(706, function->node, function_place(function),
			 "%s is requester 0x%x, which 'msi-map' gives no DeviceID: with MSIs it must be below 0x%x",
			 function->bdf_name, function->requester, board->msi_requester_count);
		note_at(board->pci_node, "msi-map", "it is declared here");
	} else if (function_device_id(board, function) == 0) {
		error_at(707, function->node, function_place(function),
			 "%s has DeviceID 0, as writes that are no MSIs may have; take '%s' away, or move it",
			 function->bdf_name, msi_property(function));
	}
}

static void check_doorbell(const struct pd *pd, const struct function *function)
{
	uint64_t end = pd->irqchip + IRQCHIP_FRAME + PAGE_SIZE;

	if (!function->msi_vectors_count || (function->msi_flags & MSI_64) || end <= UINT64_C(1) << 32)
		return;
	error_at(708, function->node, "msi",
		 "%s has 32-bit MSI addresses, and its doorbell would be at 0x%" PRIx64 "; "
		 "give %s an 'irqchip' below 4 GiB",
		 function->name, end - PAGE_SIZE, pd->label);
	note_at(pd->node, tree_has(pd->node, "irqchip") ? "irqchip" : NULL, "%s is declared here", pd->label);
}

/* MSI-X's table in one BAR, its pending bits in what that one has left, or in another (PCI 3.0, 6.8.2). */
static bool bars_hold(const struct function *function, uint64_t table_size, uint64_t pending_size)
{
	for (size_t t = 0; t < function->bar_count; t++)
		for (size_t p = 0; p < function->bar_count; p++)
			if (function->bars[t].size >= table_size + (p == t ? pending_size : 0) &&
			    function->bars[p].size >= pending_size)
				return true;
	return false;
}

/* Which BARs, and where in them, is for the function to say: boot requires that those it has are those declared. */
static void check_msix_room(const struct function *function)
{
	uint64_t table_size = 16ull * function->msix_count, pending_size = 8ull * ((function->msix_count + 63) / 64);

	if (!function->msix_count || bars_hold(function, table_size, pending_size))
		return;
	error_at(710, function->node, "msix",
		 "%u MSI-X vectors of %s have a table of %" PRIu64 " bytes and pending bits of %" PRIu64 ", for which "
		 "its BARs have no room; give it all memory BARs that the machine's has, or fewer vectors",
		 function->msix_count, function->name, table_size, pending_size);
	if (function->bar_count)
		note_at(function->node, "bars", "its BARs are declared here");
}

void msi_check(const struct board *board, const struct pd *pd)
{
	for (size_t f = 0; f < pd->function_count; f++) {
		if (!pd->functions[f].msi_vectors)
			continue;
		check_msix_room(&pd->functions[f]);
		check_requester(board, &pd->functions[f]);
		check_doorbell(pd, &pd->functions[f]);
	}
}

static bool intid_used(const struct pd *pd, uint32_t first, uint32_t count)
{
	for (size_t s = 0; s < pd->spi_count; s++)
		if (pd->spis[s].intid >= first && pd->spis[s].intid - first < count)
			return true;
	return false;
}

void msi_place(struct pd *pd)
{
	uint32_t count = 0, base = FIRST_SPI, align = 1;

	/* The vectors of MSI are the low bits of its data (PCI 3.0, 6.8.1.6), which begin at 0. */
	for (size_t f = 0; f < pd->function_count; f++) {
		count += pd->functions[f].msi_vectors;
		if (pd->functions[f].msi_vectors_count > align)
			align = pd->functions[f].msi_vectors_count;
		pd->functions[f].doorbell = pd->irqchip + IRQCHIP_FRAME;
	}
	while (base + count <= TABLE_PD_INTIDS_MAX && intid_used(pd, base, count))
		base += align;
	if (base + count > TABLE_PD_INTIDS_MAX) {
		error_at(709, pd->node, NULL,
			 "%s has %u MSI vectors, and no free run of as many interrupts below INTID %d; declare fewer",
			 pd->label, count, TABLE_PD_INTIDS_MAX);
		return;
	}
	pd->msi_base = base;
	pd->msi_count = count;
	for (uint32_t i = 0; i < count; i++)
		*(struct spi *)keep_append(&pd->spis, &pd->spi_count, sizeof(struct spi)) =
			(struct spi){ pd->node, base + i, SPI_MSI };
}

void msi_emit_frame(FILE *out, const struct pd *pd)
{
	fprintf(out, "\n\t.balign\t4096\n\t// MSI frame of %s\n", pd->label);
	fprintf(out, "\t.skip\t%d\n\t.long\t0x%x\n\t.balign\t4096\n", V2M_MSI_TYPER,
		pd->msi_base << V2M_BASE_SHIFT | pd->msi_count);
}

void msi_emit_header(FILE *out, const struct pd *pd)
{
	if (pd->msi_count)
		fprintf(out, "#define PD_MSI_FRAME 0x%" PRIx64 "\n#define PD_MSI_BASE %u\n#define PD_MSI_COUNT %u\n",
			pd->irqchip + IRQCHIP_FRAME, pd->msi_base, pd->msi_count);
}
