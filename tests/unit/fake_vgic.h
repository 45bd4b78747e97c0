/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PD of three vCPUs with four list registers each, and its program: it
 * acknowledges and ends interrupts as the virtual CPU interface does (IHI 0069H,
 * chapter 6 and the pseudocode of 12.2). Maintenance interrupts and requests are
 * taken as soon as a vCPU runs. Physical interrupts are watched: handed over
 * once, ended once.
 */
#ifndef FAKE_VGIC_H
#define FAKE_VGIC_H

#include <stdbool.h>
#include <stdint.h>

#include <mullion/vdev.h>

enum {
	VCPUS = 3,
	LRS = 4,
	TIMER = 27,
	FIRST_MSI = 32,         /* 20 of them */
	MSIS = 20,
	LEVEL = 52,
	EDGE = 53,
	EMULATED = 54,
	UNOWNED = 55,
	NONE = 1023,
};

/* Reset state, vCPUs 0 and 1 on, everything enabled at priority 0x80. */
int fake_vgic_fresh(void **state);
/* What follows is done by this vCPU. */
void run_as(uint32_t vcpu);
/* Requests that this vCPU was sent, and its maintenance interrupts. */
void serve(void);
bool has_request(uint32_t vcpu);

/* The PD's program, on the vCPU that runs. */
uint32_t guest_ack(void);
void guest_end(uint32_t intid);
void guest_set_eoi_split(bool split);
void guest_deactivate(uint32_t intid);

/* By physical interrupts; each must have ended before. */
void raise_timer(void);
void raise_spi(uint32_t intid);
bool is_physical_active(uint32_t intid);
void raise_msi(uint32_t intid);
void set_line(bool high);
void send_sgi(uint32_t vcpu, uint32_t intid);

/* A PD's accesses. */
static inline bool vgic_distributor_read(uint64_t offset, unsigned bytes, uint64_t *value)
{
	*value = 0;
	return vgic_distributor(offset, bytes, false, value);
}

static inline bool vgic_distributor_write(uint64_t offset, unsigned bytes, uint64_t value)
{
	return vgic_distributor(offset, bytes, true, &value);
}

static inline bool vgic_redistributor_read(uint32_t vcpu, uint64_t offset, unsigned bytes, uint64_t *value)
{
	*value = 0;
	return vgic_redistributor(vcpu * UINT64_C(0x20000) + offset, bytes, false, value);
}

static inline bool vgic_redistributor_write(uint32_t vcpu, uint64_t offset, unsigned bytes, uint64_t value)
{
	return vgic_redistributor(vcpu * UINT64_C(0x20000) + offset, bytes, true, &value);
}

/* Those that must succeed. */
void gicd_write(uint32_t offset, uint32_t value);
uint32_t gicd_read(uint32_t offset);
void gicr_write(uint32_t vcpu, uint32_t offset, uint32_t value);        /* of the SGI frame */
uint32_t gicr_read(uint32_t vcpu, uint32_t offset);
/* Of an SPI, or of a private interrupt of the vCPU that runs. */
void set_priority(uint32_t intid, uint8_t priority);
void enable(uint32_t intid, bool enable);

/* List registers of `vcpu` that have the interrupt in any state. */
unsigned shown(uint32_t vcpu, uint32_t intid);
/* Writes to list registers since the last call. */
unsigned lr_writes(void);

#endif
