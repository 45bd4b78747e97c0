/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The few functions of QEMU's TCG plugin interface that el2count.c calls,
 * declared by us: Debian packages no header. Version 2 of the interface (QEMU
 * 9.0) is the first with per-vCPU counters; later ones still accept it.
 */
#ifndef QEMU_PLUGIN_API_H
#define QEMU_PLUGIN_API_H

#include <stddef.h>
#include <stdint.h>

#define PLUGIN_EXPORT __attribute__((visibility("default")))

enum { PLUGIN_API_VERSION = 2 };
/* enum qemu_plugin_op and enum qemu_plugin_cb_flags: the first value of each. */
enum { PLUGIN_INLINE_ADD = 0, PLUGIN_NO_REGISTERS = 0 };

struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_scoreboard;
struct qemu_info_t;
/* A 64-bit number in each vCPU's entry of a scoreboard; QEMU's qemu_plugin_u64, passed by value. */
struct plugin_counter {
	struct qemu_plugin_scoreboard *score;
	size_t offset;
};

/* What the plugin has and QEMU looks up. */
extern PLUGIN_EXPORT int qemu_plugin_version;
PLUGIN_EXPORT int qemu_plugin_install(uint64_t id, const struct qemu_info_t *info, int argc, char **argv);

/* While a block is translated. */
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, void (*cb)(uint64_t id, struct qemu_plugin_tb *tb));
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t idx);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
/* Where the instruction lies in QEMU's own memory; NULL if it is not in RAM. */
void *qemu_plugin_insn_haddr(const struct qemu_plugin_insn *insn);

/* What shall happen before each execution of an instruction, in the order of these calls. */
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, void (*cb)(unsigned vcpu, void *data),
					    int flags, void *data);
void qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(struct qemu_plugin_insn *insn, int op,
							 struct plugin_counter counter, uint64_t operand);

struct qemu_plugin_scoreboard *qemu_plugin_scoreboard_new(size_t entry_size);
uint64_t qemu_plugin_u64_get(struct plugin_counter counter, unsigned vcpu);
int qemu_plugin_num_vcpus(void);
void qemu_plugin_register_atexit_cb(uint64_t id, void (*cb)(uint64_t id, void *data), void *data);

#endif
