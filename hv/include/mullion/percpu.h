/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A CPU's own writable page: only its CPU's maps have it writable. The other
 * half of the page is the architecture's emergency stack. Nothing here decides
 * what a device reaches: which CPU this is, and its maps, come from constants.
 */
#ifndef MULLION_PERCPU_H
#define MULLION_PERCPU_H

#include <mullion/console.h>
#include <mullion/pd.h>
#include <mullion/table.h>

#include <arch/percpu.h>

enum { VGIC_LRS_MAX = 16 };

/* What this CPU's list registers hold: vgic_lr.c. */
struct vgic_cpu {
	uint8_t lr_count;
	bool overflow;          /* more is pending or active than list registers hold */
	uint8_t kicks;          /* vCPUs that need a REQUEST_VGIC once the lock is free */
	struct virq *lrs[VGIC_LRS_MAX];
};

/* Why a vCPU left for the hypervisor: exits.h. */
enum exit_class {
	EXIT_MSI,               /* interrupts: an LPI of one of its functions */
	EXIT_LINE,              /* a wired one of its devices */
	EXIT_TIMER,             /* its virtual timer */
	EXIT_KICK,              /* a request, of another CPU or the hypervisor's own timer */
	EXIT_REFILL,            /* list registers want more */
	EXIT_GIC,               /* accesses: distributor, redistributors */
	EXIT_SGI,
	EXIT_CONFIG,            /* configuration space */
	EXIT_UART,
	EXIT_WATCHDOG,
	EXIT_CALL,              /* PSCI, SMCCC */
	EXIT_OTHER,             /* registers that read 0, and mistakes */
	EXIT_CLASSES,
};

struct percpu {
	const struct table_cpu *cpu;
	const struct table_pd *pd;      /* whose CPU it is; the null entry if it has none */
	struct pd_state *state;         /* pd->state */
	uint32_t vcpu;                  /* which of its vCPUs this is */
	bool runs;                      /* a vCPU runs here: between start and stop */
	bool sealed;                    /* the log goes into the ring */
	struct vgic_cpu vgic;
	uint64_t exits[EXIT_CLASSES];
	uint32_t line_length;
	char line[CONSOLE_LINE_SIZE];   /* of the log, being made */
	struct arch_percpu arch;
};

_Static_assert(sizeof(struct percpu) <= PAGE_SIZE / 2, "the other half is a stack");

static inline struct percpu *percpu(void) { return arch_percpu(); }

#endif
