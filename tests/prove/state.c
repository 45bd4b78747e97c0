/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The invariant of a PD's page and of a CPU's own: assumed of what the analysed
 * code finds, asserted of what it leaves. Everything it does not name is any
 * value, whatever the code believes of it.
 */
#include "state.h"

#include <__fc_builtin.h>

struct percpu *prove_cpu;
volatile uint64_t prove_word;

/* struct virq.home (vgic.h): nobody's, or a vCPU and one, and a list register. */
static uint8_t any_home(void)
{
	uint32_t vcpu = any_within(0, TABLE_VCPUS_MAX);

	return vcpu ? (uint8_t)(any_within(0, VGIC_LRS_MAX - 1) << 4 | vcpu) : 0;
}

static void forget_virq(struct virq *virq)
{
	virq->target = (uint8_t)any_within(0, TABLE_VCPUS_MAX);
	virq->home = any_home();
}

uint32_t any_vcpus(void) { return any_within(0, (1u << prove_cpu->pd->cpu_count) - 1); }

/* Three bits, and a time of 48 (vwatchdog.c). */
enum { WATCHDOG_STATUS_MAX = 7 };
#define WATCHDOG_OFFSET_MAX ((UINT64_C(1) << 48) - 1)

static struct pd_state any_state;

static void make_any_state(void)
{
	Frama_C_make_unknown((char *)&any_state, sizeof(any_state));
	/*@ loop unroll 8; */
	for (unsigned vcpu = 0; vcpu < TABLE_VCPUS_MAX; vcpu++) {
		any_state.vcpus[vcpu].power = any_within(VCPU_OFF, VCPU_ON);
		/*@ loop unroll 32; */
		for (unsigned i = 0; i < VGIC_PRIVATE; i++)
			forget_virq(&any_state.vgic.private[vcpu][i]);
	}
	/*@ loop unroll 128; */
	for (unsigned i = 0; i < TABLE_PD_SPIS_MAX; i++)
		forget_virq(&any_state.vgic.spis[i]);
	any_state.vuart.length = any_within(0, VUART_LINE_SIZE);
	any_state.vuart.received = any_within(0, VUART_FIFO_SIZE);
	any_state.vuart.sent = any_bool();
	any_state.vuart.high = any_bool();
	any_state.vuart.telling = any_bool();
	any_state.vgic.online = (uint8_t)any_vcpus();
	any_state.stopping = any_within(0, PD_CRASHED + 1);
	any_state.ended = any_bool();
	any_state.reload = any_within(RELOAD_NONE, RELOAD_QUIET);
	any_state.restarts = any_within(0, prove_cpu->pd->restart_count);
	any_state.vwatchdog.status = (uint8_t)any_within(0, WATCHDOG_STATUS_MAX);
	any_state.vwatchdog.offset = any64() & WATCHDOG_OFFSET_MAX;
}

static void assert_virq(const struct virq *virq)
{
	uint8_t target = virq->target, home = virq->home;

	/*@ assert target_is_a_vcpu: target <= TABLE_VCPUS_MAX; */
	/*@ assert home_is_a_vcpu: home == 0 || 1 <= home % 16 <= TABLE_VCPUS_MAX; */
}

static void assert_state(const struct pd_state *state)
{
	uint32_t power = state->vcpus[any_within(0, TABLE_VCPUS_MAX - 1)].power;
	uint8_t online = state->vgic.online;
	uint32_t length = state->vuart.length, received = state->vuart.received;
	uint32_t stopping = state->stopping, reload = state->reload, restarts = state->restarts;
	uint8_t status = state->vwatchdog.status;
	uint64_t offset = state->vwatchdog.offset;

	assert_virq(&state->vgic.private[any_within(0, TABLE_VCPUS_MAX - 1)][any_within(0, VGIC_PRIVATE - 1)]);
	assert_virq(&state->vgic.spis[any_within(0, TABLE_PD_SPIS_MAX - 1)]);
	/*@ assert online_are_vcpus: online < (1 << prove_cpu->pd->cpu_count); */
	/*@ assert power_is_known: power <= VCPU_ON; */
	/*@ assert line_fits: length <= VUART_LINE_SIZE; */
	/*@ assert fifo_fits: received <= VUART_FIFO_SIZE; */
	/*@ assert status_is_known: stopping <= PD_CRASHED + 1; */
	/*@ assert reload_is_known: reload <= RELOAD_QUIET; */
	/*@ assert restarts_as_declared: restarts <= prove_cpu->pd->restart_count; */
	/*@ assert watchdog_status: status <= WATCHDOG_STATUS_MAX; */
	/*@ assert watchdog_offset: offset <= 0xffffffffffff; */
}

/* What a list register of this CPU is about: nothing, or an interrupt that the PD has. */
static struct virq *any_virq(void)
{
	struct vgic *gic = &prove_cpu->state->vgic;

	if (any_bool())
		return NULL;
	if (any_bool())
		return &gic->private[any_within(0, TABLE_VCPUS_MAX - 1)][any_within(0, VGIC_PRIVATE - 1)];
	return &gic->spis[any_within(0, prove_cpu->pd->spi_count - 1)];
}

void prove_cpu_is(uint32_t idx)
{
	const struct table_cpu *cpu = &table.cpus[idx];

	prove_cpu = cpu->percpu;
	Frama_C_make_unknown((char *)prove_cpu, sizeof(*prove_cpu));
	prove_cpu->cpu = cpu;
	prove_cpu->pd = &table.pds[cpu->pd];
	prove_cpu->state = prove_cpu->pd->state;
	prove_cpu->vcpu = cpu->vcpu;
	make_any_state();
	prove_cpu->runs = any_bool();
	prove_cpu->sealed = true;
	prove_cpu->vgic.lr_count = (uint8_t)any_within(1, VGIC_LRS_MAX);
	prove_cpu->vgic.overflow = any_bool();
	prove_cpu->vgic.kicks = (uint8_t)any_vcpus();
	/*@ loop unroll 16; */
	for (unsigned n = 0; n < VGIC_LRS_MAX; n++)
		prove_cpu->vgic.lrs[n] = any_virq();
	*prove_cpu->state = any_state;
}

void prove_invariant(void)
{
	const struct vgic_cpu *vgic = &prove_cpu->vgic;

	/*@ assert list_registers_fit: vgic->lr_count <= VGIC_LRS_MAX; */
	/*@ assert kicks_are_vcpus: vgic->kicks < (1 << prove_cpu->pd->cpu_count); */
	assert_state(prove_cpu->state);
}

void prove_others(void) { *prove_cpu->state = any_state; }

void prove_lock_taken(const uint32_t *taken)
{
	/*@ assert own_lock: taken == &prove_cpu->state->lock.taken; */
	prove_others();
}

void prove_lock_released(const uint32_t *taken)
{
	/*@ assert own_lock: taken == &prove_cpu->state->lock.taken; */
	prove_invariant();
}
