/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A register file that behaves as an SMMUv3 does (IHI 0070, chapter 6) behind
 * mmio_*, and the trace of all that the driver did to it. It holds the driver
 * to the rules of the manual: a breach sets `breach` to the rule's name.
 */
#ifndef FAKE_SMMU_H
#define FAKE_SMMU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Offsets of IHI 0070 6.2, typed again here: the driver's own would hide its mistakes. */
enum {
	REG_IDR0 = 0x0,
	REG_IDR1 = 0x4,
	REG_IDR5 = 0x14,
	REG_CR0 = 0x20,
	REG_CR0ACK = 0x24,
	REG_CR1 = 0x28,
	REG_CR2 = 0x2c,
	REG_GBPA = 0x44,
	REG_IRQ_CTRL = 0x50,
	REG_IRQ_CTRLACK = 0x54,
	REG_GERROR = 0x60,
	REG_GERRORN = 0x64,
	REG_GERROR_IRQ_CFG0 = 0x68,
	REG_STRTAB_BASE = 0x80,
	REG_STRTAB_BASE_CFG = 0x88,
	REG_CMDQ_BASE = 0x90,
	REG_CMDQ_PROD = 0x98,
	REG_CMDQ_CONS = 0x9c,
	REG_EVENTQ_BASE = 0xa0,
	REG_EVENTQ_IRQ_CFG0 = 0xb0,
	REG_EVENTQ_PROD = 0x100a8,
	REG_EVENTQ_CONS = 0x100ac,
	REG_END = 0x20000,
	REG_NONE = REG_END,
};

enum { SMMUEN = 0x1, EVENTQEN = 0x4, CMDQEN = 0x8, ATSCHK = 0x10 };     /* CR0, 6.3.9 */
#define GBPA_UPDATE 0x80000000u         /* 6.3.14 */
#define GBPA_ABORT  0x00100000u

enum trace_kind {
	TRACE_READ,             /* repeated reads of one register count once */
	TRACE_WRITE,
	TRACE_COMMAND,          /* the SMMU consumed one */
	TRACE_PUBLISH,
	TRACE_OBSERVE,
	TRACE_MAP_OPEN,
	TRACE_MAP_CLOSE,
};

struct trace {
	enum trace_kind kind;
	uint32_t reg;
	uint64_t value;         /* written, or word 0 of the command */
	uint64_t value1;        /* word 1 of the command */
	bool settled;           /* at the write: every earlier update has been acknowledged */
};

enum { TRACE_MAX = 512, FAKE_CMDQ_MAX = 16 };

struct fake_smmu {
	uint32_t words[REG_END / 4];
	bool absent;
	uint32_t stuck;         /* the hardware never updates this register */
	uint32_t frozen;        /* writes to this register are lost */
	uint32_t illegal;       /* opcode that this SMMU does not have; 0 for none */
	const char *breach;
	struct trace trace[TRACE_MAX];
	size_t trace_count;

	uint32_t gbpa_next;
	unsigned polls;
	uint64_t commands[FAKE_CMDQ_MAX][2];    /* as devices see the queue */
};

extern struct fake_smmu fake_smmu;

/* An SMMU after reset whose ID registers are those of QEMU's. */
void fake_smmu_reset(void);
/* What firmware may leave: translating, with queues and interrupts on. */
void fake_smmu_leave_enabled(void);
void fake_trace_reset(void);
uint64_t fake_get(uint32_t reg);
void fake_set(uint32_t reg, uint64_t value);

/* Positions in the trace; those that fail the test if there is none. */
size_t first_write_with(uint32_t reg, uint64_t bits);
size_t last_write_with(uint32_t reg, uint64_t bits);
size_t first_command(uint8_t opcode);
size_t last_command(uint8_t opcode);
/* SIZE_MAX if there is none at or after `from`. */
size_t next_of(enum trace_kind kind, size_t from);
size_t writes_of(uint32_t reg);

#endif
