/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine against the table: each comparison prints one line with what was
 * found and what is needed. A failed one does not stop at once, so that one
 * boot names every difference; verdict_conclude() then refuses to start a PD.
 */
#ifndef MULLION_VERDICT_H
#define MULLION_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

/* `what` names it, `which` tells instances apart ("" for none). */
void verdict_equal(const char *what, const char *which, uint64_t found, uint64_t needed);
void verdict_least(const char *what, const char *which, uint64_t found, uint64_t needed);
/* For properties without a number. */
void verdict_holds(const char *what, const char *which, bool holds);
/* Returns if every verdict so far was good; else says how many were not and halts. */
void verdict_conclude(const char *stage);

#endif
