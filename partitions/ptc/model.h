/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The appliance in memory: what the table and its board say, then where the
 * compiler puts things. Knows no architecture. All sizes and addresses are in
 * bytes. `node` is an offset into the device tree, for messages.
 */
#ifndef PTC_MODEL_H
#define PTC_MODEL_H

#include <mullion/types.h>

struct range {
	uint64_t base, size;
};

struct region {
	int node;
	const char *name;
	uint64_t ipa, size;
	uint64_t iova;          /* equals ipa unless the table says otherwise */
	uint64_t pa;            /* fixed by the table, or placed */
	bool fixed;
	uint8_t access, dma;    /* enum access */
};

struct bar {
	unsigned idx;
	bool is_64bit;
	uint64_t size;
	uint64_t addr;          /* placed */
};

enum { BARS_MAX = 6 };

struct function {
	int node;
	const char *name;       /* of its node */
	char *bdf_name;         /* segment:bus:device.function */
	uint16_t bdf;
	uint16_t vendor, device;
	uint32_t class;
	struct bar bars[BARS_MAX];
	size_t bar_count;
	struct region **windows;
	size_t window_count;
	unsigned dma_bits;
	uint32_t stream;
	uint64_t config;        /* host-physical address of its configuration page */
	unsigned vmid;          /* of its window set */
};

struct image {
	int node;
	const char *file;       /* as the table names it */
	const char *path;       /* where it was found */
	uint64_t load, size;    /* PD address; bytes of the file */
	uint64_t store;         /* placed: host-physical address of the pristine copy */
	uint64_t load_pa;       /* placed: host-physical address of `load` */
};

struct pd {
	int node;
	const char *label;
	const char *bootargs;
	size_t cpu;             /* index into board.cpus */
	bool has_console;
	uint64_t console;
	struct image image;
	struct region *regions;
	size_t region_count;
	struct function *functions;
	size_t function_count;
	unsigned vmid;
};

struct cpu {
	int node;
	uint64_t hw_id;
};

/* Host addresses that are one thing of the board, each its own pages. */
struct claim {
	int node;
	const char *property, *what;
	struct range range;
};

struct board {
	const char *model;
	struct claim *claims;           /* everything below that has host addresses, but what is reserved in RAM */
	size_t claim_count;
	struct range *ram;
	size_t ram_count;
	int hypervisor_node;
	struct range hypervisor;        /* reserved for us */
	struct range *bootloader;       /* reserved until we run */
	size_t bootloader_count;
	struct cpu *cpus;
	size_t cpu_count;
	struct range console;
	struct range gicd, gicr;
	uint32_t timer_intid;
	int iommu_node;
	struct range iommu;
	uint32_t iommu_event_intid, iommu_error_intid;
	int pci_node;
	struct range ecam;
	unsigned bus_first, bus_last;
	struct range pci_mem32;         /* bus addresses; the CPU sees them at the same place */
	struct range pci_mem64;
	uint32_t stream_base;           /* stream of requester 0 */
	uint32_t requester_count;       /* that it names */
	unsigned stream_bits;           /* of the device table */
	struct range flash;             /* what the bootloader reads environment and FIT from */
	struct range flash_env, flash_fit;      /* offsets into it */
};

/* Pages of the hypervisor's image and memory, placed before it is linked. */
struct slot {
	const char *name;
	uint64_t base, size;
};

enum slot_id {
	SLOT_TEXT,
	SLOT_RODATA,
	SLOT_TABLES_CPU,
	SLOT_TABLES_IOMMU,
	SLOT_BOOT_ROOT,
	SLOT_BOOT,
	SLOT_SHARED,
	SLOT_PERCPU,            /* a page for each CPU */
	SLOT_EVENT_QUEUE,
	SLOT_STACKS,            /* a block for each CPU: guard, stack */
	SLOT_COUNT,
};

/* Budgets of .config. */
struct budgets {
	uint64_t text, rodata, boot;
};

struct appliance {
	struct board board;
	struct pd *pds;
	size_t pd_count;
	struct slot slots[SLOT_COUNT];
	struct budgets budgets;
	unsigned ipa_bits, va_bits, pa_bits;
	char digest[17];        /* FNV-1a of the device tree, to tell builds apart */
};

static inline uint64_t range_end(struct range range) { return range.base + range.size; }

static inline bool ranges_overlap(struct range a, struct range b)
{
	return a.size && b.size && a.base < range_end(b) && b.base < range_end(a);
}

static inline uint64_t round_up(uint64_t value, uint64_t to) { return (value + to - 1) / to * to; }
static inline bool is_page_granular(uint64_t value) { return value % PAGE_SIZE == 0; }
static inline struct range region_range(const struct region *r) { return (struct range){ r->ipa, r->size }; }
static inline struct range region_iova(const struct region *r) { return (struct range){ r->iova, r->size }; }
static inline struct range region_host(const struct region *r) { return (struct range){ r->pa, r->size }; }
static inline struct range image_range(const struct image *image) { return (struct range){ image->load, image->size }; }

#endif
