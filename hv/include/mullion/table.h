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

/* ptc refuses a table that has more; null entries included, where there are any. */
enum {
	TABLE_CPUS_MAX = 33,
	TABLE_PDS_MAX = 16,
	TABLE_FUNCTIONS_MAX = 65,
	TABLE_RAM_MAX = 8,
	TABLE_VCPUS_MAX = 8,            /* of one PD */
	TABLE_PD_SPIS_MAX = 128,        /* of one PD */
	TABLE_PD_INTIDS_MAX = 288,      /* highest interrupt that a PD sees, and one */
};

/* What follows a refused DMA (all four) or a PD's fault (all but quarantine). */
enum policy {
	POLICY_REPORT,          /* and go on; a fault of a PD's CPU becomes an exception of its own */
	POLICY_QUARANTINE,      /* the function loses bus mastering */
	POLICY_STOP,            /* the PD is stopped */
	POLICY_RESTART,         /* the PD is stopped and starts anew, as often as `restart_count` lets it */
};

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
	bool shared;            /* other PDs have it too: a restart leaves it alone */
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

/*
 * Four bytes of configuration space that a PD sees: it reads
 * `(hardware & read) | value` and writes the bits of `write`. `clear` are the
 * bits that hardware clears when 1 is written: written back only where the PD
 * writes 1. A BAR's register has `size`, never 0: what it reads after all ones
 * were written to it (PCI 3.0, 6.2.5.1). What no field has reads 0 and ignores
 * writes.
 */
struct table_config_field {
	uint16_t offset;
	uint32_t read, value, write, clear, size;
};

/* A capability that the function must have, checked at boot. Of MSI and MSI-X it may have more vectors. */
struct table_capability {
	uint8_t id, offset;
	uint16_t control_mask, control;         /* of the 16 bits after id and next */
};

/* A PCI function that a PD owns. */
struct table_function {
	const char *name;       /* segment:bus:device.function */
	uint8_t pd;             /* index into pds */
	uint16_t bdf;           /* bus << 8 | device << 3 | function */
	uint16_t pd_bdf;        /* where its PD sees it: always on table.pci.bus_first */
	uint32_t stream;        /* the requester as the IOMMU names it; shared behind a bridge to conventional PCI */
	uint16_t vmid;          /* tag of its translations, no PD's */
	paddr_t config;         /* where the accessor finds its configuration space; with ECAM, a page */
	uint16_t vendor, device;
	uint32_t class;         /* 24 bits: class, subclass, programming interface */
	const struct table_bar *bars;
	uint32_t bar_count;
	const struct table_window *windows;
	uint32_t window_count;
	bool has_doorbell;      /* it may send MSIs: */
	iova_t doorbell;        /* page of the PD's v2m frame, mapped to table.irqchip.doorbell, write-only */
	const struct table_capability *capabilities;
	uint32_t capability_count;
	const struct table_config_field *fields;        /* by offset, each once */
	uint32_t field_count;
};

/*
 * A port or bridge above declared functions. Its numbers are written first,
 * parents before children; one that is not declared is closed.
 */
struct table_bridge {
	struct table_function is;       /* what must be there: nobody's, no stream of its own, no windows */
	uint32_t buses;         /* primary | secondary << 8 | subordinate << 16 */
};

/* A register of configuration space: written unless `bytes` is 0; read back, from its offset on, equal under `mask`. */
struct table_pci_register {
	const char *verdict;    /* pci.bar-address, pci.bridge-memory, pci.acs, ... */
	const struct table_function *function;
	uint16_t offset;        /* a multiple of `bytes` */
	uint8_t bytes;          /* 0, 2 or 4 */
	uint32_t value, mask;
};

/* A shared peripheral interrupt as a PD has it. */
enum table_spi_kind {
	SPI_EDGE,               /* of a device of the PD's, by wire */
	SPI_LEVEL,
	SPI_MSI,                /* by LPIs: table.lpis */
	SPI_VIRTUAL,            /* level, of a device that the hypervisor emulates */
};

struct table_spi {
	uint16_t intid;         /* the PD's, and the wire's */
	uint8_t kind;           /* enum table_spi_kind */
};

/* What an LPI is to the PD that owns the function. */
struct table_lpi {
	uint8_t pd;             /* index into pds; 0: nobody's */
	uint8_t spi;            /* index into the PD's spis */
};

/*
 * One write of what makes a PD's functions forget all that they were told: to
 * configuration space or a BAR, in the reload map; then a wait. Functions are
 * back, and answer, after the last.
 */
struct table_reset {
	paddr_t at;
	uint8_t bytes;          /* 1, 2 or 4, naturally aligned */
	uint32_t value;
	uint32_t wait_us;
};

/* What is copied into a PD's memory before it starts: its program, and what that needs. */
struct table_image {
	const char *name;       /* as in `linux`, `linux.initrd`, `linux.dtb` */
	paddr_t store, load;    /* its pristine copy; where it is copied to */
	uint64_t size;
	uint8_t digest[32];     /* SHA-256 */
};

