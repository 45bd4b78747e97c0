/* SPDX-License-Identifier: Apache-2.0 */
/* Messages in the compilers' form, counted. */
#include "diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "ptc.h"
#include "tree.h"

enum { ERRORS_MAX = 100 };      /* more than anybody reads, and what one mistake in a large table makes */

static unsigned errors;

/* Messages quote the table: what could pass for another line, or command a terminal, is shown as \ooo. */
static void print_shown(const char *text)
{
	for (; *text; text++)
		fprintf(stderr, (unsigned char)*text < ' ' || *text == 0x7f ? "\\%03o" : "%c", (unsigned char)*text);
}

/* `letter` and `rule` are its number in RULES.md, "R" 101; 0: none. */
static void message(const char *letter, unsigned rule, const char *place, const char *kind, const char *format,
		    va_list args)
{
	print_shown(place);
	fprintf(stderr, ": %s: ", kind);
	print_shown(keep_format_args(format, args));
	if (rule)
		fprintf(stderr, " [%s%u]", letter, rule);
	fputc('\n', stderr);
}

void error_at(unsigned rule, int node, const char *property, const char *format, ...)
{
	va_list args;

	if (errors++ == ERRORS_MAX)
		fatal("more than %d errors; the others are not shown, and nothing was built", ERRORS_MAX);
	va_start(args, format);
	message("R", rule, tree_place(node, property), "error", format, args);
	va_end(args);
}

void warning_at(unsigned number, int node, const char *property, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	message("W", number, tree_place(node, property), "warning", format, args);
	va_end(args);
}

void note_at(int node, const char *property, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	message("", 0, tree_place(node, property), "note", format, args);
	va_end(args);
}

void fatal(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	message("", 0, "ptc", "error", format, args);
	va_end(args);
	exit(1);
}

unsigned error_count(void) { return errors; }
