/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages for the table's author: `file.dts:41: error: ...`. The place comes
 * from the node and, if not NULL, its property.
 */
#ifndef PTC_DIAG_H
#define PTC_DIAG_H

void error_at(unsigned rule, int node, const char *property, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* What is legal and doubtful: the build goes on. */
void warning_at(unsigned number, int node, const char *property, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* The other party of the error or warning before. */
void note_at(int node, const char *property, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Without a place in the table: files, options, memory. Ends the program. */
_Noreturn void fatal(const char *format, ...) __attribute__((format(printf, 1, 2)));

unsigned error_count(void);

#endif
