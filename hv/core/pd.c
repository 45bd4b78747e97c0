/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Protection domains: run and stop, one vCPU per CPU, on the CPUs that the
 * table names. A CPU of a PD runs its vCPU or is parked; it never runs another.
 * Once the last vCPU of a PD that stops is off, the PD is off for good, or its
 * first CPU starts it anew (reload.c).
 */
#include <mullion/pd.h>

#include <mullion/arch.h>
#include <mullion/exits.h>
#include <mullion/log.h>
#include <mullion/pci.h>
#include <mullion/percpu.h>
#include <mullion/request.h>
#include <mullion/section.h>

static SHARED_DATA uint8_t statuses[TABLE_PDS_MAX];

void pd_begin(void)
{
	const struct table_pd *pd = percpu()->pd;
	struct pd_state *state = percpu()->state;

	vgic_reset();
	vuart_reset();
	state->vpci = (struct vpci){ 0 };
	state->vwatchdog = (struct vwatchdog){ 0 };
	log_info("%s starts at 0x%lx", pd->label, pd->entry.ipa);
	lock_take(&state->lock);
	state->stopping = 0;
	state->ended = false;
	/* The last run may have turned one on that did not come to it. */
	for (uint32_t i = 1; i < pd->cpu_count; i++)
		state->vcpus[i].power = VCPU_OFF;
	state->vcpus[0] = (struct vcpu_state){ VCPU_STARTING, pd->entry.ipa, pd->argument.ipa };
	lock_release(&state->lock);
}

void pd_run(const struct table_cpu *cpu)
{
	if (cpu->pd && cpu->vcpu == 0)
		pd_begin();
	arch_park();
}

void pd_start_vcpu(void)
{
	struct percpu *cpu = percpu();
	struct vcpu_state *vcpu = &cpu->state->vcpus[cpu->vcpu];
	bool starts = false;

	if (!cpu->cpu->pd)
		return;
	lock_take(&cpu->state->lock);
	if (!cpu->state->stopping && vcpu->power == VCPU_STARTING) {
		vcpu->power = VCPU_ON;
		starts = true;
	}
	lock_release(&cpu->state->lock);
	if (!starts)
		return;
	vgic_cpu_init();
	cpu->runs = true;
	arch_vcpu_run(cpu->pd, vcpu->entry, vcpu->argument);
}

enum vcpu_power pd_vcpu_on(uint32_t vcpu, uint64_t entry, uint64_t argument)
{
	struct percpu *cpu = percpu();
	struct vcpu_state *state = &cpu->state->vcpus[vcpu];
	enum vcpu_power found;

	lock_take(&cpu->state->lock);
	found = cpu->state->stopping ? VCPU_ON : (enum vcpu_power)state->power;
	if (found == VCPU_OFF)
		*state = (struct vcpu_state){ VCPU_STARTING, entry, argument };
	lock_release(&cpu->state->lock);
	if (found == VCPU_OFF)
		request_send(cpu->pd->cpus[vcpu], REQUEST_VCPU);
	return found;
}

/*
 * This vCPU goes off. True for one CPU, once: no vCPU of the PD is on any more.
 * *first: nobody had stopped the PD before; it turned itself off, CPU by CPU.
 */
static bool vcpu_leave(bool *first)
{
	struct percpu *cpu = percpu();
	struct pd_state *state = cpu->state;
	bool last;

	if (cpu->runs)
		vgic_cpu_off();
	cpu->runs = false;
	lock_take(&state->lock);
	last = !state->ended;
	state->vcpus[cpu->vcpu].power = VCPU_OFF;
	for (uint32_t i = 0; i < cpu->pd->cpu_count; i++)
		if (state->vcpus[i].power == VCPU_ON || (state->vcpus[i].power == VCPU_STARTING && !state->stopping))
			last = false;
	state->ended |= last;
	*first = last && !state->stopping;
	if (*first)
		state->stopping = PD_OFF + 1;
	lock_release(&state->lock);
	return last;
}

void pd_stays_off(void)
{
	if (!percpu()->state->stopping)
		return;         /* a forged REQUEST_RELOAD may have started it meanwhile */
	statuses[percpu()->cpu->pd] = (uint8_t)(percpu()->state->stopping - 1);
	request_send(table.housekeeping, REQUEST_POWER);
}

/* The last vCPU of a PD that stops is off. */
static void pd_stopped(void)
{
	const struct percpu *cpu = percpu();

	if (cpu->state->reload == RELOAD_WANTED)
		request_send(cpu->pd->cpus[0], REQUEST_RELOAD);
	else
		pd_stays_off();
}

/* Leaves as a stopping PD does: the last vCPU sees to what follows. */
static _Noreturn void vcpu_leave_stopped(void)
{
	bool first;

	if (vcpu_leave(&first))
		pd_stopped();
	arch_park();
}

