/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Start of every vCPU of a PD program at EL1, MMU off, all memory zeroed but the
 * image; and its exception vectors: interrupts go to pd_interrupt(), synchronous
 * exceptions to pd_exception(), all else ends it.
 */
	.section .text.start, "ax"
	.global pd_start
pd_start:
	mrs	x0, mpidr_el1
	and	x0, x0, #0xff
	mov	x1, #0x4000                 /* as pd.ld */
	ldr	x2, =pd_stacks_end      /* vCPU 0 has the last one */
	msub	x2, x0, x1, x2
	mov	sp, x2
	adr	x0, vectors
	msr	vbar_el1, x0
	isb
	bl	pd_begin

	.text
	.macro exception handler
	.balign	0x80
	sub	sp, sp, #192
	stp	x0, x1, [sp, #0x00]
	stp	x2, x3, [sp, #0x10]
	stp	x4, x5, [sp, #0x20]
	stp	x6, x7, [sp, #0x30]
	stp	x8, x9, [sp, #0x40]
	stp	x10, x11, [sp, #0x50]
	stp	x12, x13, [sp, #0x60]
	stp	x14, x15, [sp, #0x70]
	stp	x16, x17, [sp, #0x80]
	stp	x18, x29, [sp, #0x90]
	str	x30, [sp, #0xa0]
	bl	\handler
	b	exception_return
	.endm

	.balign	0x800
vectors:
	.rept	4
	exception pd_unexpected
	.endr
	exception pd_exception
	exception pd_interrupt
	.rept	10
	exception pd_unexpected
	.endr

exception_return:
	ldp	x0, x1, [sp, #0x00]
	ldp	x2, x3, [sp, #0x10]
	ldp	x4, x5, [sp, #0x20]
	ldp	x6, x7, [sp, #0x30]
	ldp	x8, x9, [sp, #0x40]
	ldp	x10, x11, [sp, #0x50]
	ldp	x12, x13, [sp, #0x60]
	ldp	x14, x15, [sp, #0x70]
	ldp	x16, x17, [sp, #0x80]
	ldp	x18, x29, [sp, #0x90]
	ldr	x30, [sp, #0xa0]
	add	sp, sp, #192
	eret
