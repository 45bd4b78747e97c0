/* SPDX-License-Identifier: Apache-2.0 */
/* Of the functions that a freestanding compiler may call (GCC manual, 2.1), the one that ours do. */
#ifndef MULLION_MEMORY_H
#define MULLION_MEMORY_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memset(void *to, int value, size_t size);

#endif
