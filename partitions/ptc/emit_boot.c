/* SPDX-License-Identifier: Apache-2.0 */
/* What boots it: FIT source, U-Boot environment; and what the build must know: figures, images. */
#include <inttypes.h>
#include <string.h>

#include "ptc.h"

#define HEX "0x%" PRIx64

static void emit_hash(FILE *out) { fprintf(out, "\t\t\thash-1 { algo = \"sha256\"; };\n\t\t};\n"); }

static void emit_address(FILE *out, const char *property, uint64_t value)
{
	fprintf(out, "\t\t\t%s = <0x%x 0x%x>;\n", property, (unsigned)(value >> 32), (unsigned)value);
}

/* In the FIT: pd-1, pd-1-initrd. */
static const char *fit_name(size_t p, const struct image *image)
{
	const char *part = strchr(image->name, '.');

	return keep_format("pd-%zu%s%s", p + 1, part ? "-" : "", part ? part + 1 : "");
}

static void emit_image(FILE *out, size_t p, const struct image *image)
{
	fprintf(out, "\t\t%s {\n\t\t\tdescription = \"%s\";\n\t\t\tdata = /incbin/(\"%s\");\n"
		     "\t\t\ttype = \"firmware\";\n\t\t\tos = \"linux\";\n\t\t\tarch = \"arm64\";\n"
		     "\t\t\tcompression = \"none\";\n", fit_name(p, image), image->name, image->path);
	emit_address(out, "load", image->store);
	emit_hash(out);
}

void emit_fit(FILE *out, const struct appliance *appliance, const char *hypervisor)
{
	uint64_t base = appliance->board.hypervisor.base;

	fprintf(out, "/dts-v1/;\n\n/* Made by ptc from the partition table %s. */\n", appliance->digest);
	fprintf(out, "/ {\n\tdescription = \"Mullion appliance\";\n\t#address-cells = <2>;\n\n\timages {\n");
	fprintf(out, "\t\tmullion {\n\t\t\tdescription = \"hypervisor and partition table\";\n"
		     "\t\t\tdata = /incbin/(\"%s\");\n\t\t\ttype = \"kernel\";\n\t\t\tos = \"linux\";\n"
		     "\t\t\tarch = \"arm64\";\n\t\t\tcompression = \"none\";\n", hypervisor);
	emit_address(out, "load", base);
	emit_address(out, "entry", base);
	emit_hash(out);
	for (size_t p = 0; p < appliance->pd_count; p++) {
		const struct pd *pd = &appliance->pds[p];

		for (const struct image *image = image_next(pd, NULL); image; image = image_next(pd, image))
			emit_image(out, p, image);
	}
	fprintf(out,
		"\t};\n\n\tconfigurations {\n\t\tdefault = \"conf\";\n\t\tconf {\n"
		"\t\t\tdescription = \"table %s\";\n\t\t\tkernel = \"mullion\";\n\t\t\tloadables = ",
		appliance->digest);
	for (size_t p = 0; p < appliance->pd_count; p++) {
		const struct pd *pd = &appliance->pds[p];

		for (const struct image *image = image_next(pd, NULL); image; image = image_next(pd, image))
			fprintf(out, "%s\"%s\"", p || image != pd->images ? ", " : "", fit_name(p, image));
	}
	fprintf(out, ";\n\t\t};\n\t};\n};\n");
}

/*
 * Before it hashes the FIT, U-Boot takes bus mastering from every function: a
 * device that it left running could change what was hashed. All of the first
 * bus; and of as many others as the table has bridges, since U-Boot numbers
 * depth-first too. A port without bus mastering should forward no request (PCIe
 * 5.0, 7.5.1.1.3), so the first bus would do; QEMU's ports forward even so.
 */
void emit_environment(FILE *out, const struct appliance *appliance)
{
	const struct board *board = &appliance->board;

	fprintf(out, "bootdelay=-2\nfdt_high=0xffffffffffffffff\n");
	fprintf(out, "deny=setexpr c " HEX " - 0x1000; for b in 0", board->ecam.base + 4);
	for (size_t b = 0; b < appliance->bridge_count; b++)
		fprintf(out, " %zu", b + 1);
	fprintf(out, "; do for d in 0 1 2 3 4 5 6 7 8 9 a b c d e f; do for f in 0 1 2 3 4 5 6 7 8 9 a b c d e f; do "
		     "setexpr c ${c} + 0x1000; mw.w ${c} 0; done; done; done\n");
	fprintf(out, "bootcmd=run deny; bootm " HEX "#conf - ${fdtcontroladdr}; echo BOOT-FAILED; poweroff\n",
		board->flash.base + board->flash_fit.base);
}

/* Where table.integrity lies in the image. */
static void emit_integrity(FILE *out, const struct slot *slots)
{
	uint64_t base = slots[SLOT_RODATA].base, end = slots[SLOT_TABLES_IOMMU].base + slots[SLOT_TABLES_IOMMU].size;

	fprintf(out, "INTEGRITY_OFFSET=%" PRIu64 "\nINTEGRITY_SIZE=%" PRIu64 "\n", base - slots[SLOT_TEXT].base,
		end - base);
}

void emit_figures(FILE *out, const struct appliance *appliance)
{
	const struct board *board = &appliance->board;
	uint64_t ram = 0;
	size_t cpus = 0;

	for (size_t i = 0; i < board->ram_count; i++)
		ram += board->ram[i].size;
	for (size_t c = 0; c < appliance->cpu_count; c++)
		if (appliance->cpus[c].cpu + 1 > cpus)
			cpus = appliance->cpus[c].cpu + 1;
	fprintf(out, "BOARD_RAM_MIB=%" PRIu64 "\nBOARD_CPUS=%zu\n", ram >> 20, cpus);
	fprintf(out, "FLASH_SIZE=%" PRIu64 "\nFLASH_ENV_SIZE=%" PRIu64 "\nFLASH_FIT_OFFSET=%" PRIu64 "\n",
		board->flash.size, board->flash_env.size, board->flash_fit.base);
	emit_integrity(out, appliance->slots);
	fprintf(out, "FLASH_FIT_SIZE=%" PRIu64 "\nSTORE_LOADS=", board->flash_fit.size);
	for (size_t p = 0; p < appliance->pd_count; p++) {
		const struct pd *pd = &appliance->pds[p];

		for (const struct image *image = image_next(pd, NULL); image; image = image_next(pd, image))
			fprintf(out, "%s" HEX ":%s", p || image != pd->images ? " " : "", image->store, image->path);
	}
	fprintf(out, "\n");
}

/* Of what ptc does not make itself. */
static void emit_paths(FILE *out, const struct appliance *appliance, bool rules)
{
	for (const struct pd *pd = appliance->pds; pd < appliance->pds + appliance->pd_count; pd++)
		for (const struct image *image = image_next(pd, NULL); image; image = image_next(pd, image))
			if (!image->bytes)
				fprintf(out, rules ? "%s:\n" : " %s", image->path);
}

/* The empty rules: an image that is gone is remade, or missed by ptc at the table's line, not by make. */
void emit_images(FILE *out, const struct appliance *appliance, const char *dir)
{
	fprintf(out, "%s/table.c:", dir);
	emit_paths(out, appliance, false);
	fprintf(out, "\n");
	emit_paths(out, appliance, true);
}
