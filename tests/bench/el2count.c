/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TCG plugin for QEMU: counts the hypervisor's instructions on each CPU, exit
 * by exit, and says for each exit whose business it was.
 *
 * An instruction is the hypervisor's if its virtual address is in the text and
 * it lies in the very memory that the text was first executed from: the
 * hypervisor is identity-mapped in one piece of RAM. The virtual address alone
 * would not do, a PD may have code of its own there.
 *
 * An exit begins at a vector for a lower exception level and ends with the ERET
 * that answers it; a fault of a probe in between has an ERET of its own. In an
 * exit the plugin notes which markers were executed (functions' first
 * instructions, named by the driver). Unowed: one with an unowed marker, or
 * with none that is owed. What nobody named counts as unowed.
 *
 * The result is in a file that is mapped here and by the driver, which reads
 * it at any time (el2count.py knows the layout): no signal, nothing to parse.
 *
 * Arguments: text=, size=, vectors=, out=; owed=I:A, unowed=I:A, seen=I:A for
 * marker I at address A; take=A, release=A after a lock is taken and where it
 * is released.
 */
#include "qemu_plugin_api.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { CPUS_MAX = 8, MARKERS_MAX = 64, POINTS_MAX = 256 };
enum { INSTRUCTION_ERET = 0xd69f03e0 };
/* In the vector table: our own synchronous exceptions, and the half that is for lower exception levels. */
enum { VECTOR_OWN = 0x200, VECTOR_LOWER = 0x400, VECTOR_END = 0x800, VECTOR_SIZE = 0x80 };

struct tally {
	uint64_t exits, instructions, longest;
};

/* `sequence` is odd while the rest changes. All from `owed` on is since the last reset. */
struct cpu_result {
	uint64_t sequence, epoch;
	uint64_t total, boot;           /* instructions since power on; of them before the first PD instruction */
	struct tally owed, unowed, unmarked;    /* unmarked: the part of unowed that had no marker of either class */
	struct tally holds;             /* of locks */
	struct tally markers[MARKERS_MAX];      /* exits in which it was seen */
};

/* The driver increments `epoch` to have each CPU start anew with its next exit. */
static struct result {
	uint64_t epoch, markers;
	struct cpu_result cpus[CPUS_MAX];
} *result;

/* The exit that is open on a CPU, and the lock that it holds. */
static struct cpu_exit {
	bool open, nested, held;
	uint64_t start, taken;
	uint64_t seen;                  /* a bit for each marker */
} exits[CPUS_MAX];

enum kind { OWED, UNOWED, SEEN, TAKE, RELEASE };
static struct point {
	uint64_t addr;
	enum kind kind;
	unsigned marker;
} points[POINTS_MAX];
static size_t point_count;
static uint64_t class_masks[SEEN + 1];

static uint64_t text, text_size, vectors;
static struct plugin_counter counter;
static uintptr_t text_host;             /* where `text` lies in QEMU's memory, once it was executed */

PLUGIN_EXPORT int qemu_plugin_version = PLUGIN_API_VERSION;

static uint64_t executed(unsigned cpu) { return qemu_plugin_u64_get(counter, cpu); }

static void result_begin(struct cpu_result *cpu)
{
	__atomic_store_n(&cpu->sequence, cpu->sequence + 1, __ATOMIC_SEQ_CST);
	uint64_t epoch = __atomic_load_n(&result->epoch, __ATOMIC_SEQ_CST);

	if (epoch != cpu->epoch)
		memset(&cpu->owed, 0, sizeof(*cpu) - offsetof(struct cpu_result, owed));
	cpu->epoch = epoch;
}

static void result_end(struct cpu_result *cpu)
{
	__atomic_store_n(&cpu->sequence, cpu->sequence + 1, __ATOMIC_SEQ_CST);
}

static void tally_add(struct tally *tally, uint64_t instructions)
{
	tally->exits++;
	tally->instructions += instructions;
	if (instructions > tally->longest)
		tally->longest = instructions;
}

static void exit_close(unsigned idx, uint64_t end)
{
	struct cpu_result *cpu = &result->cpus[idx];
	struct cpu_exit *exit = &exits[idx];
	uint64_t length = end - exit->start;
	bool owed = exit->seen & class_masks[OWED], unowed = exit->seen & class_masks[UNOWED];

	tally_add(owed && !unowed ? &cpu->owed : &cpu->unowed, length);
	if (!owed && !unowed)
		tally_add(&cpu->unmarked, length);
	for (unsigned i = 0; i < MARKERS_MAX; i++)
		if (exit->seen >> i & 1)
			tally_add(&cpu->markers[i], length);
	*exit = (struct cpu_exit){ .open = false };
}

static void at_vector(unsigned idx, void *data)
{
	(void)data;
	if (idx >= CPUS_MAX)
		return;
	result_begin(&result->cpus[idx]);
	if (exits[idx].open)            /* it never returned, as a PD that was stopped */
		exit_close(idx, executed(idx));
	result_end(&result->cpus[idx]);
	exits[idx] = (struct cpu_exit){ .open = true, .start = executed(idx) };
}

static void at_own_fault(unsigned idx, void *data)
{
	(void)data;
	if (idx < CPUS_MAX)
		exits[idx].nested = true;
}

