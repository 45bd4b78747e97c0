/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images are files whose kind and size follow from the last letter of their
 * name. Outputs go to memory. What ptc allocates is counted and freed by us.
 */
#include "world.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"

/* The budget of 10,000 windows; no table that fits the fuzzer's inputs needs it. */
enum { MEMORY_MAX = 256 << 20 };

extern char __start_ptc_data[], __stop_ptc_data[], __start_ptc_bss[], __stop_ptc_bss[];

_Noreturn void world_exit(int code);
void *world_calloc(size_t count, size_t size);
void *world_realloc(void *old, size_t size);
FILE *world_fopen(const char *path, const char *mode);
int world_stat(const char *path, struct stat *info);
int world_fclose(FILE *file);
int world_printf(const char *format, ...);
FILE *world_stderr;

char world_tree[32], world_lines[32];

static struct {
	jmp_buf exit;
	struct outcome outcome;
	FILE *files[OUTPUTS_MAX];       /* of the outputs, while they are open */
	void **blocks;
	size_t block_count, block_capacity, bytes;
} world;

static char *pristine;

/* Byte by byte, past the sanitizer: the gaps that it keeps between variables are copied too. */
__attribute__((no_sanitize("address", "undefined")))
static void bytes_copy(volatile char *to, const volatile char *from, const char *end)
{
	while (from != end)
		*to++ = *from++;
}

static void statics_reset(void)
{
	size_t data = (size_t)(__stop_ptc_data - __start_ptc_data), bss = (size_t)(__stop_ptc_bss - __start_ptc_bss);

	if (!pristine) {
		pristine = malloc(data + bss);
		bytes_copy(pristine, __start_ptc_data, __stop_ptc_data);
		bytes_copy(pristine + data, __start_ptc_bss, __stop_ptc_bss);
	}
	bytes_copy(__start_ptc_data, pristine, pristine + data);
	bytes_copy(__start_ptc_bss, pristine + data, pristine + data + bss);
}

static void input_write(char *path, size_t path_size, int *fd, const uint8_t *bytes, size_t size)
{
	if (!*fd)
		*fd = memfd_create("input", 0);
	snprintf(path, path_size, "/proc/self/fd/%d", *fd);
	if (ftruncate(*fd, 0) || pwrite(*fd, bytes, size, 0) != (ssize_t)size)
		fuzz_fail("cannot write an input: %s", strerror(errno));
}

void world_inputs(const uint8_t *tree, size_t tree_size, const uint8_t *lines, size_t lines_size)
{
	static int fds[2];

	input_write(world_tree, sizeof(world_tree), &fds[0], tree, tree_size);
	input_write(world_lines, sizeof(world_lines), &fds[1], lines, lines_size);
}

static void block_add(void *block, size_t bytes)
{
	world.bytes += bytes;
	if (world.bytes > MEMORY_MAX)
		fuzz_fail("ptc took more than %d bytes", MEMORY_MAX);
	if (world.block_count == world.block_capacity) {
		world.block_capacity = world.block_capacity * 2 + 1024;
		world.blocks = realloc(world.blocks, world.block_capacity * sizeof(*world.blocks));
	}
	world.blocks[world.block_count++] = block;
}

void *world_calloc(size_t count, size_t size)
{
	void *block;

	if (count > MEMORY_MAX || size > MEMORY_MAX || count * size > MEMORY_MAX)
		fuzz_fail("ptc wants %zu times %zu bytes at once", count, size);
	block = calloc(count, size);
	block_add(block, count * size);
	return block;
}

void *world_realloc(void *old, size_t size)
{
	void *block = realloc(old, size);

	for (size_t i = world.block_count; old && i-- > 0;) {
		if (world.blocks[i] != old)
			continue;
		world.blocks[i] = block;
		return block;
	}
	block_add(block, size);
	return block;
}

_Noreturn void world_exit(int code)
{
	world.outcome.code = code;
	longjmp(world.exit, 1);
}

int world_printf(const char *format, ...)
{
	char text[256];
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return length;
}

static FILE *output_open(const char *path)
{
	size_t i = world.outcome.output_count;
	const char *slash = strrchr(path, '/');
	struct output *output = &world.outcome.outputs[i];

	if (i == OUTPUTS_MAX)
		fuzz_fail("ptc writes more than %d files", OUTPUTS_MAX);
	output->name = strdup(slash ? slash + 1 : path);
	world.files[i] = open_memstream(&output->text, &output->size);
	world.outcome.output_count++;
	return world.files[i];
}

/* Bytes of an image; -1 for a folder, -2 if there is no such file. */
static int image_size(const char *path)
{
	static const int sizes[] = { 4096, 1, 4095, 4097, 0, 65536, 0x201000, -1, -2 };
	char last = *path ? path[strlen(path) - 1] : '\0';

	return last >= '1' && last <= '8' ? sizes[last - '0'] : sizes[0];
}

int world_stat(const char *path, struct stat *info)
{
	int size = image_size(path);

	errno = ENOENT;
	memset(info, 0, sizeof(*info));
	info->st_mode = size == -1 ? S_IFDIR : S_IFREG;
	info->st_size = size < 0 ? 4096 : size;
	return size == -2 ? -1 : 0;
}

FILE *world_fopen(const char *path, const char *mode)
{
	static char zeros[0x201000];
	int size = image_size(path);

	if (!strncmp(path, "/proc/self/fd/", 14))
		return fopen(path, mode);
	if (*mode == 'w')
		return output_open(path);
	return size > 0 ? fmemopen(zeros, (size_t)size, "r") : NULL;
}

int world_fclose(FILE *file)
{
	for (size_t i = 0; i < world.outcome.output_count; i++)
		if (world.files[i] == file)
			world.files[i] = NULL;
	return fclose(file);
}

const struct outcome *world_run(int (*body)(void))
{
	statics_reset();
	world.outcome = (struct outcome){ .said.name = "standard error" };
	world_stderr = open_memstream(&world.outcome.said.text, &world.outcome.said.size);
	if (!setjmp(world.exit))
		world.outcome.code = body();
	fclose(world_stderr);
	return &world.outcome;
}

void world_end(void)
{
	for (size_t i = 0; i < world.outcome.output_count; i++) {
		if (world.files[i])
			fclose(world.files[i]);
		free((char *)world.outcome.outputs[i].name);
		free(world.outcome.outputs[i].text);
	}
	free(world.outcome.said.text);
	for (size_t i = 0; i < world.block_count; i++)
		free(world.blocks[i]);
	world.block_count = world.bytes = 0;
	world.outcome = (struct outcome){ 0 };
}
