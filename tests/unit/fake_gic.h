/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A GICv3 with two redistributors and an ITS behind mmio_*, and the trace of
 * what the driver did to it (IHI 0069H, chapter 12). Holds the driver to the
 * manual where a breach would go unnoticed: `breach` is then the rule's name.
 */
#ifndef FAKE_GIC_H
#define FAKE_GIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Typed again here: the driver's own offsets would hide its mistakes. Redistributors follow the distributor. */
enum {
	FAKE_GICD = 0x08000000,
	FAKE_GITS = 0x08080000,
	FAKE_GICR = 0x080a0000,
	FAKE_FRAME = 0x20000,
	FAKE_GICRS = 2,
	D_CTLR = FAKE_GICD,
	D_TYPER = FAKE_GICD + 0x4,
	D_PIDR2 = FAKE_GICD + 0xffe8,
	S_CTLR = FAKE_GITS,
	S_TYPER = FAKE_GITS + 0x8,
	S_CBASER = FAKE_GITS + 0x80,
	S_CWRITER = FAKE_GITS + 0x88,
	S_CREADR = FAKE_GITS + 0x90,
	S_BASER0 = FAKE_GITS + 0x100,
	S_BASER1 = FAKE_GITS + 0x108,
	R_CTLR = FAKE_GICR,             /* of the first one */
	R_TYPER = FAKE_GICR + 0x8,
	R_WAKER = FAKE_GICR + 0x14,
	R_PROPBASER = FAKE_GICR + 0x70,
	R_PENDBASER = FAKE_GICR + 0x78,
	R_ISENABLER = FAKE_GICR + 0x10100,
	R_IPRIORITYR = FAKE_GICR + 0x10400,
};

enum gic_event { GIC_WRITE, GIC_SYSREG, GIC_SCRUB, GIC_FLUSH, GIC_PUBLISH };

struct gic_trace {
	enum gic_event event;
	uint64_t addr, value;
	const char *name;       /* of a system register */
};

enum { GIC_TRACE_MAX = 8192 };

struct fake_gic {
	bool no_gic, no_its;            /* accesses fault */
	uint64_t stall;                 /* CREADR stops here; 0 for nowhere */
	uint64_t frozen;                /* writes of this register are lost */
	uint64_t iar;
	const char *breach;
	struct gic_trace trace[GIC_TRACE_MAX];
	size_t count;
};

extern struct fake_gic gic;

/* After reset, as QEMU's. */
void fake_gic_reset(void);
uint64_t gic_get(uint64_t addr);
void gic_set(uint64_t addr, uint64_t value);
/* Position in the trace of the first write of a register; of a value to it; fails if there is none. */
size_t gic_wrote(uint64_t addr);
size_t gic_wrote_value(uint64_t addr, uint64_t value);
size_t gic_did(enum gic_event event);
size_t gic_writes(uint64_t addr);
/* Last value written to a system register; fails if there is none. */
uint64_t gic_sysreg(const char *name);
size_t gic_sysreg_writes(const char *name);

#endif
