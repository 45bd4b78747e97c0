/* SPDX-License-Identifier: Apache-2.0 */
/* Stands in for the virtual interface control registers: fake_vgic.c. */
#ifndef ARCH_VGIC_HW_H
#define ARCH_VGIC_HW_H

#include <stdbool.h>
#include <stdint.h>

uint64_t vgic_hw_lr_read(unsigned n);
void vgic_hw_lr_write(unsigned n, uint64_t value);
unsigned vgic_hw_lr_count(void);
uint64_t vgic_hw_lr_free(void);
void vgic_hw_control(uint64_t hcr);
unsigned vgic_hw_eoi_count(void);
bool vgic_hw_eoi_split(void);
void vgic_hw_reset(void);

#endif
