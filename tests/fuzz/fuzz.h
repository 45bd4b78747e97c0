/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the fuzzer share. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "world.h"

struct appliance;

/* An input is a compiled tree, then its lines file, perhaps empty. How much of it is the tree. */
size_t fuzz_tree_size(const uint8_t *data, size_t size);

/* A property of ptc that does not hold: says so, and ends the fuzzer with this input. */
_Noreturn void fuzz_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* entry.c: ptc's two commands. The model of a build that came to its end, or NULL. */
int entry_headers(void);
int entry_build(void);
extern const struct appliance *entry_model;

/* oracle_text.c: what ptc said, and that what it wrote is well-formed. */
void oracle_outcome(const struct outcome *outcome, size_t outputs_needed);
/* oracle_json.c */
void oracle_json(const char *text);
/* oracle.c: what must be true of every table that ptc accepts. */
void oracle_model(const struct appliance *appliance);

#endif
