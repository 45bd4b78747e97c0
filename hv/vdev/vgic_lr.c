/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list registers of this CPU (IHI 0069H, chapter 6 and 12.4). As long as
 * all that is pending or active fits, each interrupt has its own and nothing
 * else is looked at. When it does not (overflow), the most urgent ones are
 * chosen from the page each time something changes, so that none outside goes
 * before one inside, and the hardware asks for more once at most one is left
 * (underflow: there must be at least two list registers), or when the PD ends
 * one that is outside.
 */
#include "vgic.h"

#include <arch/vgic_hw.h>
#include <mullion/gicv3_regs.h>
#include <mullion/irqchip.h>

#define ICH_HCR_EN       BIT(0)
#define ICH_HCR_UIE      BIT(1)
#define ICH_HCR_LRENPIE  BIT(2)

#define ICH_LR_VINTID    GENMASK(31, 0)
#define ICH_LR_PINTID    GENMASK(44, 32)
#define ICH_LR_EOI       BIT(41)                /* HW = 0: maintenance interrupt once it is empty */
#define ICH_LR_PRIORITY  GENMASK(55, 48)
#define ICH_LR_GROUP1    BIT(60)
#define ICH_LR_HW        BIT(61)
#define ICH_LR_PENDING   BIT(62)
#define ICH_LR_ACTIVE    BIT(63)

static bool virq_is_private(const struct virq *virq) { return virq < vgic()->spis; }

static uint32_t virq_intid(const struct virq *virq)
{
	return virq_is_private(virq) ? (uint32_t)(virq - &vgic()->private[0][0]) % VGIC_PRIVATE :
				       percpu()->pd->spis[virq - vgic()->spis].intid;
}

void vgic_settle(struct virq *virq)
{
	if ((virq->flags & (VIRQ_PHYSICAL | VIRQ_PENDING | VIRQ_ACTIVE)) != VIRQ_PHYSICAL)
		return;
	/* A CPU's private interrupt is deactivated there (chapter 4): by its next refresh. */
	if (virq_is_private(virq) && virq->target != percpu()->vcpu) {
		vgic_kick(virq->target);
		return;
	}
	virq_clear(virq, VIRQ_PHYSICAL);
	irqchip_deactivate(virq_intid(virq));
}

void vgic_resample(struct virq *virq)
{
	if (virq_has(virq, VIRQ_LEVEL) && virq_has(virq, VIRQ_PHYSICAL)) {
		virq_clear(virq, VIRQ_PENDING);
		vgic_settle(virq);
	}
}

/* This vCPU has it active, or shall see it pending. */
static bool lr_is_wanted(const struct virq *virq)
{
	return (virq_has(virq, VIRQ_ACTIVE) || virq_is_deliverable(virq)) && virq_holder(virq) == percpu()->vcpu;
}

/*
 * HW = 1 lets the PD's deactivation end the physical interrupt too; it cannot be
 * active and pending at once (ICH_LR.State). Such a one, and the level of an
 * emulated device, ask for a maintenance interrupt when they are through; with
 * `ask`, so does any.
 */
static void lr_put(unsigned n, struct virq *virq, bool ask)
{
	unsigned flags = virq->flags;
	uint32_t intid = virq_intid(virq);
	uint64_t lr = FIELD_PREP(ICH_LR_VINTID, intid) | FIELD_PREP(ICH_LR_PRIORITY, virq->priority) | ICH_LR_GROUP1;

	if (flags & VIRQ_ACTIVE)
		lr |= ICH_LR_ACTIVE;
	if (virq_is_deliverable(virq)) {
		lr |= ICH_LR_PENDING;
		if (flags & VIRQ_EMULATED)
			virq_set(virq, VIRQ_SHOWN);
		else
			virq_clear(virq, VIRQ_PENDING);
	}
	if (!ask && (flags & VIRQ_PHYSICAL) &&
	    (flags & (VIRQ_ACTIVE | VIRQ_PENDING)) != (VIRQ_ACTIVE | VIRQ_PENDING)) {
		lr |= ICH_LR_HW | FIELD_PREP(ICH_LR_PINTID, intid);
		virq_clear(virq, VIRQ_PHYSICAL);
	} else if (ask || (flags & (VIRQ_PHYSICAL | VIRQ_EMULATED))) {
		lr |= ICH_LR_EOI;
	}
	virq_clear(virq, VIRQ_ACTIVE);
	virq->home = (uint8_t)(FIELD_PREP(VIRQ_HOME_LR, n) | (percpu()->vcpu + 1));
	percpu()->vgic.lrs[n] = virq;
	vgic_hw_lr_write(n, lr);
}

