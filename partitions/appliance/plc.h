/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of plc beside its cycle. */
#ifndef PLC_H
#define PLC_H

#include <stdint.h>

/* Its platform devices, RTC (PL031) and second UART (PL011). From now on an alarm a second; the UART's interrupt on. */
void devices_start(void);
void devices_interrupt(uint32_t intid);
void devices_uart_line(const char *text);
uint64_t devices_rtc_interrupts(void);
uint64_t devices_uart_interrupts(void);

/* A line of how late its timer was served. */
void lateness_print(void);

#endif
