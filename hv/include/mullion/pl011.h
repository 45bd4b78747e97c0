/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registers of the Arm PL011 (DDI 0183G, 3.3), for the driver of the board's
 * and for the virtual one that a PD sees.
 */
#ifndef MULLION_PL011_H
#define MULLION_PL011_H

#include <mullion/bits.h>

enum {
	PL011_DR = 0x00, PL011_ECR = 0x04, PL011_FR = 0x18,
	PL011_ILPR = 0x20, PL011_IBRD = 0x24, PL011_FBRD = 0x28, PL011_LCRH = 0x2c, PL011_CR = 0x30, PL011_IFLS = 0x34,
	PL011_IMSC = 0x38, PL011_RIS = 0x3c, PL011_MIS = 0x40, PL011_ICR = 0x44, PL011_DMACR = 0x48,
	PL011_ID_FIRST = 0xfe0, PL011_ID_LAST = 0xffc,
};

#define PL011_FR_RXFE    BIT(4)
#define PL011_FR_TXFF    BIT(5)
#define PL011_FR_RXFF    BIT(6)
#define PL011_FR_TXFE    BIT(7)
#define PL011_LCRH_FEN   BIT(4)
#define PL011_LCRH_WLEN8 GENMASK(6, 5)
#define PL011_CR_UARTEN  BIT(0)
#define PL011_CR_TXE     BIT(8)
#define PL011_CR_RXE     BIT(9)
#define PL011_IFLS_TX    GENMASK(2, 0)
#define PL011_IFLS_RX    GENMASK(5, 3)  /* 0 to 4: 1/8, 1/4, 1/2, 3/4, 7/8 of the FIFO */
#define PL011_INT_RX     BIT(4)         /* the same in IMSC, RIS, MIS and ICR */
#define PL011_INT_TX     BIT(5)
#define PL011_INT_RT     BIT(6)

#endif
