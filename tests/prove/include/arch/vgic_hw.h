/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual interface control registers: any value that the architecture lets them have (IHI 0069H, 12.4). */
#ifndef ARCH_VGIC_HW_H
#define ARCH_VGIC_HW_H

#include <stdbool.h>
#include <stdint.h>

static inline uint64_t vgic_hw_lr_read(unsigned n) { (void)n; return any64(); }
static inline void vgic_hw_lr_write(unsigned n, uint64_t value) { (void)n, (void)value; }
static inline unsigned vgic_hw_lr_count(void) { return any_within(1, 16); }
static inline uint64_t vgic_hw_lr_free(void) { return any64(); }
static inline void vgic_hw_control(uint64_t hcr) { (void)hcr; }
static inline unsigned vgic_hw_eoi_count(void) { return any_within(0, 31); }
static inline bool vgic_hw_eoi_split(void) { return any_bool(); }
static inline void vgic_hw_reset(void) { }

#endif
