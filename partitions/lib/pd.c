/* SPDX-License-Identifier: Apache-2.0 */
/* Begin, console and arguments of a PD program. */
#include "pd.h"

#include <stdarg.h>

#include <arch/sysreg.h>
#include <mullion/log.h>

/* PL011 (DDI 0183G, chapter 3), which the console is a virtual one of. */
enum {
	PL011_DR = 0x00,
	PL011_FR = 0x18,
	PL011_FR_RXFE = 1 << 4,
	PL011_FR_TXFF = 1 << 5,
	PL011_LCR_H = 0x2c,
	PL011_LCR_H_8BIT_FIFO = 0x70,
	PL011_CR = 0x30,
	PL011_CR_UARTEN_TXE_RXE = 0x301,
	PL011_IMSC = 0x38,
	PL011_ICR = 0x44,
	PL011_RX_AND_TIMEOUT = 1 << 4 | 1 << 6,
};

__attribute__((weak)) void pd_vcpu_main(uint32_t vcpu) { (void)vcpu; }
__attribute__((weak)) void pd_on_interrupt(uint32_t intid) { (void)intid; }
__attribute__((weak)) void pd_on_tick(uint64_t late) { (void)late; }

void pd_begin(void)
{
	pd_interrupts_start();
	if (pd_vcpu() == 0) {
		pd_main();
		pd_power_off();
	}
	pd_vcpu_main(pd_vcpu());
	pd_vcpu_off();
}

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

void pd_console_listen(void)
{
	pd_write32(PD_CONSOLE + PL011_LCR_H, PL011_LCR_H_8BIT_FIFO);
	pd_write32(PD_CONSOLE + PL011_CR, PL011_CR_UARTEN_TXE_RXE);
	pd_write32(PD_CONSOLE + PL011_IMSC, PL011_RX_AND_TIMEOUT);
	pd_interrupt_enable(PD_CONSOLE_INTID, PD_PRIORITY, false);
}

int pd_getc(void)
{
	if (!(pd_read32(PD_CONSOLE + PL011_FR) & PL011_FR_RXFE))
		return (int)(pd_read32(PD_CONSOLE + PL011_DR) & 0xff);
	pd_write32(PD_CONSOLE + PL011_ICR, PL011_RX_AND_TIMEOUT);
	return -1;
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
	static const char words[] = " " PD_BOOTARGS;

	for (const char *at = words; *at; at++) {
		size_t i = 0;

		while (name[i] && at[i + 1] == name[i])
			i++;
		if (*at == ' ' && !name[i] && at[i + 1] == '=')
			return number(&at[i + 2]);
	}
	return missing;
}
