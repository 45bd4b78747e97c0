/* SPDX-License-Identifier: Apache-2.0 */
/* Word by word where both sides are aligned: PD images are copied with it. */
#include <mullion/memory.h>

#include <stdint.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
	uint8_t *restrict to8 = to;
	const uint8_t *restrict from8 = from;

	if (!(((uintptr_t)to | (uintptr_t)from) & 7)) {
		for (; size >= 8; size -= 8, to8 += 8, from8 += 8)
			*(uint64_t *)(void *)to8 = *(const uint64_t *)(const void *)from8;
	}
	while (size--)
		*to8++ = *from8++;
	return to;
}

/* Of small things only. */
void *memset(void *to, int value, size_t size)
{
	uint8_t *to8 = to;

	while (size--)
		*to8++ = (uint8_t)value;
	return to;
}
