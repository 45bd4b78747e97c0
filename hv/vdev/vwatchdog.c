/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Virtual generic watchdog of Arm's Base System Architecture (DEN0094,
 * appendix "Generic Watchdog"; revision 1, whose offset has 48 bits): it signals
 * WS0, the PD's interrupt, when it was not refreshed in time, and WS1 if that
 * happens again, which is a crash of the PD. Its clock is the system counter.
 *
 * Signals and the timer behind them are the first CPU's, so that they are set by
 * one CPU, in order: others write registers and ask it to look.
 */
#include <mullion/vdev.h>

#include <mullion/arch.h>
#include <mullion/bits.h>
#include <mullion/percpu.h>
#include <mullion/request.h>

enum {
	WATCHDOG_WCS = 0x000, WATCHDOG_WOR = 0x008, WATCHDOG_WCV = 0x010,       /* control; from WOR on low, high */
	WATCHDOG_WRR = PAGE_SIZE,       /* refresh frame */
	WATCHDOG_IIDR = 0xfcc,          /* of both */
	WATCHDOG_TIMER_MAX = (1u << 31) - 1,    /* arch_timer_start() */
};
#define WATCHDOG_WCS_ENABLED BIT(0)
#define WATCHDOG_WCS_WS0     BIT(1)
#define WATCHDOG_WCS_WS1     BIT(2)
#define WATCHDOG_WOR_MASK    GENMASK(47, 0)
#define WATCHDOG_REVISION    (UINT64_C(1) << 16)        /* of WATCHDOG_IIDR; nobody's implementation */

static void watchdog_set_half(uint64_t *reg, bool high, uint32_t value)
{
	*reg = high ? (*reg & UINT32_MAX) | (uint64_t)value << 32 : (*reg & ~(uint64_t)UINT32_MAX) | value;
}

/* An explicit refresh: a write to the refresh register, the offset or WCS. */
static void watchdog_refresh(struct vwatchdog *dog)
{
	dog->status &= WATCHDOG_WCS_ENABLED;
	dog->compare = arch_ticks() + dog->offset;
}

static void watchdog_write(struct vwatchdog *dog, uint64_t offset, uint32_t value)
{
	switch (offset & ~UINT64_C(4)) {
	case WATCHDOG_WCV:
		watchdog_set_half(&dog->compare, offset & 4, value);
		return;
	case WATCHDOG_WOR:
		watchdog_set_half(&dog->offset, offset & 4, value);
		dog->offset &= WATCHDOG_WOR_MASK;
		break;
	case WATCHDOG_WCS:
		if (offset & 4)
			return;
		dog->status = value & WATCHDOG_WCS_ENABLED;
		break;
	case WATCHDOG_WRR:
		if (offset & 4)
			return;
		break;
	default:
		return;
	}
	watchdog_refresh(dog);
}

static uint64_t watchdog_read(const struct vwatchdog *dog, uint64_t offset)
{
	unsigned shift = 8 * (unsigned)(offset & 4);

	switch (offset & ~UINT64_C(4)) {
	case WATCHDOG_WCS:
		return shift ? 0 : dog->status;
	case WATCHDOG_WOR:
		return dog->offset >> shift & UINT32_MAX;
	case WATCHDOG_WCV:
		return dog->compare >> shift & UINT32_MAX;
	default:
		return offset % PAGE_SIZE == WATCHDOG_IIDR ? WATCHDOG_REVISION : 0;
	}
}

/* With the lock. True if it was not refreshed after WS0 either. */
static bool watchdog_times_out(struct vwatchdog *dog, uint64_t now)
{
	if (!(dog->status & WATCHDOG_WCS_ENABLED) || now < dog->compare)
		return false;
	if (dog->status & WATCHDOG_WCS_WS0) {
		dog->status |= WATCHDOG_WCS_WS1;
		return true;
	}
	dog->status |= WATCHDOG_WCS_WS0;
	dog->compare = now + dog->offset;
	return false;
}

static void watchdog_arm(const struct vwatchdog *dog, uint64_t now)
{
	uint64_t left = dog->compare > now ? dog->compare - now : 0;

	if (dog->status & WATCHDOG_WCS_ENABLED)
		arch_timer_start(left < WATCHDOG_TIMER_MAX ? left : WATCHDOG_TIMER_MAX);
	else
		arch_timer_stop();
}

void vwatchdog_serve(void)
{
	struct percpu *cpu = percpu();
	struct vwatchdog *dog = &cpu->state->vwatchdog;
	uint64_t now = arch_ticks();
	bool expired, signal;

	if (!cpu->pd->has_watchdog || cpu->vcpu)
		return;
	if (cpu->state->stopping) {
		arch_timer_stop();
		return;
	}
	lock_take(&cpu->state->lock);
	expired = watchdog_times_out(dog, now);
	signal = dog->status & WATCHDOG_WCS_WS0;
	watchdog_arm(dog, now);
	lock_release(&cpu->state->lock);
	vgic_set_line(cpu->pd->watchdog_spi, signal);
	if (expired)
		pd_hang("its watchdog expired");
}

bool vwatchdog_access(uint64_t offset, unsigned bytes, bool write, uint64_t *value)
{
	struct percpu *cpu = percpu();
	struct vwatchdog *dog = &cpu->state->vwatchdog;

	if (bytes != 4)
		return false;
	lock_take(&cpu->state->lock);
	if (write)
		watchdog_write(dog, offset, (uint32_t)*value);
	else
		*value = watchdog_read(dog, offset);
	lock_release(&cpu->state->lock);
	if (write && cpu->vcpu)
		request_send(cpu->pd->cpus[0], REQUEST_WATCHDOG);
	else if (write)
		vwatchdog_serve();
	return true;
}