/* What list register `n` held goes back to the page. It must be written before the PD runs. */
static void lr_take(unsigned n)
{
	struct virq **held = &percpu()->vgic.lrs[n];
	struct virq *virq = *held;
	uint64_t lr;

	if (!virq)
		return;
	*held = NULL;
	lr = vgic_hw_lr_read(n);
	if ((lr & ICH_LR_PENDING) && !virq_has(virq, VIRQ_EMULATED))
		virq_set(virq, VIRQ_PENDING);
	if (!(lr & ICH_LR_PENDING) && virq_has(virq, VIRQ_SHOWN))
		virq_clear(virq, VIRQ_PENDING);
	virq_clear(virq, VIRQ_SHOWN);
	if (lr & ICH_LR_ACTIVE)
		virq_set(virq, VIRQ_ACTIVE);
	else
		virq->home = 0;
	if ((lr & ICH_LR_HW) && (lr & (ICH_LR_ACTIVE | ICH_LR_PENDING)))
		virq_set(virq, VIRQ_PHYSICAL);
	vgic_settle(virq);
	if (virq_is_deliverable(virq) && virq_holder(virq) != percpu()->vcpu)
		vgic_kick(virq_holder(virq));
}

void vgic_lr_fold_all(void)
{
	struct vgic_cpu *cpu = &percpu()->vgic;

	for (unsigned n = 0; n < cpu->lr_count; n++)
		lr_take(n);
	cpu->overflow = vgic_is_online(percpu()->vcpu);
}

/* The list register that has it, else VGIC_LRS_MAX. */
static unsigned lr_find(const struct virq *virq)
{
	unsigned n = (unsigned)FIELD_GET(VIRQ_HOME_LR, virq->home);

	return virq_holder(virq) == percpu()->vcpu && percpu()->vgic.lrs[n] == virq ? n : VGIC_LRS_MAX;
}

/* One that holds nothing, rather one that held nothing last; VGIC_LRS_MAX if there is none. */
static unsigned lr_find_free(void)
{
	const struct vgic_cpu *cpu = &percpu()->vgic;
	uint64_t free = vgic_hw_lr_free();
	unsigned found = VGIC_LRS_MAX;

	for (unsigned n = cpu->lr_count; n-- > 0;)
		if ((free & BIT(n)) && (found == VGIC_LRS_MAX || !cpu->lrs[n]))
			found = n;
	return found;
}

void vgic_lr_fold(struct virq *virq)
{
	unsigned n = lr_find(virq);

	if (n < VGIC_LRS_MAX) {
		lr_take(n);
		vgic_hw_lr_write(n, 0);
	}
}

void vgic_lr_update(struct virq *virq)
{
	struct vgic_cpu *cpu = &percpu()->vgic;
	unsigned n;

	if (cpu->overflow)
		return;         /* vgic_unlock() looks at everything */
	n = lr_find(virq);
	vgic_lr_fold(virq);
	if (!lr_is_wanted(virq))
		return;
	if (n == VGIC_LRS_MAX)
		n = lr_find_free();
	cpu->overflow = n == VGIC_LRS_MAX;
	if (cpu->overflow)
		return;
	lr_take(n);     /* what last had it */
	lr_put(n, virq, false);
}

struct lr_choice {
	unsigned count;
	bool more;              /* than there are list registers */
	bool active_first;
	struct virq *virqs[VGIC_LRS_MAX];
};

static unsigned lr_rank(const struct lr_choice *choice, const struct virq *virq)
{
	unsigned pending = !virq_has(virq, VIRQ_ACTIVE);

	return choice->active_first ? pending << 8 | virq->priority : virq->priority * 2u | pending;
}

/* Adds those that are wanted, by rank, then by INTID. */
static void lr_choose(struct lr_choice *choice, struct virq *virqs, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		unsigned n;

		if (!lr_is_wanted(&virqs[i]))
			continue;
		if (choice->count == percpu()->vgic.lr_count) {
			choice->more = true;
			if (lr_rank(choice, choice->virqs[choice->count - 1]) <= lr_rank(choice, &virqs[i]))
				continue;
			choice->count--;
		}
		for (n = choice->count++; n && lr_rank(choice, choice->virqs[n - 1]) > lr_rank(choice, &virqs[i]); n--)
			choice->virqs[n] = choice->virqs[n - 1];
		choice->virqs[n] = &virqs[i];
	}
}

/* The most urgent one that is active outside of the list registers. */
static void lr_find_outside(struct virq *virqs, uint32_t count, struct virq **found)
{
	for (uint32_t i = 0; i < count; i++)
		if (virq_has(&virqs[i], VIRQ_ACTIVE) && virqs[i].home && virq_holder(&virqs[i]) == percpu()->vcpu &&
		    (!*found || virqs[i].priority < (*found)->priority))
			*found = &virqs[i];
}

/*
 * What the PD ended that no list register had (ICH_HCR.EOIcount). Interrupts
 * end in the reverse order of their acknowledgement (chapter 4), the most urgent
 * first, where EOI and deactivation are one; where they are two, active ones
 * stay inside.
 */
void vgic_lr_end_outside(void)
{
	for (unsigned n = vgic_hw_eoi_count(); n > 0; n--) {
		struct virq *virq = NULL;

		lr_find_outside(vgic()->private[percpu()->vcpu], VGIC_PRIVATE, &virq);
		lr_find_outside(vgic()->spis, percpu()->pd->spi_count, &virq);
		if (!virq)
			return;
		virq_clear(virq, VIRQ_ACTIVE);
		virq->home = 0;
		vgic_settle(virq);
	}
}

