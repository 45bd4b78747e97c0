/* SPDX-License-Identifier: Apache-2.0 */
/*
 * random-read DISK COUNT: blocks of 4 KiB from random places of a disk, one at
 * a time and past all caches; prints how long they took. The places are the
 * same in every run. Freestanding: busybox has nothing like it, and there is no
 * C library to build for the initrd with.
 */
#include <stdint.h>

/* Linux: include/uapi/asm-generic/unistd.h and fcntl.h, arch/arm64/include/uapi/asm/fcntl.h, linux/time.h */
enum { SYS_OPENAT = 56, SYS_LSEEK = 62, SYS_WRITE = 64, SYS_PREAD64 = 67, SYS_EXIT = 93, SYS_CLOCK_GETTIME = 113 };
enum { AT_FDCWD = -100, O_DIRECT = 0200000, SEEK_END = 2, CLOCK_MONOTONIC = 1, STDOUT = 1 };
enum { BLOCK_SIZE = 4096, DIGITS_MAX = 20 };

static uint8_t block[BLOCK_SIZE] __attribute__((aligned(BLOCK_SIZE)));

static int64_t call(int64_t number, int64_t a, int64_t b, int64_t c, int64_t d)
{
	register int64_t x8 __asm__("x8") = number;
	register int64_t x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c, x3 __asm__("x3") = d;

	__asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
	return x0;
}

static int64_t microseconds(void)
{
	int64_t now[2];

	call(SYS_CLOCK_GETTIME, CLOCK_MONOTONIC, (int64_t)now, 0, 0);
	return now[0] * 1000000 + now[1] / 1000;
}

static void print(int64_t number)
{
	char line[DIGITS_MAX + 1];
	int64_t at = DIGITS_MAX;

	line[at] = '\n';
	do {
		line[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	call(SYS_WRITE, STDOUT, (int64_t)(line + at), DIGITS_MAX + 1 - at, 0);
}

static int64_t parse(const char *text)
{
	int64_t number = 0;

	for (; *text >= '0' && *text <= '9'; text++)
		number = number * 10 + *text - '0';
	return number;
}

/* Xorshift (Marsaglia 2003): good enough to leave no order to guess. */
static uint64_t next(void)
{
	static uint64_t state = 88172645463325252;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static int64_t read_blocks(const char *disk, int64_t count)
{
	int64_t fd = call(SYS_OPENAT, AT_FDCWD, (int64_t)disk, O_DIRECT, 0);
	int64_t blocks = fd < 0 ? 0 : call(SYS_LSEEK, fd, 0, SEEK_END, 0) / BLOCK_SIZE, begin = microseconds();

	if (blocks <= 0)
		return 1;
	for (int64_t i = 0; i < count; i++) {
		int64_t place = (int64_t)(next() % (uint64_t)blocks) * BLOCK_SIZE;

		if (call(SYS_PREAD64, fd, (int64_t)block, BLOCK_SIZE, place) != BLOCK_SIZE)
			return 1;
	}
	print(microseconds() - begin);
	return 0;
}

/* `stack`: as the kernel leaves it, the number of arguments, then pointers to them. */
void random_read(const int64_t *stack);
void random_read(const int64_t *stack)
{
	int64_t status = stack[0] == 3 ? read_blocks((const char *)stack[2], parse((const char *)stack[3])) : 2;

	for (;;)
		call(SYS_EXIT, status, 0, 0, 0);
}

__asm__(".globl _start\n_start: mov x0, sp\n\tb random_read");
