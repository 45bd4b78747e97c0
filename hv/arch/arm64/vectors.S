/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EL2 exception vectors, the way into a PD and the probes. The hypervisor runs
 * with interrupts masked; they are taken from PDs only.
 */
#include <arch/asm.h>

	.altmacro
	.macro access_pair instruction, first, second
	\instruction x\first, x\second, [sp, #(8 * \first)]
	.endm
	.macro stp_pair instruction, n
	access_pair \instruction, \n, %(\n + 1)
	.endm

	// Even-numbered registers with their successors, at 8 bytes each: struct guest_regs.
	.macro save_regs
	.irp	n, 0,2,4,6,8,10,12,14,16,18,20,22,24,26,28
	stp_pair stp, \n
	.endr
	str	x30, [sp, #240]
	.endm

	.macro restore_regs
	.irp	n, 0,2,4,6,8,10,12,14,16,18,20,22,24,26,28
	stp_pair ldp, \n
	.endr
	ldr	x30, [sp, #240]
	.endm

	.macro from_guest handler
	.balign	0x80
	sub	sp, sp, #GUEST_REGS_SIZE
	save_regs
	mov	x0, sp
	bl	\handler
	b	return_to_guest
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
	from_guest trap_guest_sync
	from_guest trap_guest_irq
	from_guest trap_guest_irq       // FIQ: no secure interrupt is routed to us; none pending is harmless
	from_guest trap_guest_other
	.rept	4                       // AArch32: PDs are AArch64 (HCR_EL2.RW)
	from_guest trap_guest_other
	.endr
	.balign	0x80

return_to_guest:
	restore_regs
	add	sp, sp, #GUEST_REGS_SIZE
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
	save_regs
	mov	x0, sp
	bl	trap_hyp_sync
	b	return_to_guest

hyp_overflow:
	mov	x0, #4
hyp_unexpected:
	mrs	x1, tpidr_el2
	add	sp, x1, #PERCPU_SIZE
	bl	trap_hyp_unexpected

/*
 * void arch_guest_start(x0 stack_top): into the PD with every register zero.
 * ELR_EL2 and SPSR_EL2 are set; its exits find an empty stack.
 */
	.arch	armv8-a+simd
	.global arch_guest_start
arch_guest_start:
	dsb	sy                      // an SError of ours comes here and not in the PD
	isb
	mov	sp, x0
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	movi	v\n\().2d, #0
	.endr
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
	mov	x\n, xzr
	.endr
	eret

/*
 * Probes: bool arch_probe_*(x0 address, x1 value or where to put it). If the
 * access faults, trap_hyp_sync() resumes at probe_fault.
 */
	.global probe_start, probe_end, probe_fault
probe_start:
	.global arch_probe_read64
arch_probe_read64:
	ldr	x2, [x0]
	dsb	sy                      // an external abort is taken in here, or is an SError soon
	str	x2, [x1]
	mov	w0, #1
	ret
	.global arch_probe_read32
arch_probe_read32:
	ldr	w2, [x0]
	dsb	sy
	str	w2, [x1]
	mov	w0, #1
	ret
	.global arch_probe_write64
arch_probe_write64:
	str	x1, [x0]
	dsb	sy
	mov	w0, #1
	ret
	.global arch_probe_write32
arch_probe_write32:
	str	w1, [x0]
	dsb	sy
	mov	w0, #1
	ret
probe_end:
probe_fault:
	mov	w0, wzr
	ret
