/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a trap and an interrupt cost, in ticks of the virtual counter: each many
 * times, the least and the median printed. The same source is a PD's program
 * and, with the board's own addresses, one for the bare machine (BARE).
 *
 * "To handler" is from the cause to where the PD's vector reads the time, its
 * second instruction.
 */
#include <arch/sysreg.h>

#include "gic.h"
#include "pd.h"

enum { SAMPLES = 101 };

static const uint64_t psci_version = 0x84000000;
enum { TIMER_DELAY = 5000, TIMER_ENABLE = 1 };
enum { EDU_RAISE = 0x60, EDU_ACKNOWLEDGE = 0x64, EDU_DEVICE_ID = 1 << 3 };
enum { PCI_COMMAND = 0x04, PCI_COMMAND_ON = 0x6, PCI_BAR0 = 0x10, PCI_CAPABILITIES = 0x34, PCI_CAP_MSI = 0x05 };

extern const char bench_vectors[];
void bench_interrupt(uint64_t entered);

static uint64_t samples[SAMPLES];
static uint64_t empty;                  /* of two readings of the time with nothing in between */
static volatile uint64_t entered_at, intid_seen;

static inline uint64_t now(void)
{
	uint64_t ticks;

	__asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(ticks) : : "memory");
	return ticks;
}

void bench_interrupt(uint64_t entered)
{
	uint64_t intid = sysreg_read(ICC_IAR1_EL1);

	if (intid == PD_TIMER_INTID)
		sysreg_write(cntv_ctl_el0, 0);
	sysreg_write(ICC_EOIR1_EL1, intid);
	entered_at = entered;
	intid_seen = intid;
}

/* How long the interrupt took that was caused at `start`. */
static uint64_t wait_for(uint64_t intid, uint64_t start)
{
	while (intid_seen != intid)
		;
	intid_seen = ~UINT64_C(0);
	return entered_at - start;
}

static uint64_t measure_nothing(void)
{
	uint64_t start = now();

	return now() - start;
}

static uint64_t measure_hvc(void)
{
	register uint64_t x0 __asm__("x0") = psci_version;
	uint64_t start = now();

	__asm__ volatile("hvc #0" : "+r"(x0) : : "x1", "x2", "x3", "memory");
	return now() - start - empty;
}

static uint64_t measure_timer(void)
{
	uint64_t at = now() + TIMER_DELAY;

	sysreg_write(cntv_cval_el0, at);
	sysreg_write(cntv_ctl_el0, TIMER_ENABLE);
	return wait_for(PD_TIMER_INTID, at);
}

#ifdef PD_GICD
static uint64_t measure_typer(void)
{
	uint64_t start = now();

	pd_read32(PD_GICD + GICD_TYPER);
	return now() - start - empty;
}

static uint64_t measure_isenabler(void)
{
	uint64_t start = now();

	pd_write32(PD_GICD + GICD_ISENABLER + 4, 0);
	return now() - start - empty;
}

static uint64_t measure_sgi(void)
{
	uint64_t start = now();

	__asm__ volatile("msr S3_0_C12_C11_5, %0" : : "r"((uint64_t)BENCH_SGI << 24 | 1) : "memory");
	return wait_for(BENCH_SGI, start);
}
#endif

#ifdef BENCH_MSI
static struct doorbell doorbell;

static void edu_start(void)
{
	uint32_t at = pd_read32(PD_EDU_CONFIG + PCI_CAPABILITIES) & 0xff;

#ifdef BARE
	pd_write32(PD_EDU_CONFIG + PCI_BAR0, PD_EDU_BAR0);
#endif
	pd_write32(PD_EDU_CONFIG + PCI_COMMAND, PCI_COMMAND_ON);
	while ((pd_read32(PD_EDU_CONFIG + at) & 0xff) != PCI_CAP_MSI)
		at = pd_read32(PD_EDU_CONFIG + at) >> 8 & 0xff;
	doorbell = msi_start(EDU_DEVICE_ID);
	pd_write32(PD_EDU_CONFIG + at + 4, (uint32_t)doorbell.addr);
	pd_write32(PD_EDU_CONFIG + at + 8, (uint32_t)(doorbell.addr >> 32));
	pd_write32(PD_EDU_CONFIG + at + 12, doorbell.data);
	pd_write32(PD_EDU_CONFIG + at, pd_read32(PD_EDU_CONFIG + at) | 1u << 16);
}

static uint64_t measure_msi(void)
{
	uint64_t start = now(), ticks;

	pd_write32(PD_EDU_BAR0 + EDU_RAISE, 1);
	ticks = wait_for(doorbell.intid, start);
	pd_write32(PD_EDU_BAR0 + EDU_ACKNOWLEDGE, 1);
	return ticks;
}
#endif

static void measure(const char *name, uint64_t (*once)(void))
{
	for (unsigned i = 0; i < SAMPLES; i++) {
		uint64_t sample = once();
		unsigned at = i;

		for (; at && samples[at - 1] > sample; at--)
			samples[at] = samples[at - 1];
		samples[at] = sample;
	}
	pd_print("measured %s min %lu median %lu", name, samples[0], samples[SAMPLES / 2]);
}

void pd_main(void)
{
	sysreg_write(vbar_el1, bench_vectors);
	gic_start();
	__asm__ volatile("msr daifclr, #2" : : : "memory");

	measure("nothing", measure_nothing);
	empty = samples[SAMPLES / 2];
	measure("hvc", measure_hvc);
#ifdef PD_GICD
	measure("typer", measure_typer);
	measure("isenabler", measure_isenabler);
#endif
	measure("timer", measure_timer);
#ifdef PD_GICD
	measure("sgi", measure_sgi);
#endif
#ifdef BENCH_MSI
	edu_start();
	measure("msi", measure_msi);
#endif
}
