/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attempts that may take an exception (pd.h). Leaf code without a stack: where
 * one does, pd_exception() returns to pd_try_failed, which returns false to the
 * caller. An asynchronous abort would not be caught here.
 */
	.text
	.global pd_try_begin, pd_try_end, pd_try_failed, pd_try_slot
	.global pd_try_read32, pd_try_write32, pd_try_slot_run

pd_try_begin:
pd_try_read32:
	ldr	w2, [x0]
	str	w2, [x1]
	b	worked

pd_try_write32:
	str	w1, [x0]
	dsb	sy
	b	worked

/* x18 holds the caller's array: no call convention for HVC and SMC lets them change it (DEN0028, 2.6). */
pd_try_slot_run:
	mov	x18, x0
	ldp	x2, x3, [x18, #16]
	ldp	x0, x1, [x18]
	.balign	64
pd_try_slot:
	udf	#0
	isb
	stp	x0, x1, [x18]
	stp	x2, x3, [x18, #16]
worked:
	mov	w0, #1
	ret
pd_try_end:

pd_try_failed:
	mov	w0, #0
	ret
