/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vgic_lr.c by its contract (vdev/vgic.h), for the proof of what uses it: it may
 * change any interrupt of the PD, and what this CPU's list registers hold.
 */
#include "state.h"

#include "../../hv/vdev/vgic.h"

static void change(void)
{
	prove_others();
	prove_cpu->vgic.overflow = any_bool();
	prove_cpu->vgic.kicks = (uint8_t)any_vcpus();
}

void vgic_settle(struct virq *virq) { (void)virq->flags; change(); }
void vgic_resample(struct virq *virq) { (void)virq->flags; change(); }
void vgic_lr_fold_all(void) { change(); }
void vgic_lr_fold(struct virq *virq) { (void)virq->flags; change(); }
void vgic_lr_update(struct virq *virq) { (void)virq->flags; change(); }
void vgic_lr_sync(void) { change(); }
void vgic_lr_end_outside(void) { change(); }
