/* SPDX-License-Identifier: Apache-2.0 */
/* What a PD sees in place of devices that the hypervisor keeps for itself. */
#ifndef MULLION_VDEV_H
#define MULLION_VDEV_H

#include <mullion/table.h>

/* Largest line a PD prints at once; longer ones are broken. */
enum { VUART_LINE_SIZE = 120 };

struct vuart {
	char line[VUART_LINE_SIZE];
	uint32_t length;
};

/* Virtual PL011. `offset` is into its page; false for a register it lacks. */
bool vuart_read(uint64_t offset, uint64_t *value);
bool vuart_write(struct vuart *vuart, const char *label, uint64_t offset, uint64_t value);
/* Prints the line as far as it has come. */
void vuart_flush(struct vuart *vuart, const char *label);

/* Virtual CPU interface of the interrupt controller. */
void vgic_init(void);
/* Makes the PD's one hardware interrupt, its timer, pending; the PD deactivates it. */
void vgic_inject_hw(uint32_t intid);

#endif
