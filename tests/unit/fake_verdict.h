/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps every verdict of the code under test. */
#ifndef FAKE_VERDICT_H
#define FAKE_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

void verdicts_reset(void);
uint32_t verdicts_good(void);
uint32_t verdicts_bad(void);
/* Whether a bad verdict names `part` as its property or its instance. */
bool verdicts_bad_of(const char *part);
/* Fails with the names of the bad ones, if any. */
void assert_all_good(void);
void assert_bad_of(const char *part);

#endif
