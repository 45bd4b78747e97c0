/* SPDX-License-Identifier: Apache-2.0 */
/* What the controller says it is; and that interrupts of others are not there. */
#include "tester.h"

enum { GICD_CTLR = 0, GICD_TYPER = 4, GICR_TYPER = 8, PIDR2 = 0xffe8, IROUTER = 0x6000, REDISTRIBUTOR = 0x20000,
       SGI_FRAME = 0x10000 };

static void identity(void)
{
	result(IDENTITY, pd_read32(PD_GICD + GICD_TYPER));
	result(IDENTITY, pd_read32(PD_GICD + PIDR2));
	result(IDENTITY, pd_read32(PD_GICD + GICD_CTLR));
	for (uint64_t vcpu = 0; vcpu < PD_CPUS; vcpu++) {
		result(IDENTITY, pd_read64(PD_GICR + vcpu * REDISTRIBUTOR + GICR_TYPER));
		result(IDENTITY, pd_read32(PD_GICR + vcpu * REDISTRIBUTOR + PIDR2));
	}
	result(IDENTITY, sysreg_read(mpidr_el1) & 0xff00ffffff);
}

/* All ones into `reg`; what stayed of them, in order. */
static void ones(enum result name, uint64_t reg, uint64_t undo)
{
	uint32_t before = pd_read32(reg);

	pd_write32(reg, UINT32_MAX);
	result(name, pd_read32(reg));
	pd_write32(undo, undo == reg ? before : ~before);
}

static void blocks(enum result name, uint64_t frame, uint32_t first, uint32_t end_)
{
	for (uint32_t block = first; block < end_; block++) {
		ones(name, frame + ISENABLER + 4ul * block, frame + ICENABLER + 4ul * block);
		ones(name, frame + ISACTIVER + 4ul * block, frame + ICACTIVER + 4ul * block);
	}
}

/* Shared ones by the block, whether somebody has them or nobody; priorities and routes of all. */
static void owned(void)
{
	uint64_t sgis = PD_GICR + SGI_FRAME;

	priority_mask(0);
	blocks(OWNED, sgis, 0, 1);
	blocks(OWNED, PD_GICD, 1, 16);
	for (uint32_t intid = 32; intid < 512; intid++) {
		uint8_t before = pd_read8(PD_GICD + IPRIORITYR + intid);
		uint64_t router = PD_GICD + IROUTER + 8ul * intid;

		pd_write8(PD_GICD + IPRIORITYR + intid, 0xf8);
		pd_write64(router, 1);
		result(UNOWNED, pd_read8(PD_GICD + IPRIORITYR + intid) | pd_read64(router) << 8);
		pd_write8(PD_GICD + IPRIORITYR + intid, before);
		pd_write64(router, 0);
	}
	priority_mask(0xff);
}

void registers_run(void)
{
	identity();
	owned();
}
