/* SPDX-License-Identifier: Apache-2.0 */
/* An edu whose owner starts anew: what it must be like then, and a transfer that is to outlive its owner. */
#ifndef FUNCTION_H
#define FUNCTION_H

#include "edu.h"
#include "log.h"

enum { COMMAND = 4, MASTER = 4, MEMORY_AND_MASTER = 6, MSI_ENABLED = 1 };
enum { LANDING = 0x1000, LANDING_SIZE = 0x100, SETTLE_TICKS = 50 };

static inline bool function_is_fresh(void)
{
	return (pd_read16(PD_EDU_CONFIG + COMMAND) & 0x7) == MEMORY_AND_MASTER &&
	       !(pd_read16(PD_EDU_CONFIG + EDU_MSI + 2) & MSI_ENABLED) && edu_present(PD_EDU_BAR0);
}

/* The device's buffer has something; then it is on its way to memory for 100 ms, and an MSI is raised. */
static inline void function_shoot(uint64_t window, uint64_t iova)
{
	for (uint64_t i = 0; i < LANDING_SIZE; i += 8)
		pd_write64(window + i, ~UINT64_C(0));
	edu_fetch(PD_EDU_BAR0, iova, LANDING_SIZE);
	pd_msi_start(PD_EDU_CONFIG, EDU_MSI, PD_MSI_FRAME, PD_MSI_BASE);
	edu_store_begin(PD_EDU_BAR0, iova + LANDING, LANDING_SIZE);
	edu_raise(PD_EDU_BAR0, 1);
	pd_write16(PD_EDU_CONFIG + COMMAND, MASTER);    /* its registers are nowhere, for who wants to reset it */
}

/* Half a second in which nothing may come; then it works as ever. */
static inline void function_settle(uint64_t window, uint64_t iova)
{
	pd_msi_start(PD_EDU_CONFIG, EDU_MSI, PD_MSI_FRAME, PD_MSI_BASE);
	for (int i = 0; i < SETTLE_TICKS; i++)
		pd_wait();
	log_set(LOG_LANDED, pd_read64(window + LANDING));
	log_set(LOG_SETTLED, 1);
	pd_write64(window, 0x5eed);
	edu_fetch(PD_EDU_BAR0, iova, 8);
	edu_store(PD_EDU_BAR0, iova + 8, 8);
	log_set(LOG_WORKS, pd_read64(window + 8) == 0x5eed);
	log_set(LOG_DONE, 1);
}

/* Before the end, nobody raised any; then its own transfers do. */
static inline void function_interrupt(void)
{
	edu_interrupt_take(PD_EDU_BAR0);
	log_add(log_get(LOG_SETTLED) ? LOG_OWN_MSIS : LOG_MSIS);
}

#endif
