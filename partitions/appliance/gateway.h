/* SPDX-License-Identifier: Apache-2.0 */
/* What the two vCPUs of gateway tell each other: each word has one writer, SGIs say that it changed. */
#ifndef GATEWAY_H
#define GATEWAY_H

#include <stdbool.h>
#include <stdint.h>

enum { SGI_PING = 1, SGI_PONG = 2, SGI_LEAVE = 3 };

struct second {
	volatile bool leave;            /* vCPU 0: turn yourself off */
	volatile uint64_t starts;       /* vCPU 1, all others too */
	volatile uint64_t pings;
	volatile uint64_t ticks;
};

extern struct second second;

/* vCPU 0: starts vCPU 1, and waits until it is there; ends it, and waits until it is off. False: it did not come. */
bool second_start(void);
bool second_stop(void);

#endif
