/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration pages, between ecam.c and ecam_compare.c. */
#ifndef ECAM_H
#define ECAM_H

#include <mullion/pci_regs.h>
#include <mullion/table.h>

/* Calls `visit` for each function that answers, following bridges as numbered now. */
typedef void pci_visit(uint16_t bdf, paddr_t config);
void ecam_walk(pci_visit *visit);

/* Header word with the layout. */
uint32_t ecam_header(paddr_t config);

/* A BAR's first register. */
static inline paddr_t ecam_bar(paddr_t config, const struct table_bar *bar)
{
	return paddr_add(config, PCI_BAR + 4ull * bar->idx);
}

#endif
