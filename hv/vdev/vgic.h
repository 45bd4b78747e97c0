/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside the virtual GICv3: vgic.c (the lock, and CPUs among each other),
 * vgic_lr.c (list registers, and what raises interrupts), vgic_registers.c (what
 * the PD's accesses do). All of struct vgic is read and written with the PD's
 * lock, and with no other, but for what concerns nobody but the reader.
 */
#ifndef VDEV_VGIC_H
#define VDEV_VGIC_H

#include <mullion/bits.h>
#include <mullion/percpu.h>

/* struct virq.flags */
enum {
	VIRQ_ENABLED = 1 << 0,
	VIRQ_PENDING = 1 << 1,  /* latched, and in no list register (VIRQ_EMULATED: until acknowledged) */
	VIRQ_ACTIVE = 1 << 2,   /* and in no list register */
	VIRQ_LINE = 1 << 3,     /* input of an emulated device */
	VIRQ_PHYSICAL = 1 << 4, /* the physical one is active, and no list register will end it */
	VIRQ_SHOWN = 1 << 5,    /* VIRQ_EMULATED: its list register was made pending */
	VIRQ_LEVEL = 1 << 6,    /* what it is, for ever: */
	VIRQ_EMULATED = 1 << 7,
};

/* struct virq.home: the vCPU, and one; the list register. */
#define VIRQ_HOME_VCPU GENMASK(3, 0)
#define VIRQ_HOME_LR   GENMASK(7, 4)
_Static_assert(TABLE_VCPUS_MAX < 16 && VGIC_LRS_MAX <= 16, "struct virq.home");

enum { VGIC_SGIS = 16 };

static inline struct vgic *vgic(void) { return &percpu()->state->vgic; }
static inline bool virq_has(const struct virq *virq, unsigned flags) { return virq->flags & flags; }
static inline void virq_set(struct virq *virq, unsigned flags) { virq->flags = (uint8_t)(virq->flags | flags); }
static inline void virq_clear(struct virq *virq, unsigned flags) { virq->flags = (uint8_t)(virq->flags & ~flags); }

static inline bool vgic_is_online(uint32_t vcpu) { return vgic()->online >> vcpu & 1; }

/* It can be shown to the PD as pending. */
static inline bool virq_is_deliverable(const struct virq *virq)
{
	return virq_has(virq, VIRQ_PENDING | VIRQ_LINE) && virq_has(virq, VIRQ_ENABLED) && vgic()->group_enabled;
}

/* Which vCPU's list registers are its place: where it is, else where it goes. */
static inline uint32_t virq_holder(const struct virq *virq)
{
	return virq->home ? (uint32_t)FIELD_GET(VIRQ_HOME_VCPU, virq->home) - 1 : virq->target;
}

/* Takes the PD's lock; releases it, with list registers rewritten and other CPUs asked where that became necessary. */
void vgic_lock(void);
void vgic_unlock(void);
/* With the lock, which is released meanwhile: until vgic_unlock() no list register of another vCPU has any. */
void vgic_stop_others(void);
/* With the lock: vCPU `vcpu` refreshes after vgic_unlock(), unless it is off. */
void vgic_kick(uint32_t vcpu);
/* With the lock: what `virq` says, its holder's list registers will. */
void vgic_update(struct virq *virq);
/* With the lock: it is no longer pending or active; so is the physical one that was behind it. */
void vgic_settle(struct virq *virq);
/* The same of one that a level made pending: it comes again if the line is high. */
void vgic_resample(struct virq *virq);

/* With the lock, which it releases: it is pending. VIRQ_PHYSICAL or 0. */
void vgic_raise_locked(struct virq *virq, unsigned physical);

/* This CPU's list registers; with the lock. */
void vgic_lr_fold_all(void);            /* into the page; vgic_lr_sync() must follow before the PD runs */
void vgic_lr_fold(struct virq *virq);   /* if it is in one; vgic_lr_update() must follow */
void vgic_lr_update(struct virq *virq); /* its holder is this vCPU */
void vgic_lr_sync(void);                /* the most urgent of all that this vCPU holds */
void vgic_lr_end_outside(void);         /* of an overflow: before anything is folded */

#endif
