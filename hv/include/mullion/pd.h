/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Protection domains at run time: loaded before the seal, then running on
 * their own CPUs until they stop, for ever or to start anew.
 */
#ifndef MULLION_PD_H
#define MULLION_PD_H

#include <mullion/console.h>
#include <mullion/lock.h>
#include <mullion/table.h>
#include <mullion/vdev.h>

enum vcpu_power { VCPU_OFF, VCPU_STARTING, VCPU_ON };

/* How far a restart is, once every vCPU of the PD is off: reload.c. */
enum pd_reload { RELOAD_NONE, RELOAD_WANTED, RELOAD_QUIET };

struct vcpu_state {
	uint32_t power;         /* enum vcpu_power */
	uint64_t entry, argument;       /* of VCPU_STARTING */
};

/*
 * A PD's own page(s): writable in the run maps of its CPUs, readable for the
 * housekeeping CPU, in no other map. `lock` guards all of it; vgic.h says which
 * parts of `vgic` are read without. Nothing here decides what a device reaches.
 */
struct pd_state {
	struct lock lock;
	uint32_t stopping;      /* enum pd_status and one, once a CPU of the PD wants it stopped */
	bool ended;             /* all vCPUs are off, and one saw to what follows */
	uint32_t reload;        /* enum pd_reload */
	uint32_t restarts;      /* since: */
	uint64_t restarts_since;        /* ticks */
	struct vcpu_state vcpus[TABLE_VCPUS_MAX];
	struct vuart vuart;
	struct vwatchdog vwatchdog;
	struct vpci vpci;
	struct vgic vgic;
	struct console_ring ring;
};

enum { PD_STATE_SIZE = PAGE_SIZE };
_Static_assert(sizeof(struct pd_state) <= PD_STATE_SIZE, "the slot of a PD's state");

/* What became of a PD, in the shared page, by index into pds. */
enum pd_status { PD_RUNNING, PD_OFF, PD_RESET, PD_CRASHED };

/* After the seal: starts this CPU's vCPU, waits until it is turned on, or serves the hypervisor only. */
_Noreturn void pd_run(const struct table_cpu *cpu);
/* From arch_park(): starts this CPU's vCPU if it was turned on; else returns. */
void pd_start_vcpu(void);

/* Turns a vCPU of this CPU's PD on, which the PD has. Returns what it was: if not VCPU_OFF, nothing happens. */
enum vcpu_power pd_vcpu_on(uint32_t vcpu, uint64_t entry, uint64_t argument);
_Noreturn void pd_vcpu_off(void);

/*
 * Stops the PD of this CPU: its functions lose bus mastering. It starts anew if
 * the table says so, of a crash by its policy; else it never runs again.
 * PD_OFF and PD_RESET are the PD's own wish: when no PD runs any more the machine
 * is powered off or reset. A crash leaves the machine on.
 */
_Noreturn void pd_end(enum pd_status wish);
_Noreturn void pd_crash(const char *reason, uint64_t pc, uint64_t addr);
/* A crash that no instruction is to blame for. */
_Noreturn void pd_hang(const char *reason);
/* REQUEST_VCPU, REQUEST_STOP: as another CPU of the PD, or its policy, wants. Returns if there is nothing to do. */
void pd_serve_stop(void);
void pd_stop_by_policy(void);
/* REQUEST_POWER, housekeeping CPU: powers off or resets once every PD wished so. */
void pd_serve_power(void);
/* All vCPUs are off, memory and devices as at boot: the PD starts. By its first CPU. */
void pd_begin(void);
/* All vCPUs are off, and the PD does not start anew: tells the housekeeping CPU. By any CPU of the PD. */
void pd_stays_off(void);

/*
 * By the first CPU of a PD that is to start anew. REQUEST_RELOAD: its functions
 * forget what they were told; then, once this CPU has taken all interrupts that
 * were on their way, memory and functions are made what they were at boot.
 */
void reload_quiet(void);
void reload_load(void);

/*
 * Housekeeping CPU: reports what the IOMMU refused, by function, address and
 * rights, and acts as the PD's policy says. A bounded number at a time: then the
 * interrupt stays active, and thereby masked, until the timer.
 */
void events_interrupt(uint32_t intid);
void events_timer(void);
/* All that is left, bounded by the queue: before power off. */
void events_finish(void);

#endif
