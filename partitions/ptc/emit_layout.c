/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layout.ld: the hypervisor's slots as a linker script. The maps cover whole
 * slots, so a section that outgrew its slot must not link. The constants, from
 * .rodata to .tables.iommu, are in the image with the gaps behind them, filled
 * with zeros: .boot_root comes after them.
 */
#include <inttypes.h>

#include "ptc.h"

#define HEX "0x%" PRIx64

/* What of the objects goes where, in slot order. */
static const struct {
	const char *section, *inputs, *remedy;
	bool nobits;
} sections[SLOT_COUNT] = {
	[SLOT_TEXT] = { ".text", "KEEP(*(.text.entry)) *(.text .text.*)", "raise CONFIG_TEXT_KIB", false },
	[SLOT_RODATA] = { ".rodata", "*(.rodata .rodata.* .srodata .srodata.*)", "raise CONFIG_RODATA_KIB", false },
	[SLOT_TABLES_CPU] = { ".tables.cpu", "KEEP(*(.tables.cpu))", "a bug of ptc", false },
	[SLOT_TABLES_IOMMU] = { ".tables.iommu", "KEEP(*(.tables.iommu))", "a bug of ptc", false },
	[SLOT_BOOT_ROOT] = { ".boot_root", "KEEP(*(.boot_root))", "a bug of ptc", false },
	[SLOT_BOOT] = { ".boot", "*(.boot)", "raise CONFIG_BOOT_DATA_KIB", true },
	[SLOT_SHARED] = { ".shared", "*(.shared)", "shared data is one page", true },
	[SLOT_EVENT_QUEUE] = { ".event_queue", "*(.event_queue)", "the event queue is one page", true },
};

/* Not loaded; named because every other section that has no place here is an error. */
static const char *const unloaded[] = {
	".debug_info", ".debug_abbrev", ".debug_line", ".debug_line_str", ".debug_str", ".debug_str_offsets",
	".debug_aranges", ".debug_loclists", ".debug_rnglists", ".debug_frame", ".debug_addr",
	".symtab", ".strtab", ".shstrtab",
};

static void emit_section(FILE *out, const struct slot *slot, size_t id)
{
	fprintf(out, "\t. = " HEX ";\n", slot->base);
	fprintf(out, "\t%s%s : { %s", sections[id].section, sections[id].nobits ? " (NOLOAD)" : "",
		sections[id].inputs);
	fprintf(out, " }\n\tASSERT(SIZEOF(%s) <= " HEX ", \"%s does not fit its slot of " HEX " bytes: %s\")\n",
		sections[id].section, slot->size, slot->name, slot->size, sections[id].remedy);
}

static void emit_symbols(FILE *out, const struct appliance *appliance)
{
	uint64_t block = appliance->slots[SLOT_STACKS].size / appliance->cpu_count;

	for (size_t cpu = 0; cpu < appliance->cpu_count; cpu++) {
		fprintf(out, "cpu_%zu_percpu = " HEX ";\n", cpu + 1,
			appliance->slots[SLOT_PERCPU].base + cpu * PAGE_SIZE);
		fprintf(out, "cpu_%zu_stack_top = " HEX ";\n", cpu + 1,
			appliance->slots[SLOT_STACKS].base + (cpu + 1) * block);
	}
	for (size_t p = 0; p <= appliance->pd_count; p++)
		fprintf(out, "pd_%zu_state = " HEX ";\n", p, appliance->slots[SLOT_PD_STATE].base + p * PAGE_SIZE);
}

/* Behind the code, filled in after the link (mk/hv.mk): the digest of the constants is not among them. */
static void emit_digest(FILE *out, const struct slot *text)
{
	fprintf(out, "\t.digest : ALIGN(8) { integrity_digest = .; QUAD(0) QUAD(0) QUAD(0) QUAD(0) }\n"
		     "\tASSERT(. <= " HEX ", \".digest does not fit behind .text: raise CONFIG_TEXT_KIB\")\n",
		text->base + text->size);
}

void emit_layout(FILE *out, const struct appliance *appliance, uint64_t tcr)
{
	const struct slot *slots = appliance->slots;
	uint64_t end = slots[SLOT_STACKS].base + slots[SLOT_STACKS].size;

	fprintf(out, "/* Made by ptc from the partition table %s. */\n", appliance->digest);
	fprintf(out, "ENTRY(entry)\n\nlayout_image_size = " HEX ";\n", end - slots[SLOT_TEXT].base);
	fprintf(out, "layout_tcr = " HEX ";\n", tcr);
	fprintf(out, "layout_zero_start = " HEX ";\n", slots[SLOT_BOOT].base);
	fprintf(out, "layout_zero_end = " HEX ";\n", slots[SLOT_PD_STATE].base + slots[SLOT_PD_STATE].size);
	emit_symbols(out, appliance);
	fprintf(out, "\nSECTIONS\n{\n");
	for (size_t id = 0; id < SLOT_COUNT; id++) {
		if (sections[id].section)
			emit_section(out, &slots[id], id);
		if (id == SLOT_TEXT)
			emit_digest(out, &slots[id]);
	}
	fprintf(out, "\n\t/* A writable variable says where it lives (mullion/section.h); nothing is relocated. */\n");
	fprintf(out,
		"\t.data : { *(.data .data.* .sdata .sdata.*) *(.bss .bss.* .sbss .sbss.* COMMON) *(.got .got.* .igot "
		".igot.*) *(.plt .iplt) }\n\t.rela : { *(.rel.* .rela.*) }\n");
	fprintf(out, "\tASSERT(SIZEOF(.data) == 0 && SIZEOF(.rela) == 0, "
		     "\"a variable is in none of the sections of mullion/section.h\")\n");
	for (size_t i = 0; i < ARRAY_SIZE(unloaded); i++)
		fprintf(out, "\t%s 0 : { *(%s) }\n", unloaded[i], unloaded[i]);
	fprintf(out, "\t/DISCARD/ : { *(.comment) *(.note*) *(.eh_frame*) *(.ARM.*) *(.dynamic) *(.dyn*) }\n}\n");
}
