/* SPDX-License-Identifier: Apache-2.0 */
/*
 * faults_run(): each attempt with x19 as the place where its vector leaves what
 * it found: which vector, ESR, FAR, ELR, SPSR; then the address of the attempt.
 * The vectors use no stack, and go on at x20.
 */
	.text
	.global faults_run, faults_vectors

	.macro attempt name mode
	adr	x21, .Lat_\@
	adr	x20, .Ldone_\@
	str	x21, [x19, #40]
	msr	spsel, #\mode
	.ifc \name,abort_write
	ldr	x9, =0x50000010
	.endif
	.ifc \name,abort_read
	ldr	x9, =0x50000020
	.endif
	.ifc \name,abort_fetch
	ldr	x9, =0x50000030
	.endif
.Lat_\@:
	\name
.Ldone_\@:
	msr	spsel, #1
	add	x19, x19, #48
	.endm

	.macro abort_write
	str	wzr, [x9]
	.endm
	.macro abort_read
	ldr	w10, [x9]
	.endm
	.macro undefined_register
	mrs	x10, actlr_el1
	.endm
	.macro undefined_hvc
	hvc	#7
	.endm
	.macro undefined_smc
	smc	#7
	.endm

	.macro all mode
	attempt abort_write \mode
	attempt abort_read \mode
	attempt undefined_register \mode
	attempt undefined_hvc \mode
	attempt undefined_smc \mode
	.endm

faults_run:
	stp	x19, x20, [sp, #-32]!
	stp	x21, x30, [sp, #16]
	mov	x19, x0
	all 1
	all 0
	/* At EL0: the same abort, then SVC, which comes to EL1 as ever. */
	adr	x20, .Lback
	adr	x21, .Llower
	str	x21, [x19, #40]
	ldr	x9, =0x50000010
	msr	elr_el1, x21
	mov	x10, #0x3c0
	msr	spsr_el1, x10
	eret
.Llower:
	str	wzr, [x9]
.Lback:
	ldp	x21, x30, [sp, #16]
	ldp	x19, x20, [sp], #32
	ret

	.macro vector number
	.balign	0x80
	mov	x11, #\number
	b	found
	.endm

	.balign	0x800
faults_vectors:
	.altmacro
	.set	i, 0
	.rept	16
	vector	%i
	.set	i, i + 1
	.endr

found:
	str	x11, [x19]
	mrs	x11, esr_el1
	str	x11, [x19, #8]
	mrs	x11, far_el1
	str	x11, [x19, #16]
	mrs	x11, elr_el1
	str	x11, [x19, #24]
	mrs	x11, spsr_el1
	str	x11, [x19, #32]
	msr	elr_el1, x20
	mov	x11, #0x3c5
	msr	spsr_el1, x11
	eret
