/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kconfig symbols in C. Every build includes <generated/config.h>, in which a
 * symbol that is on is 1 and one that is off is missing; IS_ENABLED() makes 1
 * or 0 of that, so that both sides of an `if` are compiled.
 */
#ifndef MULLION_CONFIG_H
#define MULLION_CONFIG_H

#include <generated/config.h>

#define CONFIG_IS_1 0,
#define CONFIG_SECOND(first, second, ...) second
#define CONFIG_PICK(arg) CONFIG_SECOND(arg 1, 0, 0)
#define CONFIG_EXPAND(symbol) CONFIG_PICK(CONFIG_IS_##symbol)
#define IS_ENABLED(symbol) CONFIG_EXPAND(symbol)

#endif
