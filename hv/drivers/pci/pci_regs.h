/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration space header (PCI 3.0, 6.1 and 6.2; PCI-to-PCI Bridge 1.2, 3.2). */
#ifndef PCI_REGS_H
#define PCI_REGS_H

#include <mullion/bits.h>

enum pci_reg {
	PCI_ID = 0x00,                  /* 32: device << 16 | vendor */
	PCI_COMMAND = 0x04,             /* 16 */
	PCI_CLASS = 0x08,               /* 32: class << 8 | revision */
	PCI_HEADER = 0x0c,              /* 32: BIST, header type, latency, cache line */
	PCI_BAR = 0x10,                 /* 32, PCI_BARS of them */
	PCI_ROM = 0x30,                 /* 32 */
	PCI_BRIDGE_BUSES = 0x18,        /* 32: latency, subordinate, secondary, primary */
};

#define PCI_COMMAND_MEMORY   BIT(1)
#define PCI_COMMAND_MASTER   BIT(2)
#define PCI_COMMAND_INTX_OFF BIT(10)

#define PCI_HEADER_LAYOUT    GENMASK(22, 16)
#define PCI_HEADER_MULTI     BIT(23)
enum { PCI_HEADER_BRIDGE = 1 };

#define PCI_BUSES_SECONDARY  GENMASK(15, 8)

#define PCI_BAR_IO           BIT(0)
#define PCI_BAR_TYPE         GENMASK(2, 1)
enum { PCI_BAR_TYPE_64 = 2 };
#define PCI_BAR_ADDR         GENMASK(31, 4)

enum { PCI_ID_NONE = 0xffff, PCI_BARS = 6 };

#endif
