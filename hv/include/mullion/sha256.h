/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 (FIPS 180-4), for what lies in memory as a whole. Host-buildable: ptc digests images with it. */
#ifndef MULLION_SHA256_H
#define MULLION_SHA256_H

#include <stdint.h>

enum { SHA256_SIZE = 32 };

/* `size` below 2^61. Fastest where `data` is 8-byte aligned. */
void sha256(const void *data, uint64_t size, uint8_t digest[SHA256_SIZE]);

#endif
