/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What assembly shares with C, which asserts the sizes against its own types.
 */
#ifndef ARCH_ASM_H
#define ARCH_ASM_H

#define GUEST_REGS_SIZE         256     /* struct guest_regs, rounded to the stack's alignment */
#define VMSA_MAIR_VALUE         0x00ff  /* 0: normal, write-back; 1: nGnRnE (ptc/vmsa_s1.h) */
#define PERCPU_SIZE             4096    /* a CPU's own page; its end is the emergency stack */

/*
 * Stacks are 8 KiB in blocks of 16 KiB, above an unmapped guard of the same
 * size: this address bit is set in the stack and clear in the guard.
 */
#define STACK_BIT               13

/*
 * SCTLR_EL2 (Arm ARM): RES1 bits, then WXN, I, SA, C, A, M. A fetch
 * from a writable page faults, and so does any misaligned access of our own.
 */
#define SCTLR_EL2_OFF           0x30c50830
#define SCTLR_EL2_ON            0x30cd183f

#ifdef __ASSEMBLER__
	.macro mov_q reg, value
	movz	\reg, #((\value) & 0xffff)
	movk	\reg, #(((\value) >> 16) & 0xffff), lsl #16
	.endm
#endif

#endif