/* What whoever stops a PD does first. */
static void pd_quiet(void)
{
	const struct table_pd *pd = percpu()->pd;

	for (uint32_t i = 0; i < pd->function_count; i++)
		pci_stop_dma(pd->first_function + i);
	vuart_flush();
}

/* They leave, and print their counts. */
static void pd_tell_others(void)
{
	const struct percpu *cpu = percpu();

	for (uint32_t i = 0; i < cpu->pd->cpu_count; i++)
		if (i != cpu->vcpu)
			request_send(cpu->pd->cpus[i], REQUEST_VCPU);
}

/* With the PD's lock. One more restart, if the table lets it have that. */
static bool restart_take(void)
{
	const struct table_pd *pd = percpu()->pd;
	struct pd_state *state = percpu()->state;
	uint64_t now = arch_ticks();

	if (pd->restart_seconds && now - state->restarts_since >= pd->restart_seconds * arch_ticks_per_second())
		state->restarts = 0;
	if (state->restarts >= pd->restart_count)
		return false;
	if (!state->restarts++)
		state->restarts_since = now;
	return true;
}

static void restart_say(bool restarts)
{
	const struct table_pd *pd = percpu()->pd;

	if (restarts)
		log_info("%s restarts, %u of %u", pd->label, percpu()->state->restarts, pd->restart_count);
	else
		log_warn("%s stays off: restart-limit = <%u %u> is reached", pd->label, pd->restart_count,
			 pd->restart_seconds);
}

/* `again`: the PD starts anew, if it may. Whoever comes first decides. */
static _Noreturn void pd_stop(enum pd_status status, bool again)
{
	struct percpu *cpu = percpu();
	bool first, restarts = false;

	again = again && cpu->pd->restart_count;
	lock_take(&cpu->state->lock);
	first = !cpu->state->stopping;
	if (first) {
		restarts = again && restart_take();
		cpu->state->stopping = (again && !restarts ? (uint32_t)PD_CRASHED : (uint32_t)status) + 1;
		cpu->state->reload = restarts ? RELOAD_WANTED : RELOAD_NONE;
	}
	lock_release(&cpu->state->lock);
	if (first)
		pd_quiet();
	if (first && again)
		restart_say(restarts);
	exits_finish();
	if (first)
		pd_tell_others();
	vcpu_leave_stopped();
}

void pd_vcpu_off(void)
{
	bool first, last = vcpu_leave(&first);

	if (first) {
		log_info("%s turned its last CPU off", percpu()->pd->label);
		pd_quiet();
		exits_finish();
		pd_tell_others();
	}
	if (last)
		pd_stopped();
	arch_park();
}

void pd_end(enum pd_status wish)
{
	log_info("%s %s", percpu()->pd->label, wish == PD_RESET ? "asks for a reset" : "is off");
	pd_stop(wish, wish == PD_RESET);
}

void pd_crash(const char *reason, uint64_t pc, uint64_t addr)
{
	log_warn("%s stopped: %s, pc 0x%lx, at 0x%lx", percpu()->pd->label, reason, pc, addr);
	pd_stop(PD_CRASHED, percpu()->pd->on_crash == POLICY_RESTART);
}

void pd_hang(const char *reason)
{
	log_warn("%s stopped: %s", percpu()->pd->label, reason);
	pd_stop(PD_CRASHED, percpu()->pd->on_crash == POLICY_RESTART);
}

void pd_serve_stop(void)
{
	if (!percpu()->state->stopping)
		return;
	exits_finish();
	if (percpu()->runs)
		vcpu_leave_stopped();
}

static bool pd_is_quarantined(const struct table_pd *pd)
{
	for (uint32_t i = 0; i < pd->function_count; i++)
		if (pci_is_quarantined(pd->first_function + i))
			return true;
	return false;
}

/* One that was asked for before a restart is about functions that were reset meanwhile. */
void pd_stop_by_policy(void)
{
	const struct percpu *cpu = percpu();

	if (cpu->state->stopping || !pd_is_quarantined(cpu->pd))
		return;
	log_warn("%s stopped: a function of its own was denied memory (on-dma-fault)", cpu->pd->label);
	pd_stop(PD_CRASHED, cpu->pd->on_dma_fault == POLICY_RESTART);
}

/* Whether every PD asked to stop; `reset` if one of them asked for a reset. */
static bool pd_all_off(bool *reset)
{
	*reset = false;
	for (uint32_t i = 1; i < table.pd_count; i++) {
		if (statuses[i] == PD_RUNNING || statuses[i] == PD_CRASHED)
			return false;
		if (statuses[i] == PD_RESET)
			*reset = true;
	}
	return true;
}

void pd_serve_power(void)
{
	bool reset;

	if (!pd_all_off(&reset))
		return;
	events_finish();
	log_info("every PD is off: %s", reset ? "reset" : "power off");
	console_flush();
	if (reset)
		arch_system_reset();
	arch_system_off();
}
