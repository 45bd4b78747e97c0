/* SPDX-License-Identifier: Apache-2.0 */
/* The log on the board's console, and panic. Callers write whole lines. */
#include <mullion/log.h>

#include <mullion/arch.h>
#include <mullion/section.h>
#include <mullion/table.h>
#include <mullion/uart.h>

static void put_string(const char *text)
{
	while (*text)
		uart_putc(*text++);
}

static SHARED_DATA uint64_t console_ticks;

uint64_t log_ticks(void) { return console_ticks; }

static void log_line(const char *prefix, const char *format, va_list args)
{
	uint64_t start = arch_ticks();

	put_string(prefix);
	format_to(uart_putc, format, args);
	put_string("\r\n");
	console_ticks += arch_ticks() - start;
}

void log_info(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_line("mullion: ", format, args);
	va_end(args);
}

void log_warn(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_line("mullion: WARN ", format, args);
	va_end(args);
}

void log_pd(const char *label, const char *text, size_t size)
{
	uart_putc('[');
	put_string(label);
	put_string("] ");
	for (size_t i = 0; i < size; i++)
		uart_putc(text[i]);
	put_string("\r\n");
}

void panic(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_line("mullion: PANIC ", format, args);
	va_end(args);
	log_info("of table %s; this CPU is stopped", table.digest);
	arch_halt();
}
