/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ptc, the partition-table compiler: the steps that main() runs, in order.
 * Errors are reported through diag.h and counted; a step that found some
 * leaves the model incomplete, and main() stops after it.
 */
#ifndef PTC_H
#define PTC_H

#include <stdarg.h>
#include <stdio.h>

#include "json.h"
#include "model.h"

struct table_reset;

/* board.c: the board's nodes. */
void board_read(struct board *board);
/* pd.c: the PDs' nodes. `images` says where image_read looks. */
void pds_read(struct appliance *appliance, const char *const *images);
/* cpus.c: the CPUs that a property names; one owner for each; the list of those used. */
bool cpus_read(int node, const char *property, const struct board *board, size_t **cpus, size_t *count);
void cpus_check(const struct appliance *appliance);
void cpus_collect(struct appliance *appliance);
/* device.c: a PD's node with `device`; the rules of devices. */
void device_read(int node, const struct board *board, struct device *device);
void devices_check(const struct appliance *appliance);
/* shared.c: resolves `shared-with`, once all PDs are read; its rules; which party of a region stands for all. */
void shared_read(struct appliance *appliance);
void shared_check(const struct appliance *appliance);
const struct region *shared_first(const struct region *region);
bool shared_between(const struct region *a, const struct region *b);
/* spis.c: a number for the watchdog's interrupt; pd.spis, of devices, console, watchdog and MSIs; by INTID. */
void spis_place_watchdog(const struct board *board, struct pd *pd);
void spis_collect(struct appliance *appliance);
/*
 * restart.c: how often a PD may be restarted; the rules of those that may; how long the slowest of its functions
 * drains; its arrays and members in table.c.
 */
void restart_read(int node, struct pd *pd);
void restart_check(const struct appliance *appliance, const struct pd *pd);
uint32_t restart_drain_us(const struct pd *pd);
void restart_emit(FILE *out, const struct pd *pd, size_t idx);
void restart_emit_members(FILE *out, const struct pd *pd, size_t idx);
/* reset.c: how a function is reset; its steps, of all functions of a PD; the registers that they write, each once. */
void reset_read(int node, struct function *function);
const char *reset_name(enum reset reset);
size_t reset_steps(const struct pd *pd, struct table_reset **all);
size_t reset_registers(const struct pd *pd, struct range **registers);
/* check_reset.c: its rules. */
void resets_check(const struct appliance *appliance, const struct pd *pd);
/* function.c: a PD's function; what is common to functions and bridges; the property that says where it is. */
void function_read(int node, struct pd *pd, struct function *function);
void function_read_header(int node, struct function *function);
const char *function_place(const struct function *function);
/* bridge.c: whether a node is one; it; then all of them in the order of their buses, and who is behind which. */
bool bridge_is(int node);
void bridge_read(int node, struct bridge *bridge);
void bridges_number(struct appliance *appliance);
const char *bridge_type_name(const struct bridge *bridge);
/* check_bridges.c: their rules. check_groups.c: isolation groups, which have one owner. check_fates.c: fate groups. */
void bridges_check(const struct appliance *appliance);
void groups_check(const struct appliance *appliance);
void fates_check(const struct appliance *appliance);
unsigned group_of(const struct appliance *appliance, const struct function *function);
/* Why two functions are of one group. */
const char *group_why(const struct appliance *appliance, const struct function *a, const struct function *b);
/* pd.c: names end up in C, assembly and file names. */
void name_check(int node, const char *what, const char *name);
/*
 * image.c: a PD's image, initrd or dtb; false if the node is none of them. `images` ends with NULL; an entry is
 * name=path, the path of a built image, or a folder with others. NULL: nothing is built yet, nor looked up.
 */
bool image_read(int node, struct pd *pd, const char *const *images);
/* config_space.c: capabilities of a function, and what the PD sees of its configuration space. */
void function_read_capabilities(int node, struct function *function);
void function_check_capabilities(const struct function *function);
/* Its arrays, before the array of functions, and the members that point at them. `idx` is its index. */
void emit_config_space(FILE *out, const struct pd *pd, const struct function *function, size_t idx);
void emit_config_space_members(FILE *out, const struct function *function, size_t idx);
/* check_board.c: what the board says of itself; the rules that need no PD. */
void board_check(const struct board *board);
/* Whether everything that this release can map holds it; whether one range of RAM does. */
bool below_limit(struct range range);
bool ram_holds(const struct board *board, struct range range);
/* The other party of an error about memory. */
void note_ram(const struct board *board);
/* Both parties of an overlap: the error at `b`, the note at `a`. */
void report_overlap(unsigned rule, int a, const char *a_property, const char *a_name, struct range a_range, int b,
		    const char *b_property, const char *b_name, struct range b_range, const char *remedy);
