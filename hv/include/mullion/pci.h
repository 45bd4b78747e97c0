/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration space of the board's PCI segment, found through table.pci.
 * A driver is an accessor; it need not give functions a page of their own.
 */
#ifndef MULLION_PCI_H
#define MULLION_PCI_H

#include <mullion/table.h>

/* Clears command on all that firmware's bus numbers reach, bridges too; false if there is no configuration space. */
bool pci_deny(void);
/*
 * Verdicts: every bridge gives up firmware's bus numbers and the declared ones take the table's; every declared
 * bridge and function is there and is what the table says. Prints every undeclared one as a node that could be
 * pasted into a table, but for the host's own and bridges of other types; their decoding and bus mastering stay off.
 */
void pci_compare(void);
/* Writes table.pci.registers, reads them back (verdicts), turns on memory decoding of what is declared. */
void pci_place_bars(void);
/* Bus mastering on, for declared functions and the bridges above them only. */
void pci_allow_dma(void);

/* From any map that has the function's page: that of its PD's CPUs. */
/* Bus mastering off until pci_restore(), also against the PD's own wish. */
void pci_stop_dma(uint32_t function);
/* BARs as they were at boot, and memory decoding on, as whoever resets it by its registers needs it. */
void pci_decode(uint32_t function);
/*
 * One that was reset, as it was left at boot: registers by table.pci.registers, read back, and what the PD may write;
 * then bus mastering. False, and a line that says why, if it does not answer or a register does not hold its value.
 */
bool pci_restore(uint32_t function);
/* REQUEST_GATE: stops those functions of this CPU's PD that the housekeeping CPU marked. */
void pci_gate(void);
/* Marks one, and asks the PD's first CPU to gate it; false if it was marked. */
bool pci_quarantine(uint32_t function);
bool pci_is_quarantined(uint32_t function);

/* Four bytes at an offset that is a multiple of four. */
uint32_t pci_config_read(const struct table_function *function, uint32_t offset);
/* `bytes` 1, 2 or 4, naturally aligned. */
void pci_config_write(const struct table_function *function, uint32_t offset, unsigned bytes, uint32_t value);

#endif
