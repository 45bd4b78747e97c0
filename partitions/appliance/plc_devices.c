/* SPDX-License-Identifier: Apache-2.0 */
/* RTC and second UART of plc: the real ones, with their interrupts. */
#include "pd.h"
#include "plc.h"

/* PL031 (DDI 0224C, 3.1) */
enum {
	RTC_DR = 0x00,
	RTC_MR = 0x04,
	RTC_IMSC = 0x10,
	RTC_ICR = 0x1c,
	RTC_INTERRUPT = 1,
};

/* PL011 (DDI 0183G, 3.2) */
enum {
	UART_DR = 0x00,
	UART_FR = 0x18,
	UART_FR_TXFF = 1 << 5,
	UART_LCR_H = 0x2c,
	UART_LCR_H_8BIT_FIFO = 0x70,
	UART_CR = 0x30,
	UART_CR_UARTEN_TXE = 0x101,
	UART_IMSC = 0x38,
	UART_ICR = 0x44,
	UART_TX = 1 << 5,
};

static volatile uint64_t rtc_interrupts, uart_interrupts;

static void alarm_set(void) { pd_write32(PD_RTC_BASE + RTC_MR, pd_read32(PD_RTC_BASE + RTC_DR) + 1); }

void devices_start(void)
{
	pd_write32(PD_RTC_BASE + RTC_ICR, RTC_INTERRUPT);
	alarm_set();
	pd_write32(PD_RTC_BASE + RTC_IMSC, RTC_INTERRUPT);
	pd_interrupt_enable(PD_RTC_INTID, PD_PRIORITY, false);

	pd_write32(PD_UART1_BASE + UART_LCR_H, UART_LCR_H_8BIT_FIFO);
	pd_write32(PD_UART1_BASE + UART_CR, UART_CR_UARTEN_TXE);
	pd_write32(PD_UART1_BASE + UART_IMSC, UART_TX);
	pd_interrupt_enable(PD_UART1_INTID, PD_PRIORITY, false);
}

void devices_interrupt(uint32_t intid)
{
	if (intid == PD_RTC_INTID) {
		pd_write32(PD_RTC_BASE + RTC_ICR, RTC_INTERRUPT);
		alarm_set();
		rtc_interrupts++;
	} else if (intid == PD_UART1_INTID) {
		pd_write32(PD_UART1_BASE + UART_ICR, UART_TX);
		uart_interrupts++;
	}
}

void devices_uart_line(const char *text)
{
	for (; *text; text++) {
		while (pd_read32(PD_UART1_BASE + UART_FR) & UART_FR_TXFF)
			;
		pd_write32(PD_UART1_BASE + UART_DR, (uint8_t)*text);
	}
}

uint64_t devices_rtc_interrupts(void) { return rtc_interrupts; }
uint64_t devices_uart_interrupts(void) { return uart_interrupts; }
