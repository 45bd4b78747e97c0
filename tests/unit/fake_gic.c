/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_gic.h"

#include "test.h"

#include <arch/sysreg.h>
#include <mullion/arch.h>
#include <mullion/cache.h>
#include <mullion/mmio.h>

enum { SPACE = 0x100000, ENABLED = 1 };
#define QUIESCENT 0x80000000u
#define BASER_FIXED UINT64_C(0x071f000000000000)        /* Type and Entry_Size */

struct fake_gic gic;

static uint32_t words[SPACE / 4];

static uint32_t *word(uint64_t addr)
{
	assert_true(addr >= FAKE_GICD && addr < FAKE_GICD + SPACE && addr % 4 == 0);
	return &words[(addr - FAKE_GICD) / 4];
}

uint64_t gic_get(uint64_t addr) { return (uint64_t)*word(addr + 4) << 32 | *word(addr); }

void gic_set(uint64_t addr, uint64_t value)
{
	*word(addr) = (uint32_t)value;
	*word(addr + 4) = (uint32_t)(value >> 32);
}

void fake_gic_reset(void)
{
	memset(&gic, 0, sizeof(gic));
	memset(words, 0, sizeof(words));
	*word(D_TYPER) = 0x037a0008;            /* 288 INTIDs, 16 bits of them, LPIs, A3V */
	*word(D_PIDR2) = 0x3b;
	for (uint32_t i = 0; i < FAKE_GICRS; i++) {
		gic_set(R_TYPER + i * FAKE_FRAME, (uint64_t)i << 32 | i << 8 |
			(i == FAKE_GICRS - 1 ? 0x11u : 1u));
		*word(R_CTLR + i * FAKE_FRAME) = 2;     /* CES */
		*word(R_WAKER + i * FAKE_FRAME) = 6;
	}
	*word(S_CTLR) = QUIESCENT;
	gic_set(S_TYPER, 0x1f0001efb1);
	gic_set(S_BASER0, 0x0107000000000000);  /* devices, collections: 8 bytes each */
	gic_set(S_BASER1, 0x0407000000000000);
}

static struct gic_trace *trace(enum gic_event event, uint64_t addr, uint64_t value)
{
	assert_true(gic.count < GIC_TRACE_MAX);
	gic.trace[gic.count] = (struct gic_trace){ event, addr, value, NULL };
	return &gic.trace[gic.count++];
}

static void must(bool held, const char *rule)
{
	if (!held && !gic.breach)
		gic.breach = rule;
}

static bool is_its(uint64_t addr) { return addr >= FAKE_GITS && addr < FAKE_GITS + 0x20000; }

static void its_write(uint64_t addr, uint64_t value)
{
	bool on = *word(S_CTLR) & ENABLED;

	if (addr == S_CTLR) {
		*word(S_CTLR) = value & ENABLED ? ENABLED : QUIESCENT;
	} else if (addr == S_CWRITER) {
		must(value < 0x1000 * ((gic_get(S_CBASER) & 0xff) + 1), "CWRITER is beyond the queue (12.19.4)");
		gic_set(addr, value);
		if (on)
			gic_set(S_CREADR, gic.stall && value ? gic.stall | 1 : value);
	} else if (addr == S_CBASER) {
		must(!on, "CBASER is written while the ITS is on (12.19.2)");
		gic_set(addr, value);
		gic_set(S_CREADR, 0);
	} else {
		must(!on && *word(S_CTLR) & QUIESCENT, "BASER is written while the ITS is on (12.19.1)");
		gic_set(addr, (value & ~BASER_FIXED) | (gic_get(addr) & BASER_FIXED));
	}
}

