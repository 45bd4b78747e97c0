/* SPDX-License-Identifier: Apache-2.0 */
/* Exception vectors of the benchmark: the time is read before anything else happens. */
	.text
	.balign	0x800
	.global bench_vectors
bench_vectors:
	.rept	5
	b	unexpected
	.balign	0x80
	.endr

	stp	x0, x1, [sp, #-160]!            // current EL with its own stack, IRQ
	mrs	x0, cntvct_el0
	stp	x2, x3, [sp, #0x10]
	stp	x4, x5, [sp, #0x20]
	stp	x6, x7, [sp, #0x30]
	stp	x8, x9, [sp, #0x40]
	stp	x10, x11, [sp, #0x50]
	stp	x12, x13, [sp, #0x60]
	stp	x14, x15, [sp, #0x70]
	stp	x16, x17, [sp, #0x80]
	stp	x18, x30, [sp, #0x90]
	bl	bench_interrupt
	ldp	x2, x3, [sp, #0x10]
	ldp	x4, x5, [sp, #0x20]
	ldp	x6, x7, [sp, #0x30]
	ldp	x8, x9, [sp, #0x40]
	ldp	x10, x11, [sp, #0x50]
	ldp	x12, x13, [sp, #0x60]
	ldp	x14, x15, [sp, #0x70]
	ldp	x16, x17, [sp, #0x80]
	ldp	x18, x30, [sp, #0x90]
	ldp	x0, x1, [sp], #160
	eret

	.rept	10
	.balign	0x80
	b	unexpected
	.endr

unexpected:
	b	pd_unexpected
