/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages for the table's author: `file.dts:41: error: ...`. The place comes
 * from the node and, if not NULL, its property.
 */
#ifndef PTC_DIAG_H
#define PTC_DIAG_H

void error_at(int node, const char *property, const char *format, ...) __attribute__((format(printf, 3, 4)));
void warning_at(int node, const char *property, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The other party of the error before. */
void note_at(int node, const char *property, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Without a place in the table: files, options, memory. Ends the program. */
_Noreturn void fatal(const char *format, ...) __attribute__((format(printf, 1, 2)));

unsigned error_count(void);

#endif
