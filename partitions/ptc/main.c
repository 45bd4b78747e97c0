/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ptc: from a merged device tree to everything that the build needs of it.
 *
 *   ptc headers TREE LINES OUT
 *   ptc build TREE LINES OUT TEXT_KIB RODATA_KIB BOOT_KIB HYPERVISOR IMAGE...
 *
 * `headers` writes OUT/<label>.h for each PD, before the PDs' programs exist;
 * `build` writes the rest into OUT. Nothing is written if there is an error.
 * IMAGE is name=path, a built image that a table may name, or a folder where
 * the others are.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "maps.h"
#include "ptc.h"
#include "target.h"
#include "tree.h"

static FILE *output_open(const char *dir, const char *name)
{
	const char *path = keep_format("%s/%s", dir, name);
	FILE *file = fopen(path, "w");

	if (!file)
		fatal("cannot write %s: %s", path, strerror(errno));
	return file;
}

static void output_close(FILE *file)
{
	if (ferror(file) || fclose(file))
		fatal("cannot write: %s", strerror(errno));
}

static void stop_on_errors(void)
{
	if (error_count()) {
		fprintf(stderr, "ptc: %s; nothing was built\n", count_text(error_count(), "error"));
		exit(1);
	}
}

static void model_read(struct appliance *appliance, const char *tree, const char *lines, const char *const *images)
{
	tree_load(tree, lines);
	stop_on_errors();
	snprintf(appliance->digest, sizeof(appliance->digest), "%016" PRIx64, tree_digest());
	board_read(&appliance->board);
	stop_on_errors();
	board_check(&appliance->board);
	stop_on_errors();
	pds_read(appliance, images);
	stop_on_errors();
	bridges_number(appliance);
	stop_on_errors();
	shared_read(appliance);
	stop_on_errors();
	for (size_t p = 0; p < appliance->pd_count && images; p++)
		guest_tree_make(appliance, &appliance->pds[p]);
	stop_on_errors();
	rules_check(appliance);
	stop_on_errors();
	cpus_collect(appliance);
	spis_collect(appliance);
	stop_on_errors();
	memory_place(appliance);
	pci_place(appliance);
	stop_on_errors();
	address_sizes_choose(appliance);
}

static void headers_write(const struct appliance *appliance, const char *out)
{
	for (size_t p = 0; p < appliance->pd_count; p++) {
		FILE *file = output_open(out, keep_format("%s.h", appliance->pds[p].label));

		emit_pd_header(file, &appliance->board, &appliance->pds[p]);
		output_close(file);
	}
}

/* The build shows it beside the step. */
static void summary_print(const struct appliance *appliance, const struct maps *maps)
{
	size_t functions = 0, regions = 0;

	for (size_t p = 0; p < appliance->pd_count; p++) {
		functions += appliance->pds[p].function_count;
		regions += appliance->pds[p].region_count;
	}
	printf("%s, %s, %s, %zu+%zu tables\n", count_text(appliance->pd_count, "PD"), count_text(regions, "region"),
	       count_text(functions, "function"), pool_pages(maps->cpu) + 1, pool_pages(maps->iommu));
}

/* The device trees that ptc makes for PDs: where the FIT takes them from. */
static void guest_trees_write(struct appliance *appliance, const char *out)
{
	const char *folder = realpath(out, NULL);

	for (size_t p = 0; p < appliance->pd_count; p++) {
		struct image *dtb = &appliance->pds[p].images[IMAGE_DTB];
		FILE *file;

		if (!dtb->bytes)
			continue;
		dtb->path = keep_format("%s/%s", folder, dtb->file);
		fwrite(dtb->bytes, dtb->size, 1, file = output_open(out, dtb->file));
		output_close(file);
	}
}

static void build_write(struct appliance *appliance, const char *out, const char *hypervisor)
{
	struct maps maps;
	FILE *file;

	maps_build(&maps, appliance);
	stop_on_errors();
	guest_trees_write(appliance, out);
	maps_emit(&maps, appliance, file = output_open(out, "tables.S"));
	output_close(file);
	emit_table(file = output_open(out, "table.c"), appliance);
	output_close(file);
	emit_layout(file = output_open(out, "layout.ld"), appliance,
		    target_address_control(appliance->va_bits, appliance->pa_bits));
	output_close(file);
	emit_fit(file = output_open(out, "image.its"), appliance, hypervisor);
	output_close(file);
	emit_environment(file = output_open(out, "u-boot.env.txt"), appliance);
	output_close(file);
	emit_figures(file = output_open(out, "figures"), appliance);
	output_close(file);
	emit_images(file = output_open(out, "images.d"), appliance, out);
	output_close(file);
	report_write(file = output_open(out, "report.json"), appliance);
	output_close(file);
	stop_on_errors();
	summary_print(appliance, &maps);
}

static uint64_t kib(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*end || value == 0 || value % 4 || value > 1024)
		fatal("budget '%s' must be a multiple of 4 from 4 to 1024 (KiB)", text);
	return (uint64_t)value << 10;
}

int main(int argc, char **argv)
{
	struct appliance appliance = { 0 };

	if (argc == 5 && !strcmp(argv[1], "headers")) {
		model_read(&appliance, argv[2], argv[3], NULL);
		headers_write(&appliance, argv[4]);
		return 0;
	}
	if (argc > 9 && !strcmp(argv[1], "build")) {
		appliance.budgets = (struct budgets){ kib(argv[5]), kib(argv[6]), kib(argv[7]) };
		model_read(&appliance, argv[2], argv[3], (const char *const *)&argv[9]);
		build_write(&appliance, argv[4], argv[8]);
		return 0;
	}
	fatal("usage: ptc headers TREE LINES OUT | "
	      "ptc build TREE LINES OUT TEXT_KIB RODATA_KIB BOOT_KIB HYPERVISOR IMAGE...");
}
