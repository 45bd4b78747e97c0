/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a PD sees in place of devices that the hypervisor keeps for itself:
 * interrupt controller, UART, watchdog, configuration space. Their state is in the PD's
 * page, so that only the PD's own CPUs can write it. Every call is made by a CPU
 * of the PD, about its own PD (percpu()->pd), without the PD's lock held unless
 * it says so. Offsets are into the device; `bytes` is 1, 2, 4 or 8; before a
 * read *value is 0, and after it no wider than `bytes`. A false return: there is
 * no such register, or not at that width; nothing happened.
 */
#ifndef MULLION_VDEV_H
#define MULLION_VDEV_H

#include <mullion/table.h>

/* ---- interrupt controller (vgic.c and its parts) ---- */

/* One interrupt of a PD. What a list register holds is newer than `flags` (vgic_lr.c). */
struct virq {
	_Alignas(4) uint8_t flags;      /* vgic.h */
	uint8_t priority;
	uint8_t target;         /* vCPU that it goes to; TABLE_VCPUS_MAX: none that exists */
	uint8_t home;           /* 0, or whose list registers may hold it or has it active: vgic.h */
};

enum { VGIC_PRIVATE = 32 };

struct vgic {
	uint8_t group_enabled;  /* GICD_CTLR.EnableGrp1 */
	uint8_t awake[TABLE_VCPUS_MAX];         /* GICR_WAKER.ProcessorSleep = 0, for the PD to read back */
	uint8_t online;         /* by vCPU: its list registers are in use */
	uint8_t stop;           /* vCPU, and one, that wants all interrupts out of the others' list registers */
	uint8_t stopped;        /* by vCPU: they are */
	struct virq private[TABLE_VCPUS_MAX][VGIC_PRIVATE];
	struct virq spis[TABLE_PD_SPIS_MAX];
};

/* Reset state of the PD's controller, and nothing of its wires active; by its first vCPU, before any runs. */
void vgic_reset(void);
/* This CPU's virtual interface: no list register in use. At the start of each vCPU. */
void vgic_cpu_init(void);
/* This vCPU goes off: what its list registers hold goes back to the page. */
void vgic_cpu_off(void);

/* From a PD's access. */
bool vgic_distributor(uint64_t offset, unsigned bytes, bool write, uint64_t *value);
bool vgic_redistributor(uint64_t offset, unsigned bytes, bool write, uint64_t *value);  /* those of all vCPUs */
void vgic_send_sgi(uint64_t value);     /* ICC_SGI1R_EL1 */

/* From physical interrupts: priority dropped, the physical one still active, which the PD's own deactivation ends. */
void vgic_inject_private(uint32_t intid);
void vgic_inject_spi(uint32_t idx);     /* index into the PD's spis; behind an SPI_MSI nothing physical is active */
/* SPI_VIRTUAL: the line of an emulated device. */
void vgic_set_line(uint32_t spi, bool high);
/* Maintenance interrupt, and REQUEST_VGIC of another vCPU: list registers and page are brought together. */
void vgic_refresh(void);

/* ---- UART (vuart.c) ---- */

/* Largest line a PD prints at once; longer ones are broken. */
enum { VUART_LINE_SIZE = 120, VUART_FIFO_SIZE = 16, VUART_REGS = 11 };

struct vuart {
	uint32_t length;
	char line[VUART_LINE_SIZE];
	uint32_t received;      /* characters in `fifo` */
	char fifo[VUART_FIFO_SIZE];
	uint16_t regs[VUART_REGS];      /* from ILPR to DMACR, a word each, as the PD wrote them */
	bool sent;              /* RIS.TX */
	bool high;              /* the interrupt line, as the controller was told */
	bool telling;           /* a CPU is telling it; that one looks again */
};

/* Virtual PL011, receive and transmit. By the PD's first vCPU, before any runs. */
void vuart_reset(void);
bool vuart_access(uint64_t offset, unsigned bytes, bool write, uint64_t *value);
/* REQUEST_INPUT: characters wait for the PD. */
void vuart_input(void);
/* Prints the line as far as it has come: the PD stops. */
void vuart_flush(void);

/* ---- watchdog (vwatchdog.c) ---- */

struct vwatchdog {
	uint8_t status;         /* WCS */
	uint64_t offset;        /* WOR; ticks */
	uint64_t compare;       /* WCV */
};

/* `offset` from the PD's watchdog on: control frame, then refresh frame. */
bool vwatchdog_access(uint64_t offset, unsigned bytes, bool write, uint64_t *value);
/* Its time may have come, or changed: by the PD's first CPU, at the hypervisor's timer and REQUEST_WATCHDOG. */
void vwatchdog_serve(void);

/* ---- configuration space (vpci.c) ---- */

struct vpci {
	uint8_t sizing[TABLE_FUNCTIONS_MAX];    /* by index: a bit for each BAR register that reads back its size */
};

/* `offset` from the PD's ecam on. Never false: what is not there reads all ones, what is not allowed is ignored. */
bool vpci_access(uint64_t offset, unsigned bytes, bool write, uint64_t *value);

#endif
