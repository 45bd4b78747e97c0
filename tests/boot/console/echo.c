/* SPDX-License-Identifier: Apache-2.0 */
/* Echoes each line that is typed, by the receive interrupt; nothing polls. */
#include "pd.h"

static char line[64];
static uint32_t length;

void pd_on_interrupt(uint32_t intid)
{
	int c;

	if (intid != PD_CONSOLE_INTID)
		return;
	while ((c = pd_getc()) >= 0) {
		if (c != '\r' && c != '\n') {
			if (length < sizeof(line) - 1)
				line[length++] = (char)c;
			continue;
		}
		line[length] = 0;
		pd_print("typed: %s", line);
		length = 0;
	}
}

void pd_main(void)
{
	pd_console_listen();
	pd_print("listens");
	for (;;)
		pd_wait();
}
