/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Protection domains: run and stop, one vCPU per CPU, on the CPUs that the
 * table names. A CPU of a PD runs its vCPU or is parked; it never runs another.
 */
#include <mullion/pd.h>

#include <mullion/arch.h>
#include <mullion/log.h>
#include <mullion/pci.h>
#include <mullion/percpu.h>
#include <mullion/request.h>
#include <mullion/section.h>

static SHARED_DATA uint8_t statuses[TABLE_PDS_MAX];

void pd_run(const struct table_cpu *cpu)
{
	struct pd_state *state = percpu()->state;

	if (cpu->pd && cpu->vcpu == 0) {
		vgic_reset();
		vuart_reset();
		log_info("%s starts at 0x%lx", percpu()->pd->label, percpu()->pd->entry.ipa);
		state->vcpus[0] = (struct vcpu_state){ VCPU_STARTING, percpu()->pd->entry.ipa,
						       percpu()->pd->argument.ipa };
	}
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
	found = (enum vcpu_power)state->power;
	if (found == VCPU_OFF)
		*state = (struct vcpu_state){ VCPU_STARTING, entry, argument };
	lock_release(&cpu->state->lock);
	if (found == VCPU_OFF)
		request_send(cpu->pd->cpus[vcpu], REQUEST_VCPU);
	return found;
}

/* This vCPU goes off. True if it was the last of its PD. */
static bool vcpu_leave(void)
{
	struct percpu *cpu = percpu();
	bool last = true;

	if (cpu->runs)
		vgic_cpu_off();
	cpu->runs = false;
	lock_take(&cpu->state->lock);
	cpu->state->vcpus[cpu->vcpu].power = VCPU_OFF;
	for (uint32_t i = 0; i < cpu->pd->cpu_count; i++)
		if (cpu->state->vcpus[i].power == VCPU_ON ||
		    (cpu->state->vcpus[i].power == VCPU_STARTING && !cpu->state->stopping))
			last = false;
	lock_release(&cpu->state->lock);
	return last;
}

/* Leaves as a stopping PD does: the last vCPU says so. */
static _Noreturn void vcpu_leave_stopped(void)
{
	struct percpu *cpu = percpu();

	if (vcpu_leave()) {
		statuses[cpu->cpu->pd] = (uint8_t)(cpu->state->stopping - 1);
		request_send(table.housekeeping, REQUEST_POWER);
	}
	arch_park();
}

static _Noreturn void pd_stop(enum pd_status status)
{
	struct percpu *cpu = percpu();
	bool first;

	lock_take(&cpu->state->lock);
	first = !cpu->state->stopping;
	if (first)
		cpu->state->stopping = (uint32_t)status + 1;
	lock_release(&cpu->state->lock);
	for (uint32_t i = 0; first && i < cpu->pd->function_count; i++)
		pci_stop_dma(cpu->pd->first_function + i);
	if (first)
		vuart_flush();
	for (uint32_t i = 0; first && i < cpu->pd->cpu_count; i++)
		if (i != cpu->vcpu)
			request_send(cpu->pd->cpus[i], REQUEST_VCPU);
	vcpu_leave_stopped();
}

void pd_vcpu_off(void)
{
	if (vcpu_leave()) {
		log_info("%s turned its last CPU off", percpu()->pd->label);
		pd_stop(PD_OFF);
	}
	arch_park();
}

void pd_end(enum pd_status wish)
{
	log_info("%s %s", percpu()->pd->label, wish == PD_RESET ? "asks for a reset" : "is off");
	pd_stop(wish);
}

void pd_crash(const char *reason, uint64_t pc, uint64_t addr)
{
	log_warn("%s stopped: %s, pc 0x%lx, at 0x%lx", percpu()->pd->label, reason, pc, addr);
	pd_stop(PD_CRASHED);
}

void pd_serve_stop(void)
{
	if (percpu()->state->stopping && percpu()->runs)
		vcpu_leave_stopped();
}

void pd_stop_by_policy(void)
{
	if (percpu()->state->stopping)
		return;
	log_warn("%s stopped: a function of its own was denied memory (on-dma-fault)", percpu()->pd->label);
	pd_stop(PD_CRASHED);
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
