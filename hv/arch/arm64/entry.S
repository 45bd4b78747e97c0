/* SPDX-License-Identifier: Apache-2.0 */
/*
 * First instructions: the arm64 Image header (Linux, Documentation/arch/arm64/
 * booting.rst), the checks that must come before C, and the boot map. Entered
 * at EL2 by U-Boot (bootm) or by QEMU (-kernel) with MMU and data cache off;
 * x0, a device tree, is not used. Nothing is written to memory before the MMU
 * is on, so no stale cache line can hide a write (Arm ARM B2.11).
 */
#include <arch/asm.h>

	.section .text.entry, "ax"
	.global entry
entry:
	b	1f
	.long	0
	.quad	0                       // text_offset
	.quad	layout_image_size
	.quad	0xa                     // little-endian, 4 KiB pages, placed anywhere
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	0

1:	msr	daifset, #0xf
	mrs	x19, cntvct_el0         // the entry time
	mrs	x1, CurrentEL
	cmp	x1, #(2 << 2)
	b.ne	stop                    // not our privilege level: nothing may be touched
	msr	tpidr_el2, xzr          // no percpu yet: the log asks
	adr	x0, entry
	ldr	x1, =entry              // link address
	cmp	x0, x1
	b.ne	wrong_address

	bl	boot_map_enter
	ldr	x0, =layout_zero_start
	ldr	x1, =layout_zero_end
	bl	arch_zero
	ldr	x0, =boot_stack_top
	mov	sp, x0
	mov	x0, x19
	bl	arch_start
stop:	wfi
	b	stop

/* Where firmware starts every other CPU (PSCI CPU_ON): like the first, into the boot map that the first made usable. */
	.text
	.global entry_secondary
entry_secondary:
	msr	daifset, #0xf
	mrs	x1, CurrentEL
	cmp	x1, #(2 << 2)
	b.ne	stop
	msr	tpidr_el2, xzr          // no page of its own yet: the log goes to the UART
	mov	x19, x0                 // its stack
	bl	boot_map_enter
	mov	sp, x19
	bl	arch_start_secondary
	b	stop

/* EL2's own registers and the boot map. Uses x20. */
boot_map_enter:
	mov	x20, x30
	mov	x0, #(1 << 31)          // HCR_EL2.RW; E2H off, as the tables assume
	msr	hcr_el2, x0
	isb
	adr	x0, vectors
	msr	vbar_el2, x0
	mov_q	x0, VMSA_MAIR_VALUE
	msr	mair_el2, x0
	ldr	x0, =layout_tcr
	msr	tcr_el2, x0
	ldr	x0, =boot_root
	bl	arch_mmu_switch
	ic	iallu
	dsb	nsh
	isb
	ret	x20

/*
 * Loaded where it was not linked for: say so with position-independent code,
 * on a stack that the image header reserved, and stop.
 */
wrong_address:
	adrp	x2, boot_stack_top
	add	x2, x2, :lo12:boot_stack_top
	mov	sp, x2
	bl	boot_refuse_address
	b	stop

	.text
/*
 * void arch_mmu_switch(paddr_t root): from any address space, or none, into
 * another, through registers only. The two may map the same page with
 * different block sizes, so no translation of both may be live at once: the
 * MMU is off in between (Arm ARM D8.17.1, break-before-make; EL2 has no ASID).
 * Runs at its physical address, which is its virtual one.
 */
	.global arch_mmu_switch
arch_mmu_switch:
	mov_q	x1, SCTLR_EL2_OFF
	mov_q	x2, SCTLR_EL2_ON
	dsb	sy                      // writes through the old map are done
	msr	sctlr_el2, x1
	isb
	tlbi	alle2
	dsb	nsh                     // no old translation is left
	msr	ttbr0_el2, x0
	isb
	msr	sctlr_el2, x2
	isb
	ret

/* void arch_call_on_stack(x0 stack_top, x1 function): leaves the old stack for good. */
	.global arch_call_on_stack
arch_call_on_stack:
	mov	sp, x0
	br	x1

/* void arch_zero(x0 start, x1 end), page-granular; DC ZVA needs the MMU on. */
	.global arch_zero
arch_zero:
	mrs	x2, dczid_el0           // nothing can prohibit DC ZVA at EL2
	and	x2, x2, #0xf
	mov	x3, #4
	lsl	x3, x3, x2              // block size; at most 2 KiB, so a page is a multiple
1:	cmp	x0, x1
	b.hs	2f
	dc	zva, x0
	add	x0, x0, x3
	b	1b
2:	ret

	.section .boot, "aw", %nobits
	.balign	16
	.skip	2048
boot_stack_top:
