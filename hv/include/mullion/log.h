/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The console log. Formats: %s, %u, %x, with `l` for 64 bits, and %-8s, %8u
 * and %08x with a width. Every call is one line; the newline is added.
 *
 * info: what boot did, and what PDs ask for. warn: a PD or device misbehaved
 * and was contained. panic is the only error. Not while the PD's lock is held,
 * panic apart. Works from the first instruction of C, at any address.
 */
#ifndef MULLION_LOG_H
#define MULLION_LOG_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#define LOG_FORMAT(string, first) __attribute__((format(printf, string, first)))

void log_info(const char *format, ...) LOG_FORMAT(1, 2);
void log_warn(const char *format, ...) LOG_FORMAT(1, 2);
/* Ticks spent on the log so far: boot times are stated with and without. */
uint64_t log_ticks(void);
/* Calls `put` for each character of the formatted text (lib/format.c). */
void format_to(void (*put)(char c), const char *format, va_list args);

/*
 * Prints one line with the reason and stops every CPU with the IOMMU as it is.
 * For programming errors and broken hardware; nothing a PD does leads here.
 */
_Noreturn void panic(const char *format, ...) LOG_FORMAT(1, 2);

#endif
