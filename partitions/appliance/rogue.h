/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rogue's attacks: each gets its target and says in a word or two what
 * happened; rogue.c has the list and what the isolation promises.
 */
#ifndef ROGUE_H
#define ROGUE_H

#include <stdbool.h>
#include <stdint.h>

typedef const char *attack_fn(uint64_t target);

/* rogue_dma.c */
attack_fn dma_reach, dma_write_read_only, dma_read_write_only, msi_forge_by_dma, msi_forge_by_device, msi_elsewhere;
/* rogue_cpu.c */
attack_fn cpu_reach, registers_random;
/* rogue_config.c */
attack_fn config_neighbours, config_master, config_move_bar, config_sweep;
/* rogue_calls.c */
attack_fn sgi_others, psci_on_others, psci_info_others, hvc_random, smc_random;
/* rogue_flood.c */
attack_fn flood_lines, flood_sgis, flood_dma;

/* rogue.c: interrupts of each INTID so far; of those that are none of the rogue's. */
uint64_t interrupts_of(uint32_t intid);
uint64_t interrupts_foreign(void);
/* The next of the sequence that seed= begins. */
uint32_t random_next(void);
/* Sleeps so many ticks of the timer. */
void rest(uint64_t ticks);

enum {
	TIMER_HZ = 100,
	SGI_ALIEN = 5,                  /* sent to everybody else */
	SGI_FLOOD = 6,                  /* sent to itself */
	EDU_BAR_SIZE = 0x100000,        /* BARs of one size are placed side by side */
	EDU_LIVENESS = 0x04,            /* reads back inverted what was written */
	SMMU_CR0 = 0x20,                /* IHI 0070 G.b, chapter 6 */
	DEVICE_SHIFT = 15,              /* of bus 0 in an ECAM */
	CONFIG_COMMAND = 0x04,
	ITS_DOORBELL_PAGE = 0x10000,    /* from the ITS on (IHI 0069H, chapter 12) */
	DOORBELL = 0x40,                /* in that page, and in a v2m frame */
};

#endif
