/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupts by wire, which are levels: the RTC's and the second UART's. */
#include "tester.h"

/* PL031 (DDI 0224C, 3.1), PL011 (DDI 0183G, 3.2) */
enum { RTC_DR = 0x00, RTC_MR = 0x04, RTC_IMSC = 0x10, RTC_RIS = 0x14, RTC_ICR = 0x1c };
enum { UART_DR = 0x00, UART_CR = 0x30, UART_CR_UARTEN_TXE = 0x101, UART_IMSC = 0x38, UART_ICR = 0x44,
       UART_TX = 1 << 5 };

static void rtc_raise(void)
{
	pd_write32(PD_RTC_BASE + RTC_IMSC, 1);
	while (!(pd_read32(PD_RTC_BASE + RTC_RIS) & 1))         /* the second may end in between */
		pd_write32(PD_RTC_BASE + RTC_MR, pd_read32(PD_RTC_BASE + RTC_DR));
}

static void rtc_lower(void)
{
	pd_write32(PD_RTC_BASE + RTC_ICR, 1);
	pd_barrier();
}

static void uart_raise(void)
{
	pd_write32(PD_UART1_BASE + UART_CR, UART_CR_UARTEN_TXE);
	pd_write32(PD_UART1_BASE + UART_DR, '.');
	pd_write32(PD_UART1_BASE + UART_IMSC, UART_TX);
}

static void uart_lower(void)
{
	pd_write32(PD_UART1_BASE + UART_ICR, UART_TX);
	pd_barrier();
}

/* As long as the device is not told, each end brings it back. */
static void comes_again(uint32_t intid, void (*raise)(void), void (*lower)(void))
{
	raise();
	for (int i = 0; i < 3; i++) {
		result(LINE_COMES_AGAIN, acknowledge_soon());
		result(LINE_COMES_AGAIN, acknowledge_never());
		if (i < 2)
			end(intid);
	}
	lower();
	end(intid);
	result(LINE_COMES_AGAIN, acknowledge_never());
	result(LINE_COMES_AGAIN, bit_read(ISPENDR, intid));
}

static void withdrawn(uint32_t intid, void (*raise)(void), void (*lower)(void))
{
	bit_write(ICENABLER, intid);
	raise();
	result(LINE_WITHDRAWN, acknowledge_never());
	lower();
	bit_write(ISENABLER, intid);
	result(LINE_WITHDRAWN, acknowledge_never());
	result(LINE_WITHDRAWN, bit_read(ISPENDR, intid));
}

static void waits(uint32_t intid, void (*raise)(void), void (*lower)(void))
{
	bit_write(ICENABLER, intid);
	raise();
	pause();
	bit_write(ISENABLER, intid);
	result(LINE_WAITS, acknowledge_soon());
	lower();
	end(intid);
	result(LINE_WAITS, acknowledge_never());
}

static void line_run(uint32_t intid, void (*raise)(void), void (*lower)(void))
{
	lower();
	pd_interrupt_enable(intid, PRIORITY_NORMAL, false);
	comes_again(intid, raise, lower);
	withdrawn(intid, raise, lower);
	waits(intid, raise, lower);
	comes_again(intid, raise, lower);
}

void lines_run(void)
{
	line_run(PD_RTC_INTID, rtc_raise, rtc_lower);
	line_run(PD_UART1_INTID, uart_raise, uart_lower);
}
