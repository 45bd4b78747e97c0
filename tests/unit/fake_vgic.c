/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_vgic.h"
#include "test.h"

#include <arch/vgic_hw.h>
#include <mullion/bits.h>
#include <mullion/irqchip.h>
#include <mullion/percpu.h>
#include <mullion/request.h>

#define LR_VINTID   GENMASK(31, 0)
#define LR_PINTID   GENMASK(44, 32)
#define LR_EOI      BIT(41)
#define LR_PRIORITY GENMASK(55, 48)
#define LR_HW       BIT(61)
#define LR_PENDING  BIT(62)
#define LR_ACTIVE   BIT(63)
#define LR_STATE    GENMASK(63, 62)
#define HCR_EN      BIT(0)
#define HCR_UIE     BIT(1)
#define HCR_LRENPIE BIT(2)

enum { SPIS = MSIS + 3, IDLE = 0x100, NESTING_MAX = 32, INTIDS = 64 };

struct interface {
	uint64_t lrs[LRS];
	uint64_t hcr;
	unsigned eoi_count;
	bool eoi_split;
	unsigned running[NESTING_MAX], depth;
};

static struct table_spi spis[SPIS];
static uint8_t spi_of_intid[32];
static const uint8_t cpus[VCPUS] = { 1, 2, 3 };
static struct pd_state state;
static const struct table_pd pd = {
	.label = "control", .cpus = cpus, .cpu_count = VCPUS, .spis = spis, .spi_count = SPIS,
	.spi_of_intid = spi_of_intid, .intid_end = INTIDS, .state = &state,
};
const struct table table = { .timer_intid = TIMER };

static struct percpu percpus[VCPUS];
static struct interface interfaces[VCPUS];
static uint32_t requests[VCPUS];
static bool physical[VCPUS][INTIDS];     /* SPIs in the first row */
static _Thread_local unsigned writes;
static _Thread_local uint32_t self;

_Thread_local struct percpu *fake_percpu = &percpus[0];
void run_as(uint32_t vcpu)
{
	self = vcpu;
	fake_percpu = &percpus[vcpu];
}

static struct interface *interface(void) { return &interfaces[self]; }

uint64_t vgic_hw_lr_read(unsigned n)
{
	assert_true(n < LRS);
	return interface()->lrs[n];
}

void vgic_hw_lr_write(unsigned n, uint64_t value)
{
	assert_true(n < LRS);
	/* A physical interrupt behind it is not active and pending (ICH_LR.State). */
	assert_false((value & LR_HW) && (value & LR_STATE) == LR_STATE);
	interface()->lrs[n] = value;
	writes++;
}

unsigned vgic_hw_lr_count(void) { return LRS; }

uint64_t vgic_hw_lr_free(void)
{
	uint64_t free = 0;

	for (unsigned n = 0; n < LRS; n++)
		if (!(interface()->lrs[n] & LR_STATE) && (interface()->lrs[n] & (LR_HW | LR_EOI)) != LR_EOI)
			free |= BIT(n);
	return free;
}

void vgic_hw_control(uint64_t hcr)
{
	interface()->hcr = hcr;
	interface()->eoi_count = 0;
}

unsigned vgic_hw_eoi_count(void) { return interface()->eoi_count; }
bool vgic_hw_eoi_split(void) { return interface()->eoi_split; }

void vgic_hw_reset(void)
{
	interface()->eoi_split = false;
	interface()->depth = 0;
}

static bool *physical_of(uint32_t intid) { return &physical[intid < 32 ? self : 0][intid]; }

void irqchip_deactivate(uint32_t intid)
{
	assert_true(*physical_of(intid));
	*physical_of(intid) = false;
}

bool is_physical_active(uint32_t intid) { return *physical_of(intid); }

void request_send(uint32_t cpu, uint32_t asked)
{
	assert_int_equal(asked, REQUEST_VGIC);
	assert_in_range(cpu, 1, VCPUS);
	__atomic_fetch_or(&requests[cpu - 1], asked, __ATOMIC_SEQ_CST);
}

bool has_request(uint32_t vcpu) { return requests[vcpu]; }

/* ICH_MISR (12.4) as far as the hypervisor asks for it. */
static bool is_maintenance(void)
{
	const struct interface *gic = interface();
	unsigned valid = 0;
	bool ended = false;

	for (unsigned n = 0; n < LRS; n++) {
		valid += !!(gic->lrs[n] & LR_STATE);
		ended = ended || (gic->lrs[n] & (LR_STATE | LR_HW | LR_EOI)) == LR_EOI;
	}
	return (gic->hcr & HCR_EN) &&
	       (ended || ((gic->hcr & HCR_UIE) && valid < 2) || ((gic->hcr & HCR_LRENPIE) && gic->eoi_count));
}

void serve(void)
{
	if (__atomic_exchange_n(&requests[self], 0, __ATOMIC_SEQ_CST) || is_maintenance())
		vgic_refresh();
	assert_false(is_maintenance());
	/* When a vCPU runs, no two of its list registers have the same interrupt (12.4). */
	for (unsigned n = 0; n < LRS; n++)
		if (interface()->lrs[n] & LR_STATE)
			assert_int_equal(shown(self, (uint32_t)FIELD_GET(LR_VINTID, interface()->lrs[n])), 1);
}

static uint64_t *active_lr(uint32_t intid)
{
	for (unsigned n = 0; n < LRS; n++)
		if ((interface()->lrs[n] & LR_ACTIVE) && FIELD_GET(LR_VINTID, interface()->lrs[n]) == intid)
			return &interface()->lrs[n];
	return NULL;
}

