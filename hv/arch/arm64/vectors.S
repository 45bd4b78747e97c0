/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EL2 exception vectors, the way into a PD and the probes. The hypervisor runs
 * with interrupts masked; they are taken from PDs only.
 */
#include <arch/asm.h>

	// struct guest_regs without x0 and x1: what a called function may change, but for x18 and x30; then the rest.
	.macro low_regs op
	\op	x2, x3, [sp, #16];	\op	x4, x5, [sp, #32];	\op	x6, x7, [sp, #48]
	\op	x8, x9, [sp, #64];	\op	x10, x11, [sp, #80];	\op	x12, x13, [sp, #96]
	\op	x14, x15, [sp, #112];	\op	x16, x17, [sp, #128]
	.endm
	.macro high_regs op
	\op	x18, x19, [sp, #144];	\op	x20, x21, [sp, #160];	\op	x22, x23, [sp, #176]
	\op	x24, x25, [sp, #192];	\op	x26, x27, [sp, #208];	\op	x28, x29, [sp, #224]
	.endm

	// Nobody asks for the PD's registers: those that C keeps need not be saved (AAPCS64, 6.1.1).
	.macro from_guest handler
	.balign	0x80
	stp	x0, x1, [sp, #-160]!
	low_regs stp
	stp	x18, x30, [sp, #144]
	bl	\handler
	low_regs ldp
	ldp	x18, x30, [sp, #144]
	ldp	x0, x1, [sp], #160
	eret
	.endm

	.macro from_hypervisor kind
	.balign	0x80
	mov	x0, #\kind
	b	hyp_unexpected
	.endm

	.text
	.balign	0x800
	.global vectors
vectors:
	.rept	4                       // current EL with SP_EL0: never used
	from_hypervisor 3
	.endr
	.balign	0x80                    // current EL, synchronous
	b	hyp_sync
	from_hypervisor 5               // IRQ: masked
	from_hypervisor 6               // FIQ: masked
	from_hypervisor 7               // SError: ours
	.balign	0x80                    // AArch64 below, synchronous: the handler sees all registers
	stp	x0, x1, [sp, #-GUEST_REGS_SIZE]!
	low_regs stp
	high_regs stp
	stp	x30, xzr, [sp, #240]
	mov	x0, sp
	bl	trap_guest_sync
return_to_guest:                        // with those that C keeps as C left them
	low_regs ldp
	ldr	x18, [sp, #144]
	ldr	x30, [sp, #240]
	ldp	x0, x1, [sp], #GUEST_REGS_SIZE
	eret
	from_guest trap_guest_irq
	from_guest trap_guest_irq       // FIQ: no secure interrupt is routed to us; none pending is harmless
	from_guest trap_guest_serror
	.rept	4                       // AArch32 at EL1: a PD's is AArch64 (HCR_EL2.RW)
	from_guest trap_guest_other
	.endr
	.balign	0x80

// void guest_return_all(x0 struct guest_regs): nothing else on the stack is of use.
	.global guest_return_all
guest_return_all:
	mov	sp, x0
return_all:
	low_regs ldp
	high_regs ldp
	ldr	x30, [sp, #240]
	ldp	x0, x1, [sp], #GUEST_REGS_SIZE
	eret

/*
 * An exception of our own: the fix-up of a probe, else panic. A stack that ran
 * into its guard page must not be used: test the address bit that tells them
 * apart, with no register to spare (sp carries x0 meanwhile).
 */
hyp_sync:
	sub	sp, sp, #GUEST_REGS_SIZE
	add	sp, sp, x0
	sub	x0, sp, x0
	tbz	x0, #STACK_BIT, hyp_overflow
	sub	x0, sp, x0
	sub	sp, sp, x0
	stp	x0, x1, [sp]
	low_regs stp
	high_regs stp
	str	x30, [sp, #240]
	mov	x0, sp
	bl	trap_hyp_sync
	b	return_all

hyp_overflow:
	mov	x0, #4
hyp_unexpected:
	mrs	x1, tpidr_el2
	add	sp, x1, #PERCPU_SIZE
	bl	trap_hyp_unexpected

/*
 * void arch_guest_start(x0 stack_top, x1 argument): into the PD with x0 =
 * argument and every other register zero. ELR_EL2 and SPSR_EL2 are set; its
 * exits find an empty stack.
 */
	.arch	armv8-a+simd
	.global arch_guest_start
arch_guest_start:
	dsb	sy                      // an SError of ours comes here and not in the PD
	isb
	mov	sp, x0
	mov	x0, x1
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	movi	v\n\().2d, #0
	.endr
	.irp	n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
	mov	x\n, xzr
	.endr
	eret

/*
 * Probes: bool arch_probe_*(x0 address, x1 value or where to put it). If the
 * access faults, trap_hyp_sync() resumes at probe_fault.
 */
	.macro probe_read name, value
	.global	\name
\name:
	ldr	\value, [x0]
	dsb	sy                      // an external abort is taken in here, or is an SError soon
	str	\value, [x1]
	mov	w0, #1
	ret
	.endm

	.macro probe_write name, value
	.global	\name
\name:
	str	\value, [x0]
	dsb	sy
	mov	w0, #1
	ret
	.endm

	.global probe_start, probe_end, probe_fault
probe_start:
	probe_read arch_probe_read64, x2
	probe_read arch_probe_read32, w2
	probe_write arch_probe_write64, x1
	probe_write arch_probe_write32, w1
probe_end:
probe_fault:
	mov	w0, wzr
	ret
