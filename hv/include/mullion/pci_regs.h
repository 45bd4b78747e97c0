/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration space (PCI 3.0, 6; PCI-to-PCI Bridge 1.2, 3.2; PCIe 5.0, 7.5 to
 * 7.7). Offsets of 32-bit words but where another width is named; the masks of
 * a 16-bit register are of its own bits. Host-buildable: ptc makes the
 * allow-list from it.
 */
#ifndef MULLION_PCI_REGS_H
#define MULLION_PCI_REGS_H

#include <mullion/bits.h>

enum pci_reg {
	PCI_ID = 0x00,                  /* device << 16 | vendor */
	PCI_COMMAND = 0x04,             /* 16; the upper half is status */
	PCI_CLASS = 0x08,               /* class << 8 | revision */
	PCI_HEADER = 0x0c,              /* BIST, header type, latency, cache line */
	PCI_BAR = 0x10,                 /* PCI_BARS of them */
	PCI_BRIDGE_BUSES = 0x18,        /* latency, subordinate, secondary, primary */
	PCI_ROM = 0x30, PCI_BRIDGE_ROM = 0x38,
	PCI_CAPABILITIES = 0x34,        /* 8: the first one */
	PCI_CAPABILITY_FIRST = 0x40, PCI_CAPABILITY_END = 0x100,
	PCI_EXTENDED = 0x100,           /* the first extended one */
};

#define PCI_COMMAND_MEMORY   BIT(1)
#define PCI_COMMAND_MASTER   BIT(2)
#define PCI_COMMAND_INTX_OFF BIT(10)
#define PCI_STATUS_LIST      BIT(20)            /* of the word at PCI_COMMAND: there are capabilities */

#define PCI_CLASS_BASE       GENMASK(31, 24)
enum { PCI_CLASS_BRIDGE = 6 };

#define PCI_HEADER_LAYOUT    GENMASK(22, 16)
#define PCI_HEADER_MULTI     BIT(23)
enum { PCI_HEADER_FUNCTION = 0, PCI_HEADER_BRIDGE = 1 };

#define PCI_BUSES            GENMASK(23, 0)
#define PCI_BUSES_SECONDARY  GENMASK(15, 8)

#define PCI_BAR_IO           BIT(0)
#define PCI_BAR_TYPE         GENMASK(2, 1)
enum { PCI_BAR_TYPE_64 = 2 };
#define PCI_BAR_ADDR         GENMASK(31, 4)

enum { PCI_ID_NONE = 0xffff, PCI_BARS = 6, PCI_BRIDGE_BARS = 2 };

/* First word of a capability; control is the register after id and next. */
#define PCI_CAPABILITY_ID      GENMASK(7, 0)
#define PCI_CAPABILITY_NEXT    GENMASK(15, 8)
#define PCI_CAPABILITY_CONTROL GENMASK(31, 16)
enum pci_capability { PCI_PM = 1, PCI_MSI = 5, PCI_VENDOR = 9, PCI_EXPRESS = 0x10, PCI_MSIX = 0x11, PCI_AF = 0x13 };

#define PCI_MSI_VECTORS      GENMASK(3, 1)      /* capable of; as the power of two */
#define PCI_MSI_IS_64BIT     BIT(7)
#define PCI_MSI_HAS_MASK     BIT(8)
#define PCI_MSIX_VECTORS     GENMASK(10, 0)     /* less one */
#define PCI_EXPRESS_VERSION  GENMASK(3, 0)
#define PCI_EXPRESS_TYPE     GENMASK(7, 4)
#define PCI_EXPRESS_FLR      BIT(28)            /* of the capability's second word */
enum { PCI_EXPRESS_VERSION_2 = 2, PCI_EXPRESS_ROOT_PORT = 4 };
#define PCI_AF_FLR           BIT(25)

#define PCI_EXTENDED_ID      GENMASK(15, 0)
#define PCI_EXTENDED_NEXT    GENMASK(31, 20)
enum { PCI_ACS = 0x0d, PCI_SRIOV = 0x10, PCI_SRIOV_CONTROL = 0x08 };
#define PCI_SRIOV_ENABLE     BIT(0)
#define PCI_SRIOV_MEMORY     BIT(3)

#endif
