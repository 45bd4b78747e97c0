/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device tree that ptc makes for a PD, while it is written: nodes in order,
 * by libfdt's sequential writer. What goes wrong in it (memory) ends the program.
 */
#ifndef PTC_GUEST_H
#define PTC_GUEST_H

#include <stddef.h>

#include "model.h"

struct guest {
	void *blob;
	const struct board *board;
	const struct pd *pd;
	uint32_t irqchip, msi_frame;    /* phandles */
};

void guest_node(struct guest *guest, const char *name);
/* name@address */
void guest_node_at(struct guest *guest, const char *name, uint64_t address);
void guest_end(struct guest *guest);
void guest_empty(struct guest *guest, const char *property);
void guest_string(struct guest *guest, const char *property, const char *value);
/* As they are; of strings, with all their zeros. */
void guest_bytes(struct guest *guest, const char *property, const void *bytes, size_t size);
void guest_cells(struct guest *guest, const char *property, const uint32_t *cells, size_t count);
void guest_cell(struct guest *guest, const char *property, uint32_t value);
/* One cell, or two where it needs them. */
void guest_number(struct guest *guest, const char *property, uint64_t value);
/* Ranges of two address and two size cells. */
void guest_ranges(struct guest *guest, const char *property, const struct range *ranges, size_t count);
/* The property of a node of the board as it is there, if it has it. */
void guest_copy(struct guest *guest, int node, const char *property);
/* All of them, under the PD's own interrupt controller. */
void guest_copy_all(struct guest *guest, int node);
/* #address-cells, #size-cells */
void guest_sizes(struct guest *guest, uint32_t address, uint32_t size);

#endif
