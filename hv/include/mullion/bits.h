/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bit fields by mask: FIELD_PREP puts a value into the field, FIELD_GET takes
 * it out. Masks are 64-bit constants; a register's driver narrows the result.
 * Host-buildable.
 */
#ifndef MULLION_BITS_H
#define MULLION_BITS_H

#include <stdint.h>

#define BIT(n)            (UINT64_C(1) << (n))
#define GENMASK(hi, lo)   ((~UINT64_C(0) >> (63 - (hi))) & (~UINT64_C(0) << (lo)))
#define FIELD_LSB(mask)   ((mask) & (~(mask) + 1))
#define FIELD_PREP(mask, value) (((uint64_t)(value) * FIELD_LSB(mask)) & (mask))
#define FIELD_GET(mask, word)   (((word) & (mask)) / FIELD_LSB(mask))

#endif