struct table_pd {
	const char *label;
	const uint8_t *cpus;    /* indices into cpus, by vCPU; the first one starts, and takes the PD's interrupts */
	uint32_t cpu_count;
	uint16_t vmid;          /* tag of its translations, never 0 */
	paddr_t memory_root;    /* of the table that gives it memory and BARs */
	ipaddr_t entry;         /* first instruction */
	ipaddr_t argument;      /* what the first vCPU starts with: its device tree, or 0 */
	const struct table_image *images;
	uint32_t image_count;
	const struct table_region *regions;
	uint32_t region_count;
	uint8_t first_function; /* index into functions; the PD's are consecutive */
	uint8_t function_count;
	bool has_console;
	ipaddr_t console;       /* PD address of its virtual UART */
	uint8_t console_spi;    /* its interrupt: index into spis */
	ipaddr_t distributor;   /* PD address of its virtual interrupt controller, 64 KiB */
	ipaddr_t redistributors;        /* 128 KiB for each vCPU, in order */
	ipaddr_t ecam;          /* PD address of configuration space: 1 MiB, of the one bus that it sees */
	const struct table_spi *spis;   /* by INTID */
	uint32_t spi_count;
	const uint8_t *spi_of_intid;    /* by INTID - 32: index into spis and one; 0 for none */
	uint32_t intid_end;     /* first INTID that the PD does not see: a multiple of 32 */
	bool has_watchdog;
	ipaddr_t watchdog;      /* PD address of its virtual watchdog: control frame, refresh frame, a page each */
	uint8_t watchdog_spi;   /* its first signal: index into spis */
	uint8_t on_dma_fault;   /* enum policy */
	uint8_t on_crash;
	uint32_t restart_count; /* so often it may be restarted; 0: never, and what else is about restarts is 0 too */
	uint32_t restart_seconds;       /* within so long; 0: since boot */
	uint32_t drain_us;      /* from bus mastering off until nothing of its functions is on its way */
	const struct table_reset *resets;       /* in this order */
	uint32_t reset_count;
	struct pd_state *state; /* its page */
};

struct table_cpu {
	const char *name;       /* of its node */
	uint64_t hw_id;         /* as the architecture names it */
	uint8_t pd;             /* index into pds; 0 if it runs none */
	uint8_t vcpu;           /* which of the PD's */
	uint8_t *stack_top;
	struct percpu *percpu;
	paddr_t run_root;       /* address space after the seal */
	paddr_t event_root;     /* of the housekeeping CPU: run_root plus the IOMMU's registers, writable */
	paddr_t reload_root;    /* of the first CPU of a PD that may be restarted: run_root plus what that takes */
	uint16_t its_target;    /* what the ITS calls it: GICR_TYPER.Processor_Number */
	paddr_t lpi_pending;    /* LPI pending table; 0 for a CPU that takes no LPIs */
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
	const struct table_bridge *bridges;     /* parents first; without a null entry */
	uint32_t bridge_count;
	const struct table_pci_register *registers;     /* BARs, windows and ACS, in the order of writing */
	uint32_t register_count;
};

struct table_irqchip {
	paddr_t distributor;
	paddr_t redistributors;
	uint64_t redistributors_size;
	uint32_t maintenance_intid;
	uint32_t intid_end;             /* highest interrupt by wire, of PDs and ours, and one */
	/* MSIs; all of it 0 in a table without any. */
	paddr_t its;
	paddr_t doorbell;               /* page that devices write to */
	paddr_t its_commands;           /* constant, 4 KiB granular; at least one more would fit */
	uint64_t its_commands_size;     /* of the commands */
	paddr_t its_devices, its_collections;   /* written by the ITS; 64 KiB granular */
	uint64_t its_devices_size, its_collections_size;
	struct table_range its_memory;  /* all that the ITS and the redistributors write, zeroed at boot */
	uint8_t its_entry_size;         /* bytes of an interrupt translation entry that there is room for */
	uint8_t its_event_bits;         /* EventIDs are below 2^this */
	uint8_t its_device_bits;        /* likewise DeviceIDs */
	paddr_t lpi_config;             /* constant: a byte for each LPI */
	uint8_t lpi_id_bits;            /* INTIDs are below 2^this */
};

struct table {
	const char *board;      /* `model` of the board's device tree */
	const char *digest;     /* of the table's device tree, to tell builds apart */
	paddr_t console;        /* the board's UART */
	uint32_t console_intid;
	uint8_t housekeeping;   /* index into cpus: the one that serves console and IOMMU events */
	uint32_t timer_intid;   /* of the timer that PDs use */
	uint32_t hyp_timer_intid;       /* of the hypervisor's own */
	uint8_t ipa_bits;       /* PD and I/O addresses are below 2^ipa_bits */
	uint8_t pa_bits;        /* every address in the table is below 2^pa_bits */
	struct table_range constants;   /* translation and device tables */
	struct table_range integrity;   /* all constants: what build/gen digests, and the boot checks */
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
	const struct table_lpi *lpis;   /* by INTID - 8192 */
	uint32_t lpi_count;
};

extern const struct table table;

/* The first function with this requester, or the next after `last`; NULL at the end, or of one that nobody declared. */
static inline const struct table_function *table_function_of_stream(uint32_t stream, const struct table_function *last)
{
	for (uint32_t i = last ? (uint32_t)(last - table.functions) + 1 : 1; i < table.function_count; i++)
		if (table.functions[i].stream == stream)
			return &table.functions[i];
	return NULL;
}

#endif
