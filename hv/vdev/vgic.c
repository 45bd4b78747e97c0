/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PD's interrupts: the lock around them, and how CPUs of the PD have each
 * other look. The hardware serves the PD's acknowledgements and ends from list
 * registers; those, and the short way into them of what is raised, are in
 * vgic_lr.c. What the PD does to the controller is in vgic_registers.c.
 */
#include "vgic.h"

#include <mullion/request.h>

static uint8_t vgic_peek(const uint8_t *word) { return __atomic_load_n(word, __ATOMIC_RELAXED); }
static bool pd_stops(const struct pd_state *state) { return __atomic_load_n(&state->stopping, __ATOMIC_RELAXED); }

/*
 * While another CPU wants list registers empty, ours are, and we wait in EL2. It
 * waits for nobody who stops for ever, and we not for it: `stopping`. Those who
 * wait leave the lock alone, or they would keep it from the one they wait for;
 * our bit goes when yet another CPU wants the same (vgic_stop_others()).
 */
static void vgic_yield(void)
{
	struct pd_state *state = percpu()->state;
	struct vgic *gic = &state->vgic;
	uint8_t self = (uint8_t)BIT(percpu()->vcpu);

	while (gic->stop && !state->stopping) {
		vgic_lr_fold_all();
		gic->stopped = gic->stopped | self;
		lock_release(&state->lock);
		do
			arch_lock_relax();
		while (vgic_peek(&gic->stop) && vgic_peek(&gic->stopped) & self && !pd_stops(state));
		lock_take(&state->lock);
	}
}

static void vgic_locked(void)
{
	if (percpu()->vgic.overflow)
		vgic_lr_end_outside();
	if (vgic()->stop)
		vgic_yield();
}

void vgic_lock(void)
{
	lock_take(&percpu()->state->lock);
	vgic_locked();
}

static void vgic_request(uint32_t vcpus)
{
	for (; vcpus; vcpus &= vcpus - 1)
		request_send(percpu()->pd->cpus[__builtin_ctz(vcpus)], REQUEST_VGIC);
}

void vgic_unlock(void)
{
	struct percpu *cpu = percpu();
	uint32_t kicks;

	if (cpu->vgic.overflow)
		vgic_lr_sync();
	if (vgic()->stop == cpu->vcpu + 1)
		vgic()->stop = 0;
	kicks = cpu->vgic.kicks;
	cpu->vgic.kicks = 0;
	lock_release(&cpu->state->lock);
	vgic_request(kicks);
}

void vgic_kick(uint32_t vcpu)
{
	percpu()->vgic.kicks = (uint8_t)(percpu()->vgic.kicks | (vgic()->online & BIT(vcpu)));
}

void vgic_stop_others(void)
{
	struct pd_state *state = percpu()->state;
	struct vgic *gic = &state->vgic;
	uint8_t self = (uint8_t)BIT(percpu()->vcpu);

	gic->stop = (uint8_t)(percpu()->vcpu + 1);
	gic->stopped = self;
	lock_release(&state->lock);
	vgic_request(gic->online & ~(uint32_t)self);
	lock_take(&state->lock);
	while ((gic->online & ~(uint32_t)gic->stopped) && !state->stopping) {
		lock_release(&state->lock);
		do
			arch_lock_relax();
		while (vgic_peek(&gic->online) & ~(uint32_t)vgic_peek(&gic->stopped) && !pd_stops(state));
		lock_take(&state->lock);
	}
}

void vgic_update(struct virq *virq)
{
	if (virq_holder(virq) == percpu()->vcpu && vgic_is_online(percpu()->vcpu))
		vgic_lr_update(virq);
	else if (virq->home || virq_is_deliverable(virq))
		vgic_kick(virq_holder(virq));
}

void vgic_refresh(void)
{
	vgic_lock();
	percpu()->vgic.overflow = vgic_is_online(percpu()->vcpu);
	vgic_unlock();
}

void vgic_raise_locked(struct virq *virq, unsigned physical)
{
	vgic_locked();
	virq_set(virq, VIRQ_PENDING | physical);
	vgic_update(virq);
	vgic_unlock();
}

/* Not pending because of its line any more, nor perhaps in a list register: vgic_update(). */
void vgic_set_line(uint32_t spi, bool high)
{
	struct virq *virq = &vgic()->spis[spi];

	vgic_lock();
	if (virq_has(virq, VIRQ_LINE) != high) {
		virq->flags ^= VIRQ_LINE;
		vgic_update(virq);
	}
	vgic_unlock();
}

void vgic_reset(void)
{
	static const uint8_t flags[] = { [SPI_LEVEL] = VIRQ_LEVEL, [SPI_VIRTUAL] = VIRQ_LEVEL | VIRQ_EMULATED };
	const struct table_pd *pd = percpu()->pd;
	struct vgic *gic = vgic();

	/* Of a PD that starts anew: its wires were handed over, and are no longer. */
	for (uint32_t i = 0; i < pd->spi_count; i++) {
		virq_clear(&gic->spis[i], VIRQ_PENDING | VIRQ_ACTIVE);
		vgic_settle(&gic->spis[i]);
	}
	*gic = (struct vgic){ 0 };
	for (uint32_t vcpu = 0; vcpu < TABLE_VCPUS_MAX; vcpu++)
		for (uint32_t intid = 0; intid < VGIC_PRIVATE; intid++)
			gic->private[vcpu][intid] = (struct virq){ .flags = intid < VGIC_SGIS ? 0 : VIRQ_LEVEL,
								   .target = (uint8_t)vcpu };
	for (uint32_t i = 0; i < pd->spi_count; i++)
		gic->spis[i].flags = flags[pd->spis[i].kind];
}
