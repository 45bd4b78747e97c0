/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_console.h"

#include "test.h"

#include <mullion/log.h>

struct console console;

static jmp_buf *panic_return;
static char panic_reason[FAKE_LINE_SIZE];

void console_reset(void) { console.count = 0; }

static void console_add(const char *format, va_list args)
{
	assert_true(console.count < FAKE_LINES_MAX);
	vsnprintf(console.line[console.count++], FAKE_LINE_SIZE, format, args);
}

void log_warn(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	console_add(format, args);
	va_end(args);
}

void panic(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(panic_reason, sizeof(panic_reason), format, args);
	va_end(args);
	if (panic_return)
		longjmp(*panic_return, 1);
	fail_msg("panic: %s", panic_reason);
	__builtin_unreachable();
}

void assert_panics(void (*call)(void), const char *part)
{
	jmp_buf here;

	panic_return = &here;
	if (!setjmp(here)) {
		call();
		panic_return = NULL;
		fail_msg("no panic, expected one that says '%s'", part);
	}
	panic_return = NULL;
	assert_says(panic_reason, part);
}
