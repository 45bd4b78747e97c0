/* SPDX-License-Identifier: Apache-2.0 */
/* Messages in the compilers' form, counted. */
#include "diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "tree.h"

static unsigned errors;

static void message(const char *place, const char *kind, const char *format, va_list args)
{
	fprintf(stderr, "%s: %s: ", place, kind);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

void error_at(int node, const char *property, const char *format, ...)
{
	va_list args;

	errors++;
	va_start(args, format);
	message(tree_place(node, property), "error", format, args);
	va_end(args);
}

void warning_at(int node, const char *property, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	message(tree_place(node, property), "warning", format, args);
	va_end(args);
}

void note_at(int node, const char *property, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	message(tree_place(node, property), "note", format, args);
	va_end(args);
}

void fatal(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	message("ptc", "error", format, args);
	va_end(args);
	exit(1);
}

unsigned error_count(void) { return errors; }
