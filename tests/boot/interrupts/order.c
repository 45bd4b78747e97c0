/* SPDX-License-Identifier: Apache-2.0 */
/* Priorities: more pending than the CPU has list registers for; preemption; both ways to end an interrupt. */
#include "tester.h"

#define CTLR_EOIMODE (UINT64_C(1) << 1)

enum { LIST_REGISTERS = 4, SGIS = 16, LATE = 1, NORMAL = 2, URGENT = 3 };

static uint8_t mixed(uint32_t intid) { return (uint8_t)(intid * 7 % 15 << 4); }

static void all_pending(void)
{
	priority_mask(0);
	for (uint32_t n = 0; n < DEVICES; n++) {
		priority_write(device_intid(n), mixed(device_intid(n)));
		device_raise(n);
	}
	for (uint32_t sgi = 0; sgi < SGIS; sgi++) {
		priority_write(sgi, mixed(sgi));
		pd_sgi(0, sgi);
	}
	pause();
	for (uint32_t intid = 0; intid < SGIS; intid++)
		result(ORDER_PENDING, bit_read(ISPENDR, intid));
	for (uint32_t n = 0; n < DEVICES; n++)
		result(ORDER_PENDING, bit_read(ISPENDR, device_intid(n)));
}

/* Each with the priority at which it runs. */
static void all_through(void)
{
	uint32_t intid;

	priority_mask(0xff);
	while ((intid = acknowledge_soon()) != NOTHING) {
		result(ORDER, (uint64_t)sysreg_read(ICC_RPR_EL1) << 32 | intid);
		end(intid);
	}
}

static void priorities_restore(void)
{
	for (uint32_t n = 0; n < DEVICES; n++)
		priority_write(device_intid(n), PRIORITY_NORMAL);
	for (uint32_t sgi = 0; sgi < SGIS; sgi++)
		priority_write(sgi, PRIORITY_NORMAL);
	priority_write(LATE, PRIORITY_LATE);
	priority_write(URGENT, PRIORITY_URGENT);
}

/* A more urgent one comes while one is active; an equal one and a later one wait. */
static void preemption(void)
{
	pd_sgi(0, NORMAL);
	result(PREEMPTION, acknowledge_soon());
	pd_sgi(0, LATE);
	pd_sgi(0, NORMAL + 2);
	result(PREEMPTION, acknowledge_never());
	pd_sgi(0, URGENT);
	result(PREEMPTION, acknowledge_soon());
	result(PREEMPTION, sysreg_read(ICC_RPR_EL1));
	end(URGENT);
	result(PREEMPTION, sysreg_read(ICC_RPR_EL1));
	end(NORMAL);
	for (int i = 0; i < 3; i++) {
		uint32_t intid = acknowledge_never();

		result(PREEMPTION, intid);
		end(intid);
	}
}

static void masked_by_priority(void)
{
	priority_mask(PRIORITY_NORMAL);         /* that one and later ones do not come */
	pd_sgi(0, NORMAL);
	pd_sgi(0, LATE);
	result(MASKED_BY_PRIORITY, acknowledge_never());
	pd_sgi(0, URGENT);
	result(MASKED_BY_PRIORITY, acknowledge_soon());
	end(URGENT);
	priority_mask(PRIORITY_LATE);
	result(MASKED_BY_PRIORITY, acknowledge_soon());
	end(NORMAL);
	result(MASKED_BY_PRIORITY, acknowledge_never());
	priority_mask(0xff);
	result(MASKED_BY_PRIORITY, acknowledge_soon());
	end(LATE);
}

static void deactivate(uint32_t intid)
{
	sysreg_write(ICC_DIR_EL1, intid);
	arch_isb();
}

static void split_take(uint32_t n)
{
	result(SPLIT_END, acknowledge_soon());
	end(device_intid(n));
	result(SPLIT_END, bit_read(ISACTIVER, device_intid(n)));
}

/*
 * EOIR ends the priority only: an equal one comes, the same one again not before
 * DIR. Active ones keep their list registers, so that the fifth waits for one.
 */
static void split_end(void)
{
	sysreg_write(ICC_CTLR_EL1, sysreg_read(ICC_CTLR_EL1) | CTLR_EOIMODE);
	arch_isb();
	for (uint32_t n = 0; n < LIST_REGISTERS; n++) {
		device_raise(n);
		split_take(n);
	}
	device_raise(0);
	result(SPLIT_END, acknowledge_never());
	device_raise(LIST_REGISTERS);
	result(SPLIT_END, acknowledge_never());
	deactivate(device_intid(2));
	split_take(LIST_REGISTERS);
	deactivate(device_intid(0));
	split_take(0);
	for (uint32_t n = 0; n <= LIST_REGISTERS; n++)
		deactivate(device_intid(n));
	for (uint32_t n = 0; n <= LIST_REGISTERS; n++)
		result(SPLIT_END, bit_read(ISACTIVER, device_intid(n)));
	result(SPLIT_END, acknowledge_never());
	sysreg_write(ICC_CTLR_EL1, sysreg_read(ICC_CTLR_EL1) & ~CTLR_EOIMODE);
	arch_isb();
}

/* Each more urgent than the one before, six deep, more than there are list registers; then the ends. */
static void nested(void)
{
	for (uint32_t n = 0; n < 6; n++) {
		priority_write(device_intid(n), (uint8_t)(0xd0 - 0x20 * n));
		device_raise(n);
		result(NESTED, acknowledge_soon());
	}
	for (uint32_t n = 0; n < 6; n++)
		result(NESTED, bit_read(ISACTIVER, device_intid(n)));
	for (uint32_t n = 6; n-- > 0;) {
		device_raise(n);                /* active and pending: again at once, when it ends */
		end(device_intid(n));
		result(NESTED, acknowledge_soon());
		end(device_intid(n));
		result(NESTED, bit_read(ISACTIVER, device_intid(n)));
	}
	result(NESTED, acknowledge_never());
}

void order_run(void)
{
	all_pending();
	all_through();
	priorities_restore();
	preemption();
	masked_by_priority();
	split_end();
	nested();
	priorities_restore();
}
