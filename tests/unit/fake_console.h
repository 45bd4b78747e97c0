/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps what the code under test logs, and turns a panic into a return to the test. */
#ifndef FAKE_CONSOLE_H
#define FAKE_CONSOLE_H

#include <stdint.h>

enum { FAKE_LINES_MAX = 1024, FAKE_LINE_SIZE = 256 };

struct console {
	uint32_t count;
	char line[FAKE_LINES_MAX][FAKE_LINE_SIZE];
};

extern struct console console;

void console_reset(void);
/* Fails unless `call` panics with `part` in its reason. */
void assert_panics(void (*call)(void), const char *part);

#endif