static void gicr_write(uint64_t addr, uint64_t value)
{
	uint64_t frame = addr - (addr - FAKE_GICR) % FAKE_FRAME, reg = addr - frame;

	if (reg == 0x00) {
		*word(addr) = (uint32_t)(value & ENABLED) | (*word(addr) & 2);
	} else if (reg == 0x14) {
		*word(addr) = value & 2 ? 6 : 0;
	} else if (reg == 0x70 || reg == 0x78) {
		must(!(*word(frame) & ENABLED), "a table of LPIs is changed while they are on (12.11.31)");
		gic_set(addr, value & ~(UINT64_C(1) << 62));
	} else {
		*word(addr) = (uint32_t)value;
	}
}

static void device_write(uint64_t addr, uint64_t value)
{
	trace(GIC_WRITE, addr, value);
	if (addr == gic.frozen)
		return;
	if (is_its(addr))
		its_write(addr, value);
	else if (addr >= FAKE_GICR)
		gicr_write(addr, value);
	else
		*word(addr) = (uint32_t)value;
}

uint32_t mmio_read32(paddr_t addr) { return *word(addr.pa); }
uint64_t mmio_read64(paddr_t addr) { return gic_get(addr.pa); }
void mmio_write32(paddr_t addr, uint32_t value) { device_write(addr.pa, value); }
void mmio_write8(paddr_t addr, uint8_t value)
{
	uint64_t at = addr.pa & ~UINT64_C(3);
	unsigned shift = 8 * (addr.pa & 3);

	device_write(at, (*word(at) & ~(0xffu << shift)) | (uint32_t)value << shift);
}
void mmio_write64(paddr_t addr, uint64_t value) { device_write(addr.pa, value); }
void mmio_publish_memory(void) { trace(GIC_PUBLISH, 0, 0); }
void mmio_observe_memory(void) { }

static bool faults(uint64_t addr) { return is_its(addr) ? gic.no_its : gic.no_gic; }

bool arch_probe_read32(paddr_t addr, uint32_t *value)
{
	if (faults(addr.pa))
		return false;
	*value = *word(addr.pa);
	return true;
}

bool arch_probe_read64(paddr_t addr, uint64_t *value)
{
	if (faults(addr.pa))
		return false;
	*value = gic_get(addr.pa);
	return true;
}

void arch_scrub(paddr_t base, uint64_t size) { trace(GIC_SCRUB, base.pa, size); }
void arch_cache_flush(paddr_t base, uint64_t size) { trace(GIC_FLUSH, base.pa, size); }

uint64_t fake_sysreg_read(const char *name)
{
	assert_string_equal(name, "ICC_IAR1_EL1");
	return gic.iar;
}

void fake_sysreg_write(const char *name, uint64_t value) { trace(GIC_SYSREG, 0, value)->name = name; }

static size_t find(enum gic_event event, uint64_t addr, const uint64_t *value)
{
	for (size_t i = 0; i < gic.count; i++)
		if (gic.trace[i].event == event && (event != GIC_WRITE || gic.trace[i].addr == addr) &&
		    (!value || gic.trace[i].value == *value))
			return i;
	fail_msg("nothing like it at 0x%lx was done", addr);
	return 0;
}

size_t gic_wrote(uint64_t addr) { return find(GIC_WRITE, addr, NULL); }
size_t gic_wrote_value(uint64_t addr, uint64_t value) { return find(GIC_WRITE, addr, &value); }
size_t gic_did(enum gic_event event) { return find(event, 0, NULL); }

size_t gic_writes(uint64_t addr)
{
	size_t count = 0;

	for (size_t i = 0; i < gic.count; i++)
		count += gic.trace[i].event == GIC_WRITE && gic.trace[i].addr == addr;
	return count;
}

size_t gic_sysreg_writes(const char *name)
{
	size_t count = 0;

	for (size_t i = 0; i < gic.count; i++)
		count += gic.trace[i].event == GIC_SYSREG && !strcmp(gic.trace[i].name, name);
	return count;
}

uint64_t gic_sysreg(const char *name)
{
	for (size_t i = gic.count; i--;)
		if (gic.trace[i].event == GIC_SYSREG && !strcmp(gic.trace[i].name, name))
			return gic.trace[i].value;
	fail_msg("%s was not written", name);
	return 0;
}
