/* SPDX-License-Identifier: Apache-2.0 */
/* The platform devices of plc: RTC (PL031) and the second UART (PL011). */
#ifndef PLC_H
#define PLC_H

#include <stdint.h>

/* An alarm every second from now on; the UART and its interrupt on. */
void devices_start(void);
void devices_interrupt(uint32_t intid);
void devices_uart_line(const char *text);
uint64_t devices_rtc_interrupts(void);
uint64_t devices_uart_interrupts(void);

#endif
