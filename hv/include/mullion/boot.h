/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of boot that core keeps in files of their own, and where entry code goes. */
#ifndef MULLION_BOOT_H
#define MULLION_BOOT_H

#include <stdint.h>

/* From the architecture's entry code, in the boot map, on the CPU's own stack. */
_Noreturn void boot_main(void);
/* Likewise, on every other CPU, once the boot CPU started it. */
_Noreturn void boot_secondary(void);
/* The image is not where it was linked for: says so and stops. */
_Noreturn void boot_refuse_address(uint64_t found, uint64_t needed);
/* Starts every other CPU of the table; verdicts. Returns when all wait to be sealed. */
void cpus_start(void);
/* Seals this CPU and lets the others do so; returns when the boot map is no more. */
void cpus_seal(void);
/* Lets the others start their PDs. */
void cpus_release(void);
/* Of another CPU: from its start to its release. */
void cpus_join(void);
/* Verdicts: every range of RAM that the table uses is there, and is not another one's alias. */
void ram_compare(void);
/* Verdicts: constants and images of PDs are what was built. After ram_compare() concluded: reads the store. */
void integrity_compare(void);

#endif
