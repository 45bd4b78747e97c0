/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration pages, between ecam.c and ecam_compare.c. */
#ifndef ECAM_H
#define ECAM_H

#include <mullion/pci_regs.h>
#include <mullion/table.h>

/* Calls `visit` for each function of the bus that answers. */
typedef void pci_visit(uint16_t bdf, paddr_t config);
void ecam_visit_bus(uint32_t bus, pci_visit *visit);
/* Decoding, bus mastering, interrupts and virtual functions off. */
void ecam_silence(paddr_t config);

/* Writes a register, unless it is to be read only; what it then holds of what it must. */
uint32_t ecam_program(const struct table_pci_register *reg);

/* Of the header: 0 for a function, else a bridge's. */
uint32_t ecam_layout(paddr_t config);
/* Offset of the first capability with this id; 0: there is none. */
uint32_t ecam_capability(paddr_t config, uint32_t id, bool extended);

/* A BAR's first register. */
static inline paddr_t ecam_bar(paddr_t config, const struct table_bar *bar)
{
	return paddr_add(config, PCI_BAR + 4ULL * bar->idx);
}

#endif
