/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log, and panic. Until a CPU is sealed it writes to the UART itself, polled;
 * a CPU without a percpu() too, wherever the code was loaded. From then on its
 * lines are made in its own page, cut to fit, and go into its ring.
 */
#include <mullion/log.h>

#include <mullion/arch.h>
#include <mullion/console.h>
#include <mullion/percpu.h>
#include <mullion/request.h>
#include <mullion/section.h>
#include <mullion/table.h>
#include <mullion/uart.h>

enum { PANICS_MAX = 4 };

static SHARED_DATA uint64_t console_ticks;
/* Of all CPUs. A panic that faults while it prints comes here again: not for ever. */
static SHARED_DATA uint32_t panics;

uint64_t log_ticks(void) { return console_ticks; }

static bool log_sealed(void) { return percpu() && percpu()->sealed; }

static void line_put(char c)
{
	struct percpu *cpu = percpu();

	if (cpu->line_length < sizeof(cpu->line) - 2)   /* and its end */
		cpu->line[cpu->line_length++] = c;
}

static void log_line(const char *prefix, const char *format, va_list args)
{
	uint64_t start = arch_ticks();
	bool sealed = log_sealed();
	void (*put)(char c) = sealed ? line_put : uart_putc;

	if (sealed)
		percpu()->line_length = 0;
	while (*prefix)
		put(*prefix++);
	format_to(put, format, args);
	if (sealed) {
		console_log_line(percpu()->line, percpu()->line_length);
		return;
	}
	uart_putc('\r');
	uart_putc('\n');
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

/*
 * After the seal the housekeeping CPU prints by itself, in whatever line it was;
 * any other CPU's ring is flushed by it as it halts. A lock that this CPU may
 * hold is nobody's any more: rings bear a second writer, and nobody else goes on.
 */
void panic(const char *format, ...)
{
	va_list args;
	bool sealed;

	if (panics++ >= PANICS_MAX)
		arch_halt();
	sealed = log_sealed();
	if (sealed) {
		lock_release(&percpu()->state->lock);
		if (percpu()->cpu == &table.cpus[table.housekeeping]) {
			percpu()->sealed = false;
			uart_putc('\r');
			uart_putc('\n');
		}
	}
	va_start(args, format);
	log_line("mullion: PANIC ", format, args);
	va_end(args);
	log_info("of table %s; every CPU is stopped", table.digest);
	for (uint32_t i = 1; sealed && i < table.cpu_count; i++)
		if (percpu()->cpu != &table.cpus[i])
			request_send(i, REQUEST_HALT);
	arch_halt();
}
