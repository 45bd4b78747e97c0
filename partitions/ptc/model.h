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
	struct region **sharers;        /* in other PDs; they are the same host memory */
	size_t sharer_count;
};

struct bar {
	unsigned idx;
	bool is_64bit;
	uint64_t size;
	uint64_t addr;          /* placed */
};

enum { BARS_MAX = 6, VENDORS_MAX = 8 };

/* How a function is made to forget all that it was told: reset.c. */
enum reset { RESET_NONE, RESET_FLR, RESET_BUS, RESET_WRITES };

/* A write to a register in a BAR. */
struct reset_write {
	unsigned bar, bits;
	uint32_t offset, value;
};

/* A vendor-specific capability of configuration space. */
struct vendor {
	unsigned offset, size;
};

struct function {
	int node;
	const char *name;       /* of its node */
	char *bdf_name;         /* segment:bus:device.function */
	int bridge_node;        /* that it is behind; 0: it is on the first bus */
	const struct bridge *bridge;    /* likewise, and NULL: bridges_number() */
	uint16_t bdf;
	uint16_t requester;     /* whose bus and device its requests carry: its own, or its bridge's */
	uint16_t pd_bdf;        /* where its PD sees it */
	uint16_t vendor, device;
	uint32_t class;
	struct bar bars[BARS_MAX];
	size_t bar_count;
	struct region **windows;
	size_t window_count;
	unsigned dma_bits;
	unsigned msi_offset, msi_vectors_count, msi_flags;      /* 0: without */
	unsigned msix_offset, msix_count;
	unsigned msi_vectors;   /* of both; with any, it has */
	bool has_doorbell;      /* it, or another one of the same requester, has MSIs */
	uint64_t doorbell;      /* I/O address of the PD's MSI frame */
	uint32_t lpi_first;     /* of as many as the PD's pool has: its_count() */
	unsigned pcie_offset, pm_offset;
	struct vendor vendors[VENDORS_MAX];
	size_t vendor_count;
	enum reset reset;
	struct reset_write *reset_writes;       /* in this order */
	size_t reset_write_count;
	uint32_t drain_us;      /* from bus mastering off until nothing of it is on its way */
	uint32_t stream;
	uint64_t config;        /* host-physical address of its configuration page */
	unsigned vmid;          /* of its window set */
};

enum bridge_type { BRIDGE_ROOT_PORT, BRIDGE_UPSTREAM, BRIDGE_DOWNSTREAM, BRIDGE_PCIE_PCI };

/* Nobody's. */
struct bridge {
	struct function is;
	enum bridge_type type;
	unsigned acs;           /* offset of its capability; 0: without */
	unsigned primary, secondary, subordinate;       /* bus numbers */
	struct range memory;    /* placed: its window, in bus addresses; of size 0 if it is closed */
	uint64_t memory_align;
};

/* What the hypervisor copies into a PD's memory before it starts there, at the program's first byte. */
enum image_kind { IMAGE_PROGRAM, IMAGE_INITRD, IMAGE_DTB, IMAGE_KINDS };

struct image {
	int node;               /* 0: the PD has none of this kind */
	const char *name;       /* the PD's label, and what it is of the PD: plc, linux.initrd, linux.dtb */
	const char *file;       /* as the table names it */
	const char *path;       /* where it was found; of IMAGE_DTB, where it is written */
	const uint8_t *bytes;   /* of IMAGE_DTB, which ptc makes */
	uint64_t load, size;    /* PD address; bytes */
	uint64_t store;         /* placed: host-physical address of the pristine copy */
	uint64_t load_pa;       /* placed: host-physical address of `load` */
};

/* A shared peripheral interrupt. */
struct spi {
	int node;               /* of the board, whose `interrupts` has it; of the PD, for what the hypervisor makes */
	uint32_t intid;
	uint8_t kind;           /* enum table_spi_kind */
};

/* A node of the board that a PD owns: registers and interrupts, both the PD's under the board's own numbers. */
struct device {
	int node;               /* of the PD's child */
	const char *name;
	int board_node;
	struct range *ranges;
	size_t range_count;
	struct spi *spis;       /* in the order of `interrupts` */
	size_t spi_count;
};

/* A virtual interrupt controller as a PD sees it, from pd.irqchip on. */
enum { IRQCHIP_FRAME = 0x10000, IRQCHIP_REDISTRIBUTORS = 0x20000, IRQCHIP_REDISTRIBUTOR_SIZE = 0x20000 };
enum { PCI_BUS_SIZE = 1 << 20 };        /* of configuration space */
enum { WATCHDOG_SIZE = 2 * PAGE_SIZE }; /* control frame, refresh frame */

