/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration space of the board's PCI segment, found through table.pci.
 * A driver is an accessor; it need not give functions a page of their own.
 */
#ifndef MULLION_PCI_H
#define MULLION_PCI_H

#include <mullion/table.h>

/* Clears command on every function that firmware's bus numbers reach. */
void pci_deny(void);
/*
 * Verdicts: every declared function is there and is what the table says.
 * Prints every undeclared one; its decoding and bus mastering stay off.
 */
void pci_compare(void);
/* Writes the table's BARs, reads them back (verdicts), turns on decoding. */
void pci_place_bars(void);
/* Bus mastering on, for declared functions only. */
void pci_allow_dma(void);
/* Bus mastering off again for one function, from any map that has its page; false if it was off. */
bool pci_stop_dma(const struct table_function *function);

#endif
