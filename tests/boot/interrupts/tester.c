/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests have in common, and the list of them. */
#include "tester.h"

#define DEVICES_ALL(one) \
	one(0) one(1) one(2) one(3) one(4) one(5) one(6) one(7) one(8) one(9) one(10) one(11) one(12) one(13) one(14) \
	one(15) one(16) one(17) one(18) one(19)
#define BAR_OF(n) PD_EDU##n##_BAR0,
#define CONFIG_OF(n) PD_EDU##n##_CONFIG,

static const uint64_t bars[DEVICES] = { DEVICES_ALL(BAR_OF) };
static const uint64_t configs[DEVICES] = { DEVICES_ALL(CONFIG_OF) };

enum { SGI_FRAME = 0x10000, REDISTRIBUTOR = 0x20000, SOON_PER_SECOND = 2, PAUSES_PER_SECOND = 500 };

/* One vCPU, interrupts masked: nothing else writes. The count comes last, for the host. */
void result(enum result name, uint64_t value)
{
	uint64_t count = pd_read64(PD_RESULTS_BASE);
	uint64_t record = PD_RESULTS_BASE + 16 * (count + 1);

	pd_write64(record, name);
	pd_write64(record + 8, value);
	pd_barrier();
	pd_write64(PD_RESULTS_BASE, count + 1);
}

uint64_t device(uint32_t n) { return bars[n]; }
uint32_t device_intid(uint32_t n) { return PD_MSI_BASE + n; }

void device_raise(uint32_t n)
{
	edu_raise(bars[n], 1);
	pd_barrier();
}

void priority_mask(uint8_t mask)
{
	sysreg_write(ICC_PMR_EL1, mask);
	arch_isb();
}

uint32_t acknowledge(void)
{
	uint32_t intid = (uint32_t)sysreg_read(ICC_IAR1_EL1);

	pd_barrier();
	return intid;
}

static uint32_t acknowledge_within(uint64_t time)
{
	uint64_t begin = pd_now();
	uint32_t intid;

	do
		intid = acknowledge();
	while (intid == NOTHING && pd_now() - begin < time);
	return intid;
}

uint32_t acknowledge_soon(void) { return acknowledge_within(pd_second() / SOON_PER_SECOND); }
uint32_t acknowledge_never(void) { return acknowledge_within(pd_second() / PAUSES_PER_SECOND); }

void pause(void)
{
	uint64_t begin = pd_now();

	while (pd_now() - begin < pd_second() / PAUSES_PER_SECOND)
		;
}

void end(uint32_t intid)
{
	if (intid == NOTHING)
		return;
	pd_barrier();
	sysreg_write(ICC_EOIR1_EL1, intid);
	arch_isb();
}

static uint64_t frame_of(uint32_t vcpu, uint32_t intid)
{
	return intid < PD_PRIVATE_INTIDS ? PD_GICR + (uint64_t)vcpu * REDISTRIBUTOR + SGI_FRAME : PD_GICD;
}

bool bit_read_of(uint32_t vcpu, uint32_t reg, uint32_t intid)
{
	return pd_read32(frame_of(vcpu, intid) + reg + intid / 32 * 4) >> intid % 32 & 1;
}

void bit_write_of(uint32_t vcpu, uint32_t reg, uint32_t intid)
{
	pd_write32(frame_of(vcpu, intid) + reg + intid / 32 * 4, UINT32_C(1) << intid % 32);
}

bool bit_read(uint32_t reg, uint32_t intid) { return bit_read_of(pd_vcpu(), reg, intid); }
void bit_write(uint32_t reg, uint32_t intid) { bit_write_of(pd_vcpu(), reg, intid); }

void priority_write(uint32_t intid, uint8_t priority)
{
	pd_write8(frame_of(pd_vcpu(), intid) + IPRIORITYR + intid, priority);
}

void pd_main(void)
{
	__asm__ volatile("msr daifset, #2" : : : "memory");
	for (uint32_t n = 0; n < DEVICES; n++)
		pd_msi_start(configs[n], EDU_MSI, PD_MSI_FRAME, device_intid(n));
	registers_run();
	order_run();
	msi_run();
	lines_run();
	vcpus_run();
	psci_run();
	pd_print("tests are through");
	for (;;)
		pd_wait();
}
