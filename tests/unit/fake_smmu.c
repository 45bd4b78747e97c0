/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_smmu.h"

#include "test.h"

#include <mullion/arch.h>
#include <mullion/mmio.h>
#include <mullion/table.h>

/* Reads of a register before the hardware's answer shows in it. */
enum { LAG = 3 };

struct fake_smmu fake_smmu;

static uint32_t *word(uint32_t reg) { return &fake_smmu.words[reg / 4]; }

static bool is_64bit(uint32_t reg)
{
	return reg == REG_GERROR_IRQ_CFG0 || reg == REG_STRTAB_BASE || reg == REG_CMDQ_BASE ||
	       reg == REG_EVENTQ_BASE || reg == REG_EVENTQ_IRQ_CFG0;
}

uint64_t fake_get(uint32_t reg)
{
	return is_64bit(reg) ? (uint64_t)*word(reg + 4) << 32 | *word(reg) : *word(reg);
}

void fake_set(uint32_t reg, uint64_t value)
{
	*word(reg) = (uint32_t)value;
	if (is_64bit(reg))
		*word(reg + 4) = (uint32_t)(value >> 32);
	if (reg == REG_GBPA)
		fake_smmu.gbpa_next = (uint32_t)value & ~GBPA_UPDATE;
}

void fake_smmu_reset(void)
{
	memset(&fake_smmu, 0, sizeof(fake_smmu));
	fake_smmu.stuck = fake_smmu.frozen = REG_NONE;
	fake_set(REG_IDR0, 0x0d44101b);
	fake_set(REG_IDR1, 0x02730010);
	fake_set(REG_IDR5, 0x74);
	fake_set(REG_GBPA, 0x1000);
}

void fake_smmu_leave_enabled(void)
{
	fake_set(REG_CR0, SMMUEN | EVENTQEN | CMDQEN);
	fake_set(REG_CR0ACK, SMMUEN | EVENTQEN | CMDQEN);
	fake_set(REG_IRQ_CTRL, 0x5);
	fake_set(REG_IRQ_CTRLACK, 0x5);
	fake_set(REG_CMDQ_PROD, 7);
	fake_set(REG_CMDQ_CONS, 7);
}

void fake_trace_reset(void) { fake_smmu.trace_count = 0; }

static struct trace *trace_add(enum trace_kind kind)
{
	assert_true(fake_smmu.trace_count < TRACE_MAX);
	fake_smmu.trace[fake_smmu.trace_count] = (struct trace){ .kind = kind };
	return &fake_smmu.trace[fake_smmu.trace_count++];
}

static void trace_read(uint32_t reg)
{
	const struct trace *last = fake_smmu.trace_count ? &fake_smmu.trace[fake_smmu.trace_count - 1] : NULL;

	if (!last || last->kind != TRACE_READ || last->reg != reg)
		trace_add(TRACE_READ)->reg = reg;
}

/* Whether the hardware still owes an answer in this register. */
static bool is_pending(uint32_t reg)
{
	switch (reg) {
	case REG_GBPA: return *word(REG_GBPA) & GBPA_UPDATE;
	case REG_CR0ACK: return *word(REG_CR0ACK) != *word(REG_CR0);
	case REG_IRQ_CTRLACK: return *word(REG_IRQ_CTRLACK) != *word(REG_IRQ_CTRL);
	case REG_CMDQ_CONS: return *word(REG_CR0ACK) & CMDQEN && *word(REG_CMDQ_CONS) != *word(REG_CMDQ_PROD);
	default: return false;
	}
}

/* CMDQ_CONS.ERR is CERROR_ILL for a command that does not exist (7.1). */
static void consume_commands(void)
{
	uint32_t size = 1u << (*word(REG_CMDQ_BASE) & 31);

	assert_true(size <= FAKE_CMDQ_MAX);
	while (*word(REG_CMDQ_CONS) != *word(REG_CMDQ_PROD)) {
		const uint64_t *command = fake_smmu.commands[*word(REG_CMDQ_CONS) % size];
		struct trace *trace = trace_add(TRACE_COMMAND);

		trace->value = command[0];
		trace->value1 = command[1];
		if (fake_smmu.illegal && (command[0] & 0xff) == fake_smmu.illegal) {
			*word(REG_CMDQ_CONS) |= 1u << 24;
			fake_smmu.stuck = REG_CMDQ_CONS;
			return;
		}
		*word(REG_CMDQ_CONS) = (*word(REG_CMDQ_CONS) + 1) % (2 * size);
	}
}

