/* SPDX-License-Identifier: Apache-2.0 */
/* What a PD leaves in memory that outlives it, for who reads it from outside: 64-bit words. */
#ifndef LOG_H
#define LOG_H

#include "pd.h"

enum log_word {
	LOG_STARTS,             /* so often it came to pd_main() */
	LOG_UNCLEAN,            /* starts at which something of the last run was left in memory */
	LOG_DIRTY_FUNCTION,     /* or in the function's configuration, or the watchdog's status */
	LOG_MSIS,               /* MSIs of an earlier run that arrived in this one */
	LOG_LANDED,             /* what DMA of an earlier run wrote; 0: nothing */
	LOG_WIRES,              /* interrupts of the wire, in all runs */
	LOG_VCPUS,              /* runs in which the other vCPU came up */
	LOG_UNASKED,            /* runs in which it was on before anybody asked for it */
	LOG_SETTLED,            /* the time is over in which nothing of an earlier run may arrive */
	LOG_OWN_MSIS,           /* MSIs of its own, since then */
	LOG_WORKS,              /* its DMA worked in the end */
	LOG_SIGNALS,            /* of the watchdog, ever */
	LOG_DONE,               /* the last run came to its end */
};

static inline uint64_t log_get(enum log_word word) { return pd_read64(PD_LOG_BASE + 8 * word); }
static inline void log_set(enum log_word word, uint64_t value) { pd_write64(PD_LOG_BASE + 8 * word, value); }
static inline void log_add(enum log_word word) { log_set(word, log_get(word) + 1); }

/* Which start this is, from 1 on; marks memory that the next must find clean. */
static inline uint64_t log_start(void)
{
	log_add(LOG_STARTS);
	if (pd_read64(PD_LEFT_BASE) || pd_read64(PD_LEFT_BASE + 0xff8))
		log_add(LOG_UNCLEAN);
	pd_write64(PD_LEFT_BASE, 1);
	pd_write64(PD_LEFT_BASE + 0xff8, 1);
	return log_get(LOG_STARTS);
}

#endif
