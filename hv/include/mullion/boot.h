/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of boot that core keeps in files of their own, and where entry code goes. */
#ifndef MULLION_BOOT_H
#define MULLION_BOOT_H

#include <stdint.h>

/* From the architecture's entry code, in the boot map, on the CPU's own stack. */
_Noreturn void boot_main(void);
/* The image is not where it was linked for: says so and stops. */
_Noreturn void boot_refuse_address(uint64_t found, uint64_t needed);
/* Verdicts: every range of RAM that the table uses is there, and is not another one's alias. */
void ram_compare(void);

#endif