uint32_t guest_ack(void)
{
	struct interface *gic = interface();
	uint64_t priority = IDLE;
	unsigned best = LRS;

	serve();
	for (unsigned n = 0; n < LRS; n++)
		if ((gic->lrs[n] & LR_STATE) == LR_PENDING && FIELD_GET(LR_PRIORITY, gic->lrs[n]) < priority) {
			priority = FIELD_GET(LR_PRIORITY, gic->lrs[n]);
			best = n;
		}
	if (best == LRS || !(gic->hcr & HCR_EN) || (gic->depth && priority >= gic->running[gic->depth - 1]))
		return NONE;
	assert_true(gic->depth < NESTING_MAX);
	gic->running[gic->depth++] = (unsigned)priority;
	gic->lrs[best] ^= LR_STATE;
	serve();
	return (uint32_t)FIELD_GET(LR_VINTID, gic->lrs[best]);
}

static void deactivate(uint32_t intid)
{
	uint64_t *lr = active_lr(intid);

	if (!lr) {
		interface()->eoi_count++;
	} else {
		if (*lr & LR_HW)
			irqchip_deactivate((uint32_t)FIELD_GET(LR_PINTID, *lr));
		*lr ^= LR_ACTIVE;
	}
	serve();
}

void guest_end(uint32_t intid)
{
	struct interface *gic = interface();

	assert_true(gic->depth);
	gic->depth--;
	if (!gic->eoi_split)
		deactivate(intid);
}

void guest_set_eoi_split(bool split) { interface()->eoi_split = split; }
void guest_deactivate(uint32_t intid) { deactivate(intid); }

static uint32_t spi_idx(uint32_t intid) { return spi_of_intid[intid - 32] - 1u; }

static void hand_over(uint32_t intid)
{
	assert_false(*physical_of(intid));
	*physical_of(intid) = true;
}

void raise_timer(void)
{
	hand_over(TIMER);
	vgic_inject_private(TIMER);
}

void raise_spi(uint32_t intid)
{
	hand_over(intid);
	vgic_inject_spi(spi_idx(intid));
}

void raise_msi(uint32_t intid) { vgic_inject_spi(spi_idx(intid)); }
void set_line(bool high) { vgic_set_line(spi_idx(EMULATED), high); }
void send_sgi(uint32_t vcpu, uint32_t intid) { vgic_send_sgi((uint64_t)intid << 24 | BIT(vcpu)); }

void gicd_write(uint32_t offset, uint32_t value) { assert_true(vgic_distributor_write(offset, 4, value)); }

uint32_t gicd_read(uint32_t offset)
{
	uint64_t value;

	assert_true(vgic_distributor_read(offset, 4, &value));
	return (uint32_t)value;
}

void gicr_write(uint32_t vcpu, uint32_t offset, uint32_t value)
{
	assert_true(vgic_redistributor_write(vcpu, 0x10000 + offset, 4, value));
}

uint32_t gicr_read(uint32_t vcpu, uint32_t offset)
{
	uint64_t value;

	assert_true(vgic_redistributor_read(vcpu, 0x10000 + offset, 4, &value));
	return (uint32_t)value;
}

void set_priority(uint32_t intid, uint8_t priority)
{
	if (intid < 32)
		assert_true(vgic_redistributor_write(self, 0x10400 + intid, 1, priority));
	else
		assert_true(vgic_distributor_write(0x400 + intid, 1, priority));
}

void enable(uint32_t intid, bool on)
{
	uint32_t offset = (on ? 0x100 : 0x180) + intid / 32 * 4;

	if (intid < 32)
		gicr_write(self, offset, 1u << intid);
	else
		gicd_write(offset, 1u << intid % 32);
}

unsigned shown(uint32_t vcpu, uint32_t intid)
{
	unsigned count = 0;

	for (unsigned n = 0; n < LRS; n++)
		count += (interfaces[vcpu].lrs[n] & LR_STATE) && FIELD_GET(LR_VINTID, interfaces[vcpu].lrs[n]) == intid;
	return count;
}

unsigned lr_writes(void)
{
	unsigned count = writes;

	writes = 0;
	return count;
}

static void spi_add(uint32_t idx, uint32_t intid, enum table_spi_kind kind)
{
	spis[idx] = (struct table_spi){ .intid = (uint16_t)intid, .kind = (uint8_t)kind };
	spi_of_intid[intid - 32] = (uint8_t)(idx + 1);
}

int fake_vgic_fresh(void **unused)
{
	(void)unused;
	state = (struct pd_state){ 0 };
	memset(interfaces, 0xff, sizeof(interfaces));
	memset(physical, 0, sizeof(physical));
	memset(requests, 0, sizeof(requests));
	for (uint32_t i = 0; i < MSIS; i++)
		spi_add(i, FIRST_MSI + i, SPI_MSI);
	spi_add(MSIS, LEVEL, SPI_LEVEL);
	spi_add(MSIS + 1, EDGE, SPI_EDGE);
	spi_add(MSIS + 2, EMULATED, SPI_VIRTUAL);
	for (uint32_t vcpu = 0; vcpu < VCPUS; vcpu++)
		percpus[vcpu] = (struct percpu){ .pd = &pd, .state = &state, .vcpu = vcpu };
	run_as(0);
	vgic_reset();
	vgic_cpu_init();
	gicd_write(0x000, 2);
	gicd_write(0x104, UINT32_MAX);
	for (uint32_t i = 32; i < INTIDS; i += 4)
		gicd_write(0x400 + i, 0x80808080);
	for (uint32_t vcpu = 0; vcpu < 2; vcpu++) {
		gicr_write(vcpu, 0x100, UINT32_MAX);
		for (uint32_t i = 0; i < 32; i += 4)
			gicr_write(vcpu, 0x400 + i, 0x80808080);
	}
	run_as(1);
	vgic_cpu_init();
	run_as(0);
	lr_writes();
	return 0;
}