static void answer(uint32_t reg)
{
	if (!is_pending(reg) || reg == fake_smmu.stuck || ++fake_smmu.polls < LAG)
		return;
	fake_smmu.polls = 0;
	if (reg == REG_GBPA)
		*word(REG_GBPA) = fake_smmu.gbpa_next;
	else if (reg == REG_CR0ACK)
		*word(REG_CR0ACK) = *word(REG_CR0);
	else if (reg == REG_IRQ_CTRLACK)
		*word(REG_IRQ_CTRLACK) = *word(REG_IRQ_CTRL);
	else
		consume_commands();
}

static void must(bool held, const char *rule)
{
	if (!held && !fake_smmu.breach)
		fake_smmu.breach = rule;
}

/* A register that is guarded by an enable may only be written while it is off, on both sides. */
static bool is_off(uint32_t bits) { return !((*word(REG_CR0) | *word(REG_CR0ACK)) & bits); }

static void hold_to_rules(uint32_t reg, uint64_t value)
{
	switch (reg) {
	case REG_CR0:
		must(!is_pending(REG_CR0ACK), "CR0 is written while an update is in progress (6.3.9)");
		must(value & SMMUEN || is_off(SMMUEN) || (*word(REG_GBPA) & (GBPA_ABORT | GBPA_UPDATE)) == GBPA_ABORT,
		     "SMMUEN is cleared while GBPA lets transactions through (6.3.14)");
		break;
	case REG_CR1:
		must(is_off(SMMUEN | EVENTQEN | CMDQEN), "CR1 is written with queues or tables in use (6.3.11)");
		break;
	case REG_CR2:
	case REG_STRTAB_BASE:
	case REG_STRTAB_BASE_CFG:
		must(is_off(SMMUEN), "a stream table register is written with SMMUEN set (6.3.12, 6.3.23, 6.3.24)");
		break;
	case REG_GBPA:
		must(!is_pending(REG_GBPA), "GBPA is written while an update is in progress (6.3.14)");
		must(value & GBPA_ABORT, "GBPA.ABORT is cleared");
		break;
	case REG_IRQ_CTRL:
		must(!is_pending(REG_IRQ_CTRLACK), "IRQ_CTRL is written while an update is in progress (6.3.16)");
		break;
	case REG_GERROR_IRQ_CFG0:
	case REG_EVENTQ_IRQ_CFG0:
		must(*word(REG_IDR0) & 1u << 13, "an MSI register is written where there are none (6.3.20)");
		must(!(*word(REG_IRQ_CTRL) | *word(REG_IRQ_CTRLACK)), "an MSI register is written with interrupts on");
		break;
	case REG_CMDQ_BASE:
	case REG_CMDQ_CONS:
		must(is_off(CMDQEN), "the command queue is moved while on (6.3.25, 6.3.27)");
		break;
	case REG_EVENTQ_BASE:
	case REG_EVENTQ_PROD:
		must(is_off(EVENTQEN), "the event queue is moved while on (6.3.28, 6.3.29)");
		break;
	case REG_CMDQ_PROD:
	case REG_EVENTQ_CONS:
	case REG_GERRORN:
		break;
	default:
		must(false, "a register is written that is read-only or not the driver's");
	}
}

static void reg_write(uint32_t reg, uint64_t value)
{
	struct trace *trace = trace_add(TRACE_WRITE);

	trace->reg = reg;
	trace->value = value;
	trace->settled = !is_pending(REG_GBPA) && !is_pending(REG_CR0ACK) && !is_pending(REG_IRQ_CTRLACK) &&
			 !is_pending(REG_CMDQ_CONS);
	hold_to_rules(reg, value);
	if (reg == fake_smmu.frozen)
		return;
	fake_smmu.polls = 0;
	if (reg != REG_GBPA) {
		fake_set(reg, value);
	} else if (value & GBPA_UPDATE) {
		*word(REG_GBPA) |= GBPA_UPDATE;
		fake_smmu.gbpa_next = (uint32_t)value & ~GBPA_UPDATE;
	}
}

