/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DMA outside the window, an attempt to be bus master again, DMA inside; and how
 * far the program came. The policy of its PD is all that differs.
 */
#include "edu.h"
#include "pd.h"

#if defined(PD_SEEN_REPORT_BASE)
#define SEEN PD_SEEN_REPORT_BASE
#elif defined(PD_SEEN_QUARANTINE_BASE)
#define SEEN PD_SEEN_QUARANTINE_BASE
#else
#define SEEN PD_SEEN_STOP_BASE
#endif

enum { COMMAND = 4, MEMORY_AND_MASTER = 6, STRAY = 0x98000000, TARGET = 0x800, WORD = 0xcafe };

static uint64_t command(void) { return pd_read16(PD_EDU_CONFIG + COMMAND); }

void pd_main(void)
{
	pd_timer_start(100);
	pd_write64(SEEN + 8, command());
	pd_write64(SEEN + TARGET, WORD);
	edu_fetch(PD_EDU_BAR0, SEEN + TARGET, 8);
	edu_store(PD_EDU_BAR0, STRAY, 8);
	for (int i = 0; i < 20; i++)            /* 0.2 s: the policy is in force */
		pd_wait();
	pd_write64(SEEN + 16, command());
	pd_write16(PD_EDU_CONFIG + COMMAND, MEMORY_AND_MASTER);
	pd_write64(SEEN + 24, command());
	edu_store(PD_EDU_BAR0, SEEN + TARGET + 8, 8);
	pd_write64(SEEN, 1);
	for (;;)
		pd_wait();
}