static void at_eret(unsigned idx, void *data)
{
	(void)data;
	if (idx >= CPUS_MAX)
		return;
	if (exits[idx].nested) {
		exits[idx].nested = false;
		return;
	}
	struct cpu_result *cpu = &result->cpus[idx];
	uint64_t end = executed(idx) + 1;       /* with the ERET */

	result_begin(cpu);
	cpu->total = end;
	if (exits[idx].open)
		exit_close(idx, end);
	else if (!cpu->boot)
		cpu->boot = end;
	result_end(cpu);
}

static void at_point(unsigned idx, void *data)
{
	const struct point *point = data;

	if (idx >= CPUS_MAX)
		return;
	struct cpu_result *cpu = &result->cpus[idx];
	struct cpu_exit *exit = &exits[idx];

	if (point->kind <= SEEN)
		exit->seen |= UINT64_C(1) << point->marker;
	result_begin(cpu);
	cpu->total = executed(idx);
	if (point->kind == RELEASE && exit->held)
		tally_add(&cpu->holds, executed(idx) - exit->taken);
	result_end(cpu);
	if (point->kind == TAKE)
		exit->taken = executed(idx);
	if (point->kind >= TAKE)
		exit->held = point->kind == TAKE;
}

static void instrument(struct qemu_plugin_insn *insn, uint64_t addr, uint32_t instruction)
{
	uint64_t vector = addr - vectors;

	if (vector >= VECTOR_LOWER && vector < VECTOR_END && vector % VECTOR_SIZE == 0)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, at_vector, PLUGIN_NO_REGISTERS, NULL);
	if (vector == VECTOR_OWN)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, at_own_fault, PLUGIN_NO_REGISTERS, NULL);
	if (instruction == INSTRUCTION_ERET)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, at_eret, PLUGIN_NO_REGISTERS, NULL);
	for (size_t i = 0; i < point_count; i++)
		if (points[i].addr == addr)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, at_point, PLUGIN_NO_REGISTERS, &points[i]);
	qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(insn, PLUGIN_INLINE_ADD, counter, 1);
}

static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
	(void)id;
	for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uint64_t addr = qemu_plugin_insn_vaddr(insn);
		uintptr_t host = (uintptr_t)qemu_plugin_insn_haddr(insn);
		uint32_t instruction;

		if (addr - text >= text_size || !host)
			continue;
		if (!text_host && addr == text)         /* its entry: no PD ran before */
			text_host = host;
		if (!text_host || host - text_host != addr - text)
			continue;
		memcpy(&instruction, (const void *)host, sizeof(instruction));
		instrument(insn, addr, instruction);
	}
}

/* The end of QEMU. An exit that is open is one of a CPU that does not go back to its PD. */
static void finish(uint64_t id, void *data)
{
	(void)id;
	(void)data;
	for (unsigned i = 0; i < CPUS_MAX && i < (unsigned)qemu_plugin_num_vcpus(); i++) {
		struct cpu_result *cpu = &result->cpus[i];

		result_begin(cpu);
		cpu->total = executed(i);
		if (exits[i].open)
			exit_close(i, cpu->total);
		result_end(cpu);
	}
}

static bool point_parse(enum kind kind, const char *value)
{
	char *end = NULL;
	unsigned long marker = kind <= SEEN ? strtoul(value, &end, 0) : 0;

	if (point_count == POINTS_MAX || marker >= MARKERS_MAX || (kind <= SEEN && *end != ':'))
		return false;
	points[point_count++] = (struct point){
		.addr = strtoull(kind <= SEEN ? end + 1 : value, NULL, 0), .kind = kind, .marker = (unsigned)marker,
	};
	if (kind <= SEEN)
		class_masks[kind] |= UINT64_C(1) << marker;
	return true;
}

static bool result_map(const char *path)
{
	int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0666);

	if (file < 0 || ftruncate(file, sizeof(*result)))
		return false;
	result = mmap(NULL, sizeof(*result), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	close(file);
	return result != MAP_FAILED;
}

static bool argument_parse(const char *name, const char *value)
{
	static const char *const kinds[] = { "owed", "unowed", "seen", "take", "release" };
	static const struct { const char *name; uint64_t *value; } numbers[] = {
		{ "text", &text }, { "size", &text_size }, { "vectors", &vectors },
	};

	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(name, kinds[i]))
			return point_parse((enum kind)i, value);
	for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (!strcmp(name, numbers[i].name)) {
			*numbers[i].value = strtoull(value, NULL, 0);
			return true;
		}
	return !strcmp(name, "out") && result_map(value);
}

int qemu_plugin_install(uint64_t id, const struct qemu_info_t *info, int argc, char **argv)
{
	(void)info;
	for (int i = 0; i < argc; i++) {
		char name[16] = "";
		const char *value = strchr(argv[i], '=');

		if (!value || (size_t)(value - argv[i]) >= sizeof(name) ||
		    (memcpy(name, argv[i], (size_t)(value - argv[i])), !argument_parse(name, value + 1))) {
			fprintf(stderr, "el2count: bad argument %s\n", argv[i]);
			return 1;
		}
	}
	if (!result || !text_size || !vectors) {
		fprintf(stderr, "el2count: text=, size=, vectors= and out= are needed\n");
		return 1;
	}
	counter = (struct plugin_counter){ qemu_plugin_scoreboard_new(sizeof(uint64_t)), 0 };
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, finish, NULL);
	return 0;
}