static uint32_t reg_of(paddr_t addr, bool wide)
{
	uint64_t reg = addr.pa - table.iommu.base.pa;

	assert_true(reg < REG_END);
	assert_int_equal(reg % 4, 0);
	assert_int_equal(is_64bit((uint32_t)reg), wide);
	return (uint32_t)reg;
}

static uint64_t reg_read(uint32_t reg)
{
	trace_read(reg);
	answer(reg);
	return fake_get(reg);
}

uint32_t mmio_read32(paddr_t addr) { return (uint32_t)reg_read(reg_of(addr, false)); }
uint64_t mmio_read64(paddr_t addr) { return reg_read(reg_of(addr, true)); }
void mmio_write32(paddr_t addr, uint32_t value) { reg_write(reg_of(addr, false), value); }
void mmio_write64(paddr_t addr, uint64_t value) { reg_write(reg_of(addr, true), value); }

bool arch_probe_read32(paddr_t addr, uint32_t *value)
{
	if (fake_smmu.absent)
		return false;
	*value = mmio_read32(addr);
	return true;
}

void mmio_publish_memory(void)
{
	uint64_t base = fake_get(REG_CMDQ_BASE) & 0x000fffffffffffe0;   /* ADDR, bits 51 to 5 (6.3.25) */

	trace_add(TRACE_PUBLISH);
	if (base)
		memcpy(fake_smmu.commands, (const void *)(uintptr_t)base, sizeof(fake_smmu.commands));
}

void mmio_observe_memory(void) { trace_add(TRACE_OBSERVE); }
void arch_event_map_open(void) { trace_add(TRACE_MAP_OPEN); }
void arch_map_close(void) { trace_add(TRACE_MAP_CLOSE); }

static bool is_write_with(const struct trace *trace, uint32_t reg, uint64_t bits)
{
	return trace->kind == TRACE_WRITE && trace->reg == reg && (trace->value & bits) == bits;
}

static bool is_command(const struct trace *trace, uint8_t opcode)
{
	return trace->kind == TRACE_COMMAND && (trace->value & 0xff) == opcode;
}

size_t first_write_with(uint32_t reg, uint64_t bits)
{
	for (size_t i = 0; i < fake_smmu.trace_count; i++)
		if (is_write_with(&fake_smmu.trace[i], reg, bits))
			return i;
	fail_msg("no write of 0x%lx to register 0x%x", (unsigned long)bits, reg);
	return 0;
}

size_t last_write_with(uint32_t reg, uint64_t bits)
{
	for (size_t i = fake_smmu.trace_count; i-- > 0;)
		if (is_write_with(&fake_smmu.trace[i], reg, bits))
			return i;
	fail_msg("no write of 0x%lx to register 0x%x", (unsigned long)bits, reg);
	return 0;
}

size_t first_command(uint8_t opcode)
{
	for (size_t i = 0; i < fake_smmu.trace_count; i++)
		if (is_command(&fake_smmu.trace[i], opcode))
			return i;
	fail_msg("no command 0x%x", opcode);
	return 0;
}

size_t last_command(uint8_t opcode)
{
	for (size_t i = fake_smmu.trace_count; i-- > 0;)
		if (is_command(&fake_smmu.trace[i], opcode))
			return i;
	fail_msg("no command 0x%x", opcode);
	return 0;
}

size_t next_of(enum trace_kind kind, size_t from)
{
	for (size_t i = from; i < fake_smmu.trace_count; i++)
		if (fake_smmu.trace[i].kind == kind)
			return i;
	return SIZE_MAX;
}

size_t writes_of(uint32_t reg)
{
	size_t count = 0;

	for (size_t i = 0; i < fake_smmu.trace_count; i++)
		count += is_write_with(&fake_smmu.trace[i], reg, 0);
	return count;
}
