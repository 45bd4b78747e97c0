/* SPDX-License-Identifier: Apache-2.0 */
/* Console, arguments and power of a PD program. */
#include "pd.h"

#include <stdarg.h>

#include <arch/sysreg.h>
#include <mullion/log.h>

enum { PL011_DR = 0x00, PL011_FR = 0x18, PL011_FR_TXFF = 1 << 5 };

static const uint64_t psci_system_off = 0x84000008;

static void put(char c)
{
	while (pd_read32(PD_CONSOLE + PL011_FR) & PL011_FR_TXFF)
		;
	pd_write32(PD_CONSOLE + PL011_DR, (uint8_t)c);
}

void pd_print(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	format_to(put, format, args);
	va_end(args);
	put('\n');
}

static unsigned digit_of(char c)
{
	return c >= '0' && c <= '9' ? (unsigned)(c - '0') : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

static uint64_t number(const char *text)
{
	unsigned base = text[0] == '0' && text[1] == 'x' ? 16 : 10;
	uint64_t value = 0;

	for (text += base == 16 ? 2 : 0; digit_of(*text) < base; text++)
		value = value * base + digit_of(*text);
	return value;
}

uint64_t pd_argument(const char *name, uint64_t missing)
{
	for (const char *at = PD_BOOTARGS; *at; at++) {
		size_t i = 0;

		while (name[i] && at[i] == name[i])
			i++;
		if (!name[i] && at[i] == '=')
			return number(&at[i + 1]);
	}
	return missing;
}

void pd_power_off(void)
{
	register uint64_t x0 __asm__("x0") = psci_system_off;

	for (;;)
		__asm__ volatile("hvc #0" : "+r"(x0) : : "x1", "x2", "x3", "memory");
}

void pd_unexpected(void)
{
	pd_print("unexpected exception: esr 0x%lx elr 0x%lx far 0x%lx", sysreg_read(esr_el1), sysreg_read(elr_el1),
		 sysreg_read(far_el1));
	pd_power_off();
}