void check_pages(int node, const char *property, const char *what, uint64_t value);
/* check.c: the rules of the PDs that need no addresses of the compiler's choice. */
void rules_check(const struct appliance *appliance);
/* Of a bridge too: `registers` of BARs that it has; whether its bus is the first one. */
void check_bars(const struct function *function, unsigned registers);
bool check_bdf(const struct board *board, const struct function *function);
/* check_doubts.c: what a PD may say, and is warned about. */
void doubts_check(const struct pd *pd);
/* check_names.c: names that would be one in C: of PDs, in a PD, of two things. */
void check_labels(const struct appliance *appliance);
void check_names(const struct pd *pd);
void check_names_differ(int a, const char *a_what, const char *a_name, int b, const char *b_what, const char *b_name);
/* check_images.c: where images are loaded. */
void images_check(const struct pd *pd);
/* guest_tree.c: the device tree of a PD that wants one, once rules and the sizes of its images are known. */
void guest_tree_make(const struct appliance *appliance, struct pd *pd);
/* Which of its regions is memory for it, as that tree says; the window of its functions, or NULL. */
bool guest_owns_memory(const struct region *region);
const struct region *guest_window(const struct pd *pd);
/* check_guest.c: what an operating system needs of its PD. */
void guest_check(const struct pd *pd);
/* check_space.c: what a PD sees at its addresses is apart. */
void space_check(const struct board *board, const struct pd *pd);
/* check_dma.c: what functions use is passed on by the host bridge. */
void dma_check(const struct board *board, const struct pd *pd);
/* place.c: host memory, images. */
void memory_place(struct appliance *appliance);
/* place_pci.c: BARs, bridges' windows; where PDs see functions. */
void pci_place(struct appliance *appliance);
/* address_sizes.c */
void address_sizes_choose(struct appliance *appliance);
/* slots.c: the hypervisor's slots, once the size of the tables is known. */
void slots_place(struct appliance *appliance, uint64_t cpu_tables_size, uint64_t iommu_tables_size);

/* msi.c: a function's vectors; their rules; the PD's pool, among its SPIs; its frame and header. */
void function_read_msi(int node, struct function *function);
void msi_check(const struct board *board, const struct pd *pd);
void msi_place(struct pd *pd);
void msi_emit_frame(FILE *out, const struct pd *pd);
void msi_emit_header(FILE *out, const struct pd *pd);
/* its.c: how much there is, once pools are placed; where, once slots are; of what CPUs map, and devices. */
void its_count(struct appliance *appliance);
uint64_t its_constants_size(const struct appliance *appliance);
uint64_t its_memory_size(const struct appliance *appliance);
extern const uint64_t its_memory_align;
void its_place(struct appliance *appliance);
struct range its_control(const struct appliance *appliance);
uint64_t its_doorbell(const struct board *board);
uint32_t function_device_id(const struct board *board, const struct function *function);
/* Pending table of a CPU; 0 for one that takes no LPIs. */
uint64_t its_lpi_pending(const struct appliance *appliance, const struct used_cpu *cpu);
/* Into the current section, which begins its slot. */
void its_emit_constants(FILE *out, const struct appliance *appliance);
void its_emit_lpis(FILE *out, const struct appliance *appliance);
void its_emit_irqchip(FILE *out, const struct appliance *appliance);
void its_report_function(struct json *json, const struct board *board, const struct pd *pd,
			 const struct function *function);

/* emit_*.c and report.c: each writes one output. */
void emit_table(FILE *out, const struct appliance *appliance);
/* emit_pci.c: within emit_table, functions, bridges, registers; the member `pci`. */
void emit_pci(FILE *out, const struct appliance *appliance);
void emit_pci_member(FILE *out, const struct appliance *appliance);
/* digest.c: within emit_table, the line of an image. */
void emit_image_digest(FILE *out, const struct image *image);
void emit_layout(FILE *out, const struct appliance *appliance, uint64_t tcr);
void emit_fit(FILE *out, const struct appliance *appliance, const char *hypervisor);
void emit_environment(FILE *out, const struct appliance *appliance);
void emit_figures(FILE *out, const struct appliance *appliance);
/* A make fragment: table.c in `dir` needs the images. */
void emit_images(FILE *out, const struct appliance *appliance, const char *dir);
void emit_pd_header(FILE *out, const struct board *board, const struct pd *pd);
void report_write(FILE *out, const struct appliance *appliance);
/* report_pci.c, check_fates.c: within it. */
void report_function(struct json *json, const struct board *board, const struct pd *pd,
		     const struct function *function);
void report_bridges(struct json *json, const struct appliance *appliance);
void report_groups(struct json *json, const struct appliance *appliance);
void report_fates(struct json *json, const struct appliance *appliance);

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
char *keep_format_args(const char *format, va_list args) __attribute__((format(printf, 1, 0)));
/* Room for one more element at the end of a kept array; returns it zeroed. */
void *keep_append(void *array_pointer, size_t *count, size_t size);

#endif
