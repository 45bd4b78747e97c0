/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ptc, the partition-table compiler: the steps that main() runs, in order.
 * Errors are reported through diag.h and counted; a step that found some
 * leaves the model incomplete, and main() stops after it.
 */
#ifndef PTC_H
#define PTC_H

#include <stdio.h>

#include "model.h"

/* board.c: the board's nodes. */
void board_read(struct board *board);
/* pd.c: the PDs' nodes; images are looked up in `image_dirs` unless that is NULL. */
void pds_read(struct appliance *appliance, const char *const *image_dirs);
/* check.c: the rules that need no addresses of the compiler's choice. */
void rules_check(const struct appliance *appliance);
/* place.c: host memory, BARs, images. */
void memory_place(struct appliance *appliance);
/* place.c: the hypervisor's slots, once the size of the tables is known. */
void slots_place(struct appliance *appliance, uint64_t cpu_tables_size, uint64_t iommu_tables_size);

/* emit_*.c and report.c: each writes one output. */
void emit_table(FILE *out, const struct appliance *appliance);
void emit_layout(FILE *out, const struct appliance *appliance, uint64_t tcr);
void emit_fit(FILE *out, const struct appliance *appliance, const char *hypervisor);
void emit_environment(FILE *out, const struct appliance *appliance);
void emit_figures(FILE *out, const struct appliance *appliance);
void emit_pd_header(FILE *out, const struct pd *pd);
void report_write(FILE *out, const struct appliance *appliance);

/* Text helpers. */
const char *access_text(unsigned access);
/* NAME_LIKE_THIS of name-like-this, for C and assembly. */
char *identifier(const char *name, bool upper);

/* Memory that the process keeps until it ends; exits with a message when there is none. */
void *keep_alloc(size_t count, size_t size);
char *keep_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Room for one more element at the end of a kept array; returns it zeroed. */
void *keep_append(void *array_pointer, size_t *count, size_t size);

#endif
