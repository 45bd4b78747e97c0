/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a writable variable lives decides who can write it after the seal. The
 * linker refuses a variable that names none of these places. All start as zero.
 */
#ifndef MULLION_SECTION_H
#define MULLION_SECTION_H

/* Writable only until the seal: in the boot map and in no other. */
/* Apart from its caller, whose short way then needs no stack frame. */
#define APART __attribute__((noinline))
#define BOOT_DATA   __attribute__((section(".boot")))
/* The one page that every CPU can write after the seal. */
#define SHARED_DATA __attribute__((section(".shared")))
/* Written by the IOMMU, read-only for every CPU. */
#define EVENT_QUEUE __attribute__((section(".event_queue")))

#endif