void vgic_lr_sync(void)
{
	struct vgic_cpu *cpu = &percpu()->vgic;
	struct lr_choice choice = { .active_first = vgic_hw_eoi_split() };

	vgic_lr_fold_all();
	vgic_settle(&vgic()->private[percpu()->vcpu][table.timer_intid]);
	lr_choose(&choice, vgic()->private[percpu()->vcpu], VGIC_PRIVATE);
	lr_choose(&choice, vgic()->spis, percpu()->pd->spi_count);
	for (unsigned n = 0; n < cpu->lr_count; n++)
		if (n < choice.count)
			lr_put(n, choice.virqs[n], choice.more && choice.active_first);
		else
			vgic_hw_lr_write(n, 0);
	cpu->overflow = choice.more;
	vgic_hw_control(choice.more ? ICH_HCR_EN | ICH_HCR_UIE | ICH_HCR_LRENPIE : ICH_HCR_EN);
}

void vgic_cpu_init(void)
{
	struct vgic_cpu *cpu = &percpu()->vgic;

	vgic_hw_reset();
	vgic_lock();
	*cpu = (struct vgic_cpu){ .lr_count = (uint8_t)vgic_hw_lr_count(), .overflow = true };
	vgic()->online = (uint8_t)(vgic()->online | BIT(percpu()->vcpu));
	vgic_resample(&vgic()->private[percpu()->vcpu][table.timer_intid]);
	vgic_unlock();          /* every list register is written, with what waited in the page */
}

/* Its timer is off with it, so that nothing of this CPU's own stays active. */
void vgic_cpu_off(void)
{
	struct virq *timer = &vgic()->private[percpu()->vcpu][table.timer_intid];

	vgic_lock();
	vgic()->online = (uint8_t)(vgic()->online & ~BIT(percpu()->vcpu));
	vgic_lr_fold_all();
	virq_clear(timer, VIRQ_PENDING | VIRQ_ACTIVE);
	timer->home = 0;
	vgic_settle(timer);
	vgic_unlock();
	vgic_hw_control(0);
}

/*
 * Without the lock: it is pending. VIRQ_PHYSICAL or 0. The short way is that of
 * an interrupt that comes again, disturbed by nothing: no word of the page
 * changes, as the list register that had it last still is its place. Nothing
 * outside, in an overflow, is more urgent than what was chosen to be inside.
 */
static inline void virq_raise(const struct percpu *cpu, struct virq *virq, uint32_t intid, unsigned physical)
{
	struct pd_state *state = cpu->state;
	unsigned n;

	lock_take(&state->lock);
	n = (unsigned)FIELD_GET(VIRQ_HOME_LR, virq->home);
	if (cpu->vgic.lrs[n] != virq || (virq->flags & ~(unsigned)VIRQ_LEVEL) != VIRQ_ENABLED ||
	    !state->vgic.group_enabled || !(vgic_hw_lr_free() & BIT(n))) {
		vgic_raise_locked(virq, physical);
		return;
	}
	vgic_hw_lr_write(n, FIELD_PREP(ICH_LR_VINTID, intid) | FIELD_PREP(ICH_LR_PRIORITY, virq->priority) |
				    ICH_LR_GROUP1 | ICH_LR_PENDING |
				    (physical ? ICH_LR_HW | FIELD_PREP(ICH_LR_PINTID, intid) : 0));
	lock_release(&state->lock);
}

void vgic_inject_private(uint32_t intid)
{
	const struct percpu *cpu = percpu();

	virq_raise(cpu, &cpu->state->vgic.private[cpu->vcpu][intid], intid, VIRQ_PHYSICAL);
}

void vgic_inject_spi(uint32_t idx)
{
	const struct percpu *cpu = percpu();
	const struct table_spi *spi = &cpu->pd->spis[idx];

	virq_raise(cpu, &cpu->state->vgic.spis[idx], spi->intid, spi->kind == SPI_MSI ? 0 : VIRQ_PHYSICAL);
}

/* Aff1, Aff2, RS, Aff3: vCPUs have Aff0 below 16 only (12.2). */
#define ICC_SGI1R_OTHER (ICC_SGI1R_AFF1 | ICC_SGI1R_AFF2 | ICC_SGI1R_RS | ICC_SGI1R_AFF3)

void vgic_send_sgi(uint64_t value)
{
	const struct percpu *cpu = percpu();
	uint32_t all = (uint32_t)BIT(cpu->pd->cpu_count) - 1;
	uint32_t intid = (uint32_t)FIELD_GET(ICC_SGI1R_INTID, value);
	uint32_t targets = (uint32_t)FIELD_GET(ICC_SGI1R_TARGETS, value) & all;

	if (value & ICC_SGI1R_IRM)
		targets = all & ~(uint32_t)BIT(cpu->vcpu);
	else if (value & ICC_SGI1R_OTHER)
		targets = 0;
	for (; targets; targets &= targets - 1)
		virq_raise(cpu, &cpu->state->vgic.private[__builtin_ctz(targets)][intid], intid, 0);
}
