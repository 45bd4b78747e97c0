/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What PD programs are written with. The PD_* constants of the table's header
 * for this PD are in force in every file.
 *
 * A program runs at EL1 with the MMU off: all data accesses are device accesses,
 * in order and uncached. Exclusive accesses are not to be relied on there (Arm
 * ARM B2.17), so vCPUs talk by plain words, each with one writer, and barriers.
 */
#ifndef PD_H
#define PD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Plain loads and stores of one register: of any other form, such as one that
 * updates its base, the hypervisor is not told enough to emulate a device (Arm
 * ARM, ESR_EL2.ISS.ISV), and a compiler is free to choose them for volatile.
 */
#define PD_ACCESSORS(bits, load, store, operand) \
	static inline uint##bits##_t pd_read##bits(uint64_t addr) \
	{ \
		uint##bits##_t value; \
		__asm__ volatile(load " " operand ", [%1]" : "=r"(value) : "r"(addr) : "memory"); \
		return value; \
	} \
	static inline void pd_write##bits(uint64_t addr, uint##bits##_t value) \
	{ \
		__asm__ volatile(store " " operand ", [%1]" : : "r"(value), "r"(addr) : "memory"); \
	}

PD_ACCESSORS(8, "ldrb", "strb", "%w0")
PD_ACCESSORS(16, "ldrh", "strh", "%w0")
PD_ACCESSORS(32, "ldr", "str", "%w0")
PD_ACCESSORS(64, "ldr", "str", "%0")

/* Memory and device accesses before are complete for devices and CPUs before any after. */
static inline void pd_barrier(void) { __asm__ volatile("dsb sy" : : : "memory"); }

/* ---- the program's own ---- */

/* vCPU 0 starts here, with its interrupts on. Returning powers the PD off. */
void pd_main(void);
/* The others, when pd_vcpu_on() starts them. Returning turns this vCPU off. */
void pd_vcpu_main(uint32_t vcpu);
/* Every interrupt but the timer's; ended when it returns. */
void pd_on_interrupt(uint32_t intid);
/* Every interrupt of the timer, and how much of the counter it came after its time. */
void pd_on_tick(uint64_t late);

/* ---- console, arguments (pd.c) ---- */

/* One line; formats as log_info() of the hypervisor. For one vCPU of the PD. */
void pd_print(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* From now on PD_CONSOLE_INTID comes when something was typed. */
void pd_console_listen(void);
/* The next character typed; -1 if there is none. Ends the interrupt once it returned -1. */
int pd_getc(void);
/* Value of "name=" in the table's bootargs; `missing` where it is not there. */
uint64_t pd_argument(const char *name, uint64_t missing);

/* ---- interrupts (gic.c) ---- */

enum { PD_PRIORITY_HIGH = 0x40, PD_PRIORITY = 0x80, PD_PRIVATE_INTIDS = 32, PD_INTIDS = 1020 };

/* The virtual controller and this vCPU's part of it on. Done before pd_main() and pd_vcpu_main(). */
void pd_interrupts_start(void);
/* Edges for MSIs, levels for wires. Private ones are this vCPU's; others go to vCPU 0 until routed. */
void pd_interrupt_enable(uint32_t intid, uint8_t priority, bool edge);
void pd_interrupt_disable(uint32_t intid);
bool pd_interrupt_is_pending(uint32_t intid);
void pd_interrupt_route(uint32_t intid, uint32_t vcpu);
/* Interrupt 0 to 15 to a vCPU of this PD, perhaps this one. */
void pd_sgi(uint32_t vcpu, uint32_t sgi);

/* ---- time (timer.c) ---- */

/* This vCPU's virtual timer interrupts every `hz`th of a second from now on. */
void pd_timer_start(uint32_t hz);
/* Interrupts of it on this vCPU so far. */
uint64_t pd_timer_ticks(void);
/* Sleeps until the next interrupt. */
void pd_wait(void);
/* A counter, and how much of it is a second. */
uint64_t pd_now(void);
uint64_t pd_second(void);

/* ---- vCPUs and power (psci.c) ---- */

enum psci_function {
	PSCI_VERSION = 0x84000000,
	PSCI_CPU_OFF = 0x84000002,
	PSCI_CPU_ON = 0xc4000003,
	PSCI_AFFINITY_INFO = 0xc4000004,
	PSCI_SYSTEM_OFF = 0x84000008,
	PSCI_SYSTEM_RESET = 0x84000009,
	PSCI_FEATURES = 0x8400000a,
};

enum psci_result {
	PSCI_SUCCESS = 0,
	PSCI_NOT_SUPPORTED = -1,
	PSCI_INVALID_PARAMETERS = -2,
	PSCI_ALREADY_ON = -4,
	PSCI_ON_WAITS = -5,             /* ON_PENDING */
	/* of AFFINITY_INFO */
	PSCI_ON = 0,
	PSCI_OFF = 1,
	PSCI_ON_PENDING = 2,
};

/* Any call, by HVC. */
int64_t pd_psci(uint32_t function, uint64_t a, uint64_t b, uint64_t c);
/* Which vCPU this is. */
uint32_t pd_vcpu(void);
enum psci_result pd_vcpu_on(uint32_t vcpu);
enum psci_result pd_vcpu_power(uint32_t vcpu);
_Noreturn void pd_vcpu_off(void);
_Noreturn void pd_power_off(void);
_Noreturn void pd_reset(void);

/* ---- MSIs (msi.c) ---- */

/*
 * The MSI capability at `offset` of the function whose configuration page is at
 * `config` sends `intid` by way of the PD's MSI frame at `frame`.
 */
void pd_msi_start(uint64_t config, uint32_t offset, uint64_t frame, uint32_t intid);
/* Whatever address and data: for those who try what they may not. */
void pd_msi_program(uint64_t config, uint32_t offset, uint64_t address, uint32_t data);

/* ---- accesses that may fault (fault.c, try.S) ---- */

/* False if the access took an exception; nothing else happened then. Not for interrupt handlers. */
bool pd_try_read32(uint64_t addr, uint32_t *value);
bool pd_try_write32(uint64_t addr, uint32_t value);
/* One instruction with x0 to x3 as given, which are overwritten; others it must leave alone. */
bool pd_try_instruction(uint32_t instruction, uint64_t registers[4]);
/* ESR_EL1.EC and the whole of ESR_EL1 of this vCPU's last such exception. */
uint32_t pd_fault_class(void);
uint64_t pd_fault_esr(void);

enum { PD_FAULT_UNKNOWN = 0x00, PD_FAULT_DATA = 0x25 };

/* hvc, smc; mrs and msr of x0 by the register's name: 15 bits, of op0 the low one. */
#define PD_REGISTER(o0, op1, crn, crm, op2) ((o0) << 14 | (op1) << 11 | (crn) << 7 | (crm) << 3 | (op2))
static inline uint32_t pd_hvc(uint32_t immediate) { return 0xd4000002 | (immediate & 0xffff) << 5; }
static inline uint32_t pd_smc(uint32_t immediate) { return 0xd4000003 | (immediate & 0xffff) << 5; }
/* `name`: op0, op1, CRn, CRm and op2 as the instruction has them, bits 20 to 5 of it. */
static inline uint32_t pd_mrs(uint32_t name) { return 0xd5300000 | (name & 0x7fff) << 5; }
static inline uint32_t pd_msr(uint32_t name) { return 0xd5100000 | (name & 0x7fff) << 5; }

/* ---- for start.S ---- */

void pd_begin(void);
void pd_interrupt(void);
void pd_exception(void);
_Noreturn void pd_unexpected(void);

#endif
