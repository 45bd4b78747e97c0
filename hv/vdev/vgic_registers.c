/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PD's distributor and redistributors (IHI 0069H, 12.9 to 12.11): affinity
 * routing and one security state for ever, group 1 only, no LPIs. Interrupts
 * that the PD does not have, and registers that nothing is behind, read 0 and
 * ignore writes.
 */
#include "vgic.h"

#include <mullion/gicv3_regs.h>
#include <mullion/section.h>

#define GIC_PRIORITY_BITS     GENMASK(7, 3)
/* What an IROUTER reads that names no vCPU, whatever was written. */
enum { GIC_ICFGR_EDGE = 2, GICR_64BIT_END = 0x0100, GICD_IROUTER_NOBODY = 0xff };

/* In place of a vCPU: the distributor. */
enum { VGIC_SHARED = TABLE_VCPUS_MAX };

/* One access to fields of `bits` bits, of the interrupts from `first` on. */
struct vgic_access {
	uint32_t vcpu, reg, first;
	unsigned bits;
	uint32_t fields;        /* which, a bit for each */
	bool write;
};

static struct virq *virq_find(uint32_t vcpu, uint32_t intid)
{
	const struct table_pd *pd = percpu()->pd;
	uint32_t spi;

	if (vcpu < VGIC_SHARED)
		return intid < VGIC_SGIS || intid == table.timer_intid ? &vgic()->private[vcpu][intid] : NULL;
	if (intid < VGIC_PRIVATE || intid >= pd->intid_end)
		return NULL;
	spi = pd->spi_of_intid[intid - VGIC_PRIVATE];
	return spi ? &vgic()->spis[spi - 1] : NULL;
}

_Static_assert(VIRQ_ENABLED == 1 && VIRQ_PENDING == 2 && VIRQ_ACTIVE == 4, "in the order of their registers");

/* By IS... or IC... register: the state that it is about; 0 for another. */
static unsigned field_flag(uint32_t reg)
{
	return reg >= GICD_ISENABLER && reg < GICD_IPRIORITYR ? 1u << (reg / GICD_ISENABLER - 1) : 0;
}

static uint64_t field_read(uint32_t reg, const struct virq *virq)
{
	unsigned flag = field_flag(reg);

	if (flag)
		return virq_has(virq, flag == VIRQ_PENDING ? VIRQ_PENDING | VIRQ_LINE : flag);
	if (reg == GICD_IPRIORITYR)
		return virq->priority;
	if (reg == GICD_ICFGR)
		return virq_has(virq, VIRQ_LEVEL) ? 0 : GIC_ICFGR_EDGE;
	return 1;       /* IGROUPR */
}

/* Groups and triggers are fixed. */
static void field_write(uint32_t reg, struct virq *virq, uint64_t value)
{
	unsigned flag = field_flag(reg);

	if (reg == GICD_IPRIORITYR)
		virq->priority = (uint8_t)(value & GIC_PRIORITY_BITS);
	if (!flag)
		return;
	if (!(reg & GIC_CLEAR)) {
		if (flag == VIRQ_ENABLED && !virq_has(virq, VIRQ_ENABLED))
			vgic_resample(virq);
		virq_set(virq, flag);
		return;
	}
	virq_clear(virq, flag);
	if (flag == VIRQ_ACTIVE)
		virq->home = 0;
	vgic_settle(virq);
}

/* Only the page is right then, not a list register that may have the interrupt. */
static bool access_needs_page(const struct vgic_access *access)
{
	return (access->reg >= GICD_ISPENDR && access->reg < GICD_IPRIORITYR) ||
	       (access->write && (access->reg == (GICD_ISENABLER | GIC_CLEAR) || access->reg == GICD_IPRIORITYR));
}

/* With the lock. Whether another vCPU's list registers may have one of them. */
static bool access_is_elsewhere(const struct vgic_access *access)
{
	for (uint32_t todo = access->fields; todo; todo &= todo - 1) {
		const struct virq *virq = virq_find(access->vcpu, access->first + (uint32_t)__builtin_ctz(todo));

		if (virq && virq->home && virq_holder(virq) != percpu()->vcpu)
			return true;
	}
	return false;
}

static APART bool access_fields(const struct vgic_access *access, uint64_t *value)
{
	bool page = access_needs_page(access);
	uint64_t mask = BIT(access->bits) - 1;

	vgic_lock();
	if (page && access_is_elsewhere(access))
		vgic_stop_others();
	for (uint32_t todo = access->fields; todo; todo &= todo - 1) {
		unsigned n = (unsigned)__builtin_ctz(todo);
		struct virq *virq = virq_find(access->vcpu, access->first + n);
		unsigned before;

		if (!virq)
			continue;
		before = virq->flags;
		if (page)
			vgic_lr_fold(virq);
		if (access->write)
			field_write(access->reg, virq, *value >> n * access->bits & mask);
		else
			*value |= field_read(access->reg, virq) << n * access->bits;
		if (page || virq->flags != before)
			vgic_update(virq);
	}
	vgic_unlock();
	return true;
}

