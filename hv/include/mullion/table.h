/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The partition table as the hypervisor reads it: constants that ptc emits
 * (build/gen/table.c), checked by ptc, never written. All addresses and sizes
 * are in bytes, all ranges page-granular. Knows no table format: a root is the
 * physical address of the first translation or device table, whatever its
 * format; struct table_irqchip and struct table_iommu hold what the drivers that
 * the board selects need.
 *
 * Entry 0 of every array of pds, functions and cpus is the null entry, so that
 * an index nobody set names nothing.
 */
#ifndef MULLION_TABLE_H
#define MULLION_TABLE_H

#include <mullion/types.h>

/* ptc refuses a table that has more; null entries included. */
enum { TABLE_PDS_MAX = 16, TABLE_RAM_MAX = 8 };

struct table_range {
	paddr_t base;
	uint64_t size;
};

/* PD addresses backed by host memory. */
struct table_region {
	const char *name;
	ipaddr_t ipa;
	paddr_t pa;
	uint64_t size;
	uint8_t access;         /* enum access, of the PD's CPUs */
	uint8_t dma;            /* enum access, of devices: the D bit */
};

/* A D-bit region as one function sees it. */
struct table_window {
	iova_t iova;
	paddr_t pa;
	uint64_t size;
	uint8_t dma;            /* enum access */
};

/* A memory BAR. `idx` is the number of its first register, 0 to 5. */
struct table_bar {
	uint8_t idx;
	bool is_64bit;
	uint64_t addr;          /* bus address, written at boot; also the PD's address of it */
	uint64_t size;
};

/* A PCI function that a PD owns. */
struct table_function {
	const char *name;       /* segment:bus:device.function */
	uint8_t pd;             /* index into pds */
	uint16_t bdf;           /* bus << 8 | device << 3 | function */
	uint32_t stream;        /* the requester as the IOMMU names it */
	uint16_t vmid;          /* tag of its translations, no PD's */
	paddr_t config;         /* where the accessor finds its configuration space; with ECAM, a page */
	uint16_t vendor, device;
	uint32_t class;         /* 24 bits: class, subclass, programming interface */
	const struct table_bar *bars;
	uint32_t bar_count;
	const struct table_window *windows;
	uint32_t window_count;
};

struct table_pd {
	const char *label;
	uint8_t cpu;            /* index into cpus: the one it runs on */
	uint16_t vmid;          /* tag of its translations, never 0 */
	paddr_t memory_root;    /* of the table that gives it memory and BARs */
	ipaddr_t entry;         /* first instruction */
	paddr_t store;          /* its pristine image */
	paddr_t load;           /* where the image is copied to */
	uint64_t image_size;
	const struct table_region *regions;
	uint32_t region_count;
	bool has_console;
	ipaddr_t console;       /* PD address of its virtual UART */
};

struct table_cpu {
	uint64_t hw_id;         /* as the architecture names it */
	uint8_t pd;             /* index into pds */
	uint8_t *stack_top;
	struct percpu *percpu;
	paddr_t run_root;       /* address space after the seal */
	paddr_t event_root;     /* run_root plus the IOMMU's registers, writable */
};

struct table_iommu {
	paddr_t base;
	uint32_t event_intid, error_intid;
	paddr_t device_root;    /* stream, device or context table */
	uint8_t id_bits;        /* requester IDs it covers */
	uint8_t pa_bits;        /* output addresses it needs */
};

struct table_pci {
	paddr_t ecam;
	uint8_t bus_first, bus_last;
};

struct table_irqchip {
	paddr_t distributor;
	paddr_t redistributors;
	uint64_t redistributors_size;
};

struct table {
	const char *board;      /* `model` of the board's device tree */
	const char *digest;     /* of the table's device tree, to tell builds apart */
	paddr_t console;        /* the board's UART */
	uint32_t timer_intid;   /* of the timer that PDs use */
	uint8_t ipa_bits;       /* PD and I/O addresses are below 2^ipa_bits */
	uint8_t pa_bits;        /* every address in the table is below 2^pa_bits */
	struct table_range constants;   /* translation and device tables */
	struct table_irqchip irqchip;
	struct table_iommu iommu;
	struct table_pci pci;
	const struct table_range *ram;
	uint32_t ram_count;
	const struct table_cpu *cpus;
	uint32_t cpu_count;             /* null entry included */
	const struct table_pd *pds;
	uint32_t pd_count;              /* null entry included */
	const struct table_function *functions;
	uint32_t function_count;        /* null entry included */
};

extern const struct table table;

/* The function with this requester; NULL for one that nobody declared. */
static inline const struct table_function *table_function_of_stream(uint32_t stream)
{
	for (uint32_t i = 1; i < table.function_count; i++)
		if (table.functions[i].stream == stream)
			return &table.functions[i];
	return NULL;
}

#endif
