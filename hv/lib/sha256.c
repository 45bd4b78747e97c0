/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 (FIPS 180-4), in its names. Words are big-endian in the message and in the digest. */
#include <mullion/sha256.h>

#include <mullion/memory.h>

enum { BLOCK_SIZE = 64, LENGTH_SIZE = 8, ROUNDS = 64, STATE_WORDS = 8, SCHEDULE_WORDS = 16 };

#define UNROLL _Pragma("GCC unroll 16")

/* 4.2.2: fractions of the cube roots of the first 64 primes. */
static const uint32_t k[ROUNDS] = {
	0x428a2f98u, 0x71374491u, 0xb5c0fbcfu, 0xe9b5dba5u, 0x3956c25bu, 0x59f111f1u, 0x923f82a4u, 0xab1c5ed5u,
	0xd807aa98u, 0x12835b01u, 0x243185beu, 0x550c7dc3u, 0x72be5d74u, 0x80deb1feu, 0x9bdc06a7u, 0xc19bf174u,
	0xe49b69c1u, 0xefbe4786u, 0x0fc19dc6u, 0x240ca1ccu, 0x2de92c6fu, 0x4a7484aau, 0x5cb0a9dcu, 0x76f988dau,
	0x983e5152u, 0xa831c66du, 0xb00327c8u, 0xbf597fc7u, 0xc6e00bf3u, 0xd5a79147u, 0x06ca6351u, 0x14292967u,
	0x27b70a85u, 0x2e1b2138u, 0x4d2c6dfcu, 0x53380d13u, 0x650a7354u, 0x766a0abbu, 0x81c2c92eu, 0x92722c85u,
	0xa2bfe8a1u, 0xa81a664bu, 0xc24b8b70u, 0xc76c51a3u, 0xd192e819u, 0xd6990624u, 0xf40e3585u, 0x106aa070u,
	0x19a4c116u, 0x1e376c08u, 0x2748774cu, 0x34b0bcb5u, 0x391c0cb3u, 0x4ed8aa4au, 0x5b9cca4fu, 0x682e6ff3u,
	0x748f82eeu, 0x78a5636fu, 0x84c87814u, 0x8cc70208u, 0x90befffau, 0xa4506cebu, 0xbef9a3f7u, 0xc67178f2u,
};

/* 5.3.3: fractions of the square roots of the first 8 primes. */
static const uint32_t initial[STATE_WORDS] = {
	0x6a09e667u, 0xbb67ae85u, 0x3c6ef372u, 0xa54ff53au, 0x510e527fu, 0x9b05688cu, 0x1f83d9abu, 0x5be0cd19u,
};

static uint32_t big_endian(uint32_t word)
{
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? __builtin_bswap32(word) : word;
}

/* 3.2 and 4.1.2 */
static uint32_t rotr(uint32_t x, unsigned n) { return x >> n | x << (32 - n); }
static uint32_t ch(uint32_t x, uint32_t y, uint32_t z) { return z ^ (x & (y ^ z)); }
static uint32_t maj(uint32_t x, uint32_t y, uint32_t z) { return ((x ^ y) & (y ^ z)) ^ y; }
static uint32_t sum_0(uint32_t x) { return rotr(x, 2) ^ rotr(x, 13) ^ rotr(x, 22); }
static uint32_t sum_1(uint32_t x) { return rotr(x, 6) ^ rotr(x, 11) ^ rotr(x, 25); }
static uint32_t sigma_0(uint32_t x) { return rotr(x, 7) ^ rotr(x, 18) ^ x >> 3; }
static uint32_t sigma_1(uint32_t x) { return rotr(x, 17) ^ rotr(x, 19) ^ x >> 10; }

/*
 * 6.2.2, step 3. `v` are a to h, turned by one place a round so that nothing is
 * moved: a of round t is v[-t mod 8]. With constant t, all of `v` and `w` are registers.
 */
static inline __attribute__((always_inline)) void sha256_round(uint32_t v[STATE_WORDS], uint32_t t, uint32_t k_and_w)
{
	uint32_t a = v[-t & 7], b = v[(1 - t) & 7], c = v[(2 - t) & 7], e = v[(4 - t) & 7];
	uint32_t t1 = v[(7 - t) & 7] + k_and_w + sum_1(e) + ch(e, v[(5 - t) & 7], v[(6 - t) & 7]);

	v[(3 - t) & 7] += t1;
	v[(7 - t) & 7] = t1 + sum_0(a) + maj(a, b, c);
}

/* 6.2.2, with the last 16 words of the schedule only (6.1.3 does that for SHA-1). */
static void sha256_block(uint32_t state[STATE_WORDS], const uint8_t *block)
{
	_Alignas(uint64_t) uint32_t w[SCHEDULE_WORDS];
	uint32_t v[STATE_WORDS];

	memcpy(w, block, BLOCK_SIZE);
	UNROLL
	for (uint32_t i = 0; i < STATE_WORDS; i++)
		v[i] = state[i];
	UNROLL
	for (uint32_t t = 0; t < SCHEDULE_WORDS; t++)
		w[t] = big_endian(w[t]);
	for (uint32_t start = 0; start < ROUNDS; start += SCHEDULE_WORDS) {
		UNROLL
		for (uint32_t t = 0; start && t < SCHEDULE_WORDS; t++)
			w[t] += sigma_1(w[(t + 14) & 15]) + w[(t + 9) & 15] + sigma_0(w[(t + 1) & 15]);
		UNROLL
		for (uint32_t t = 0; t < SCHEDULE_WORDS; t++)
			sha256_round(v, t, k[start + t] + w[t]);
	}
	UNROLL
	for (uint32_t i = 0; i < STATE_WORDS; i++)
		state[i] += v[i];
}

/* 5.1.1: what is left of the message, a one bit, zeros, the length in bits. */
static void sha256_last(uint32_t state[STATE_WORDS], const uint8_t *rest, uint64_t rest_size, uint64_t size)
{
	static const uint8_t padding[BLOCK_SIZE] = { 0x80 };
	_Alignas(uint64_t) uint8_t blocks[2 * BLOCK_SIZE];
	uint64_t end = rest_size + 1 + LENGTH_SIZE <= BLOCK_SIZE ? BLOCK_SIZE : 2 * BLOCK_SIZE;

	memcpy(blocks, rest, rest_size);
	memcpy(blocks + rest_size, padding, end - LENGTH_SIZE - rest_size);
	for (uint32_t i = 0; i < LENGTH_SIZE; i++)
		blocks[end - 1 - i] = (uint8_t)(size * 8 >> 8 * i);
	for (uint64_t at = 0; at < end; at += BLOCK_SIZE)
		sha256_block(state, blocks + at);
}

void sha256(const void *data, uint64_t size, uint8_t digest[SHA256_SIZE])
{
	const uint8_t *bytes = data;
	uint32_t state[STATE_WORDS];
	uint64_t whole = size - size % BLOCK_SIZE;

	memcpy(state, initial, sizeof(state));
	for (uint64_t at = 0; at < whole; at += BLOCK_SIZE)
		sha256_block(state, bytes + at);
	sha256_last(state, bytes + whole, size - whole, size);
	for (uint32_t i = 0; i < STATE_WORDS; i++)
		state[i] = big_endian(state[i]);
	memcpy(digest, state, SHA256_SIZE);
}