static bool access_frame(uint32_t vcpu, uint32_t offset, unsigned bytes, bool write, uint64_t *value)
{
	unsigned bits = offset < GICD_IPRIORITYR ? 1 : offset < GICD_ICFGR ? 8 : 2;
	uint32_t reg = offset < GICD_IPRIORITYR ? offset & ~0x7fu : offset < GICD_ICFGR ? GICD_IPRIORITYR : GICD_ICFGR;
	struct vgic_access access;

	if (bytes != 4 && !(bytes == 1 && bits == 8))
		return false;
	if (offset < GICD_IGROUPR || offset >= GICD_ICFGR_END || (offset >= GICD_ITARGETSR && offset < GICD_ICFGR))
		return true;
	/* A write of 0 to a bit does nothing, in all of these registers. */
	if (write && bits == 1 && !(uint32_t)*value)
		return true;
	access = (struct vgic_access){ vcpu, reg, .bits = bits, .first = (offset - reg) * 8 / bits, .write = write };
	access.fields = write && bits == 1 ? (uint32_t)*value : (uint32_t)(BIT(bytes * 8 / bits) - 1);
	return access_fields(&access, value);
}

/*
 * Aff0 to Aff2 are in the low half, Aff3 in the high one; vCPUs have Aff0 only.
 * Interrupt_Routing_Mode is RES0: No1N. The vCPU that has it in a list register,
 * pending, is asked to pass it on: in finite time is soon enough.
 */
static APART bool access_router(uint32_t offset, unsigned bytes, bool write, uint64_t *value)
{
	struct virq *virq = virq_find(VGIC_SHARED, (offset - GICD_IROUTER) / 8);
	bool high = (offset & 4) != 0;
	uint64_t affinity = *value & (high ? GENMASK(7, 0) : (bytes == 8 ? GENMASK(39, 32) : 0) | GENMASK(23, 0));

	if (!virq)
		return true;
	vgic_lock();
	if (!write) {
		*value = high ? 0 : virq->target < TABLE_VCPUS_MAX ? virq->target : GICD_IROUTER_NOBODY;
	} else if (!high || affinity) {
		virq->target = (uint8_t)(!high && affinity < percpu()->pd->cpu_count ? affinity : TABLE_VCPUS_MAX);
		vgic_update(virq);
	}
	vgic_unlock();
	return true;
}

static uint64_t distributor_typer(void)
{
	return FIELD_PREP(GICD_TYPER_ITLINES, percpu()->pd->intid_end / 32 - 1) | FIELD_PREP(GICD_TYPER_IDBITS, 9) |
	       GICD_TYPER_NO1N;
}

/* The group is the whole controller's: each vCPU chooses anew what it shows. */
static APART bool distributor_enable(bool enable)
{
	vgic_lock();
	if (vgic()->group_enabled != enable) {
		vgic_stop_others();
		vgic()->group_enabled = enable;
		vgic_lr_fold_all();
	}
	vgic_unlock();
	return true;
}

bool vgic_distributor(uint64_t offset, unsigned bytes, bool write, uint64_t *value)
{
	switch (bytes == 4 ? offset : UINT64_MAX) {
	case GICD_CTLR:
		if (write)
			return distributor_enable(*value & GICD_CTLR_ENABLE_GRP1);
		*value = GICD_CTLR_DS | GICD_CTLR_ARE | (vgic()->group_enabled ? GICD_CTLR_ENABLE_GRP1 : 0);
		return true;
	case GICD_TYPER:
		*value = distributor_typer();
		return true;
	case GIC_PIDR2:
		*value = FIELD_PREP(GIC_PIDR2_ARCH, 3);
		return true;
	}
	if (offset & (bytes - 1))
		return false;
	if (offset >= GICD_IROUTER && offset < GICD_IROUTER_END && bytes >= 4)
		return access_router((uint32_t)offset, bytes, write, value);
	return access_frame(VGIC_SHARED, (uint32_t)offset, bytes, write, value);
}

static uint64_t redistributor_typer(uint32_t vcpu)
{
	return (uint64_t)vcpu << 32 | FIELD_PREP(GICR_TYPER_NUMBER, vcpu) |
	       (vcpu + 1 == percpu()->pd->cpu_count ? GICR_TYPER_LAST : 0);
}

/* Registers of 64 bits, which may be read by halves, are among the first ones of the first frame (12.11). */
bool vgic_redistributor(uint64_t offset, unsigned bytes, bool write, uint64_t *value)
{
	uint32_t vcpu = (uint32_t)(offset / GICR_STRIDE);

	offset %= GICR_STRIDE;
	if (vcpu >= percpu()->pd->cpu_count || offset & (bytes - 1))
		return false;
	if (offset >= GICR_SGI_FRAME)
		return access_frame(vcpu, (uint32_t)offset - GICR_SGI_FRAME, bytes, write, value);
	if (bytes != 4 && !(bytes == 8 && offset < GICR_64BIT_END))
		return false;
	if (offset == GICR_TYPER || offset == GICR_TYPER + 4)
		*value = redistributor_typer(vcpu) >> 8 * (offset & 4) & UINT64_MAX >> (64 - 8 * bytes);
	else if (offset == GICR_WAKER && write)
		vgic()->awake[vcpu] = !(*value & GICR_WAKER_SLEEP);
	else if (offset == GICR_WAKER)
		*value = vgic()->awake[vcpu] ? 0 : GICR_WAKER_SLEEP | GICR_WAKER_CHILDREN;
	else if (offset == GIC_PIDR2)
		*value = FIELD_PREP(GIC_PIDR2_ARCH, 3);
	return true;
}