struct pd {
	int node;
	const char *label;
	const char *bootargs;
	size_t *cpus;           /* indices into board.cpus, by vCPU */
	size_t cpu_count;
	bool has_console;
	uint64_t console;
	bool has_watchdog;
	uint64_t watchdog;
	uint32_t watchdog_intid;
	uint64_t irqchip, ecam; /* PD addresses */
	uint8_t on_dma_fault, on_crash;         /* enum policy */
	uint32_t restart_count, restart_seconds;        /* count 0: it is never restarted */
	struct image images[IMAGE_KINDS];
	struct region *regions;
	size_t region_count;
	struct function *functions;
	size_t function_count;
	struct device *devices;
	size_t device_count;
	struct spi *spis;       /* all that it has, by INTID: spis_collect() */
	size_t spi_count;
	size_t console_spi, watchdog_spi;       /* indices into spis */
	uint32_t intid_end;     /* first INTID that it does not see: a multiple of 32 */
	uint32_t msi_base, msi_count;   /* INTIDs of its MSI frame: msi_place() */
	uint64_t msi_frame;     /* placed: host-physical address of the frame's constant page */
	uint64_t lpi_pending;   /* placed: pending table of its first CPU */
	unsigned vmid;
};

struct cpu {
	int node;
	uint64_t hw_id;
};

#define BOARD_RAM "RAM"         /* claim.what of all memory */

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
	int console_node;
	struct range console;
	uint32_t console_intid;
	int irqchip_node;
	struct range gicd, gicr;
	uint32_t maintenance_intid;
	int timer_node;
	uint32_t timer_intid, hyp_timer_intid;
	int iommu_node;
	struct range iommu;
	uint32_t iommu_event_intid, iommu_error_intid;
	int pci_node;
	struct range ecam;
	unsigned bus_first, bus_last;
	struct range pci_mem32;         /* bus addresses; the CPU sees them at the same place */
	struct range pci_mem64;
	struct range *dma_ranges;       /* I/O addresses that it passes on; none: all */
	size_t dma_range_count;
	uint32_t stream_base;           /* stream of requester 0 */
	uint32_t requester_count;       /* that it names */
	unsigned stream_bits;           /* of the device table */
	struct range its;               /* of size 0 if there is none */
	uint32_t msi_device_base;       /* DeviceID of requester 0 */
	uint32_t msi_requester_count;   /* that have one */
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
	SLOT_PD_STATE,          /* a page for each PD, and one for the null entry */
	SLOT_EVENT_QUEUE,
	SLOT_STACKS,            /* a block for each CPU: guard, stack */
	SLOT_ITS,               /* what the ITS and the redistributors write; beyond the image */
	SLOT_COUNT,
};

/* The ITS's part: its_count(), then addresses by its_place(). All 0 without MSIs. */
struct its {
	size_t frame_count, function_count, lpi_count;
	unsigned event_bits, device_bits;
	uint64_t commands_size;
	uint64_t lpi_config, commands;          /* constants */
	uint64_t devices, collections, itts;    /* in SLOT_ITS */
};

/* Budgets of .config. */
struct budgets {
	uint64_t text, rodata, boot;
};

/* A CPU that the table uses. */
struct used_cpu {
	size_t cpu;             /* index into board.cpus */
	size_t pd;              /* index into pds and one; 0 if it runs none */
	size_t vcpu;
};

/* Indices into the emitted arrays are the model's and one: entry 0 is the null entry. */
struct appliance {
	struct board board;
	struct pd *pds;
	size_t pd_count;
	struct bridge *bridges;         /* by number, parents first: bridges_number() */
	size_t bridge_count;
	bool has_housekeeping;
	size_t housekeeping_cpu;        /* index into board.cpus, if the table names one */
	bool refuse_shared_fate;        /* of two PDs' functions, which is warned about otherwise */
	struct used_cpu *cpus;          /* in the board's order: cpus_collect() */
	size_t cpu_count;
	size_t housekeeping;            /* index into cpus */
	struct slot slots[SLOT_COUNT];
	struct its its;
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
static inline struct range console_range(const struct pd *pd)
{
	return (struct range){ pd->console, pd->has_console ? PAGE_SIZE : 0 };
}

static inline struct range watchdog_range(const struct pd *pd)
{
	return (struct range){ pd->watchdog, pd->has_watchdog ? WATCHDOG_SIZE : 0 };
}

/* Distributor, MSI frame, a redistributor for each vCPU. */
static inline struct range irqchip_range(const struct pd *pd)
{
	return (struct range){ pd->irqchip,
			       IRQCHIP_REDISTRIBUTORS + pd->cpu_count * IRQCHIP_REDISTRIBUTOR_SIZE };
}

/* It sees one bus, whatever bridges its functions are behind. */
static inline struct range ecam_range(const struct pd *pd) { return (struct range){ pd->ecam, PCI_BUS_SIZE }; }

/* The first one, or the next after `last`; NULL at the end. */
static inline const struct image *image_next(const struct pd *pd, const struct image *last)
{
	for (const struct image *image = last ? last + 1 : pd->images; image < pd->images + IMAGE_KINDS; image++)
		if (image->node)
			return image;
	return NULL;
}

static inline struct range image_range(const struct image *image) { return (struct range){ image->load, image->size }; }

#endif
