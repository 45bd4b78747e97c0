/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that read the board share. */
#ifndef PTC_BOARD_H
#define PTC_BOARD_H

#include "ptc.h"

/* The node with this compatible below `above`; reports a second one. < 0: there is none, which board_node() reports. */
int board_find(int above, const char *compatible, const char *what);
int board_node(int above, const char *compatible, const char *what);
void board_claim(struct board *board, int node, const char *property, const char *what, struct range range);
/* Entry `idx` of the reg of a device, claimed. */
void board_read_device(struct board *board, int node, size_t idx, const char *what, struct range *range);

/* board_pci.c */
void board_read_pci(struct board *board);
/* its.c: also what the host bridge says of it; a board need not have one. */
void board_read_its(struct board *board);

/* interrupts.c: INTIDs; 0, after a report, if there is none to be had. */
uint32_t interrupt_of_timer(int node, const char *name, size_t unnamed_idx);
uint32_t interrupt_of_controller(int node);
uint32_t interrupt_of_console(int node);
uint32_t interrupt_of_iommu(int node, const char *name);
/* All of `interrupts`: SPIs of the board's interrupt controller. */
void interrupts_of_device(const struct board *board, int node, struct spi **spis, size_t *count);

#endif
