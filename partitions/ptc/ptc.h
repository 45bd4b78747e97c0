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
/* pd.c: the PDs' nodes. `images` says where image_read looks. */
void pds_read(struct appliance *appliance, const char *const *images);
/*
 * image.c: a PD's image. `images` ends with NULL; an entry is name=path, the path
 * of a built image, or a folder with others. NULL: nothing is built yet, nor looked up.
 */
void image_read(int node, struct pd *pd, const char *const *images);
/* check_board.c: what the board says of itself; the rules that need no PD. */
void board_check(const struct board *board);
/* Whether everything that this release can map holds it; whether one range of RAM does. */
bool below_limit(struct range range);
bool ram_holds(const struct board *board, struct range range);
/* Both parties of an overlap: the error at `b`, the note at `a`. */
void report_overlap(int a, const char *a_property, const char *a_name, struct range a_range, int b,
		    const char *b_property, const char *b_name, struct range b_range, const char *remedy);
/* check.c: the rules of the PDs that need no addresses of the compiler's choice. */
void rules_check(const struct appliance *appliance);
/* place.c: host memory, BARs, images. */
void memory_place(struct appliance *appliance);
/* address_sizes.c */
void address_sizes_choose(struct appliance *appliance);
/* slots.c: the hypervisor's slots, once the size of the tables is known. */
void slots_place(struct appliance *appliance, uint64_t cpu_tables_size, uint64_t iommu_tables_size);

/* emit_*.c and report.c: each writes one output. */
void emit_table(FILE *out, const struct appliance *appliance);
void emit_layout(FILE *out, const struct appliance *appliance, uint64_t tcr);
void emit_fit(FILE *out, const struct appliance *appliance, const char *hypervisor);
void emit_environment(FILE *out, const struct appliance *appliance);
void emit_figures(FILE *out, const struct appliance *appliance);
/* A make fragment: table.c in `dir` needs the images. */
void emit_images(FILE *out, const struct appliance *appliance, const char *dir);
void emit_pd_header(FILE *out, const struct board *board, const struct pd *pd);
void report_write(FILE *out, const struct appliance *appliance);

/* Text helpers. */
const char *access_text(unsigned access);
/* "1 window", "2 windows". */
char *count_text(size_t count, const char *noun);
/* NAME_LIKE_THIS of name-like-this, for C and assembly. */
char *identifier(const char *name, bool upper);
/* What stands between the quotes of a C string. */
char *c_string(const char *text);

/* Memory that the process keeps until it ends; exits with a message when there is none. */
void *keep_alloc(size_t count, size_t size);
char *keep_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Room for one more element at the end of a kept array; returns it zeroed. */
void *keep_append(void *array_pointer, size_t *count, size_t size);

#endif
