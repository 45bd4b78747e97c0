/* SPDX-License-Identifier: Apache-2.0 */
/* The region that plc and gateway share: each word has one writer. */
#ifndef SHARED_H
#define SHARED_H

#include <stdint.h>

enum {
	SHARED_COUNTER = 0x00,          /* plc: its rounds */
	SHARED_ANSWER = 0x08,           /* gateway: shared_answer() of the last counter that it saw */
};

static inline uint64_t shared_answer(uint64_t counter) { return counter * UINT64_C(0x9e3779b97f4a7c15) + 1; }

#endif
