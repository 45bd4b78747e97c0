/* SPDX-License-Identifier: Apache-2.0 */
/* The board, from standard Linux bindings and the "mullion," nodes of its reserved memory. */
#include "board.h"

#include <string.h>

#include <mullion/table.h>

#include "diag.h"
#include "tree.h"

static int next_node(int after, int above, const char *compatible)
{
	do
		after = tree_compatible(after, compatible);
	while (after >= 0 && !tree_is_below(after, above));
	return after;
}

int board_find(int above, const char *compatible, const char *what)
{
	int node = next_node(-1, above, compatible);

	if (node < 0)
		return node;
	for (int other = node; (other = next_node(other, above, compatible)) >= 0;) {
		error_at(216, other, NULL,
			 "%s is a second %s; the hypervisor takes one: take it away, or disable it, "
			 "status = \"disabled\"", tree_full_name(other), what);
		note_at(node, NULL, "the first is here");
	}
	return node;
}

int board_node(int above, const char *compatible, const char *what)
{
	int node = board_find(above, compatible, what);
	int disabled = tree_compatible_disabled(compatible);

	if (node >= 0)
		return node;
	error_at(201, tree_node("/"), "model", "the board has no %s%s: it needs a node compatible with '%s'", what,
		 disabled >= 0 ? " that is enabled" : "", compatible);
	if (disabled >= 0)
		note_at(tree_disabled_by(disabled), "status", "%s is disabled here", tree_full_name(disabled));
	return node;
}

void board_claim(struct board *board, int node, const char *property, const char *what, struct range range)
{
	*(struct claim *)keep_append(&board->claims, &board->claim_count, sizeof(struct claim)) =
		(struct claim){ node, property, what, range };
}

void board_read_device(struct board *board, int node, size_t idx, const char *what, struct range *range)
{
	if (tree_reg(node, idx, range))
		board_claim(board, node, "reg", what, *range);
}

static void check_page_granular(int node, const char *what, struct range range)
{
	if (!is_page_granular(range.base) || !is_page_granular(range.size))
		error_at(202, node, "reg", "%s [0x%llx, 0x%llx) is not page granular; both must be multiples of 0x%x",
			 what, (unsigned long long)range.base, (unsigned long long)range_end(range), PAGE_SIZE);
}

static void read_memory(struct board *board, int node)
{
	size_t count;

	if (!tree_reg_count(node, &count))
		return;
	for (size_t i = 0; i < count; i++) {
		struct range *ram = keep_append(&board->ram, &board->ram_count, sizeof(*ram));

		if (board->ram_count == TABLE_RAM_MAX + 1)
			error_at(203, node, "reg",
				 "range %zu of RAM; the hypervisor takes %d: join those that touch, or leave some out",
				 board->ram_count, TABLE_RAM_MAX);
		board_read_device(board, node, i, BOARD_RAM, ram);
		check_page_granular(node, "RAM", *ram);
	}
}

static void read_ram(struct board *board)
{
	int root = tree_node("/");

	for (int node = tree_first_child(root); node >= 0; node = tree_next_child(node)) {
		const char *type;

		if (tree_enabled(node) && tree_has(node, "device_type") && tree_string(node, "device_type", &type) &&
		    !strcmp(type, "memory"))
			read_memory(board, node);
	}
	if (!board->ram_count && !error_count())
		error_at(204, root, "model", "the board has no RAM: it needs a node with device_type = \"memory\"");
}

static void read_bootloader(struct board *board, int node)
{
	struct range *range = keep_append(&board->bootloader, &board->bootloader_count, sizeof(*range));

	if (!tree_reg_one(node, range))
		return;
	check_page_granular(node, "the bootloader's memory", *range);
	if (ranges_overlap(*range, board->hypervisor))
		report_overlap(205, board->hypervisor_node, "reg", "the hypervisor's memory", board->hypervisor, node,
			       "reg",
			       "the bootloader's memory", *range, "it loads the hypervisor: move one of them");
}

static void read_reserved(struct board *board)
{
	int reserved = tree_node("/reserved-memory");

	board->hypervisor_node = board_node(reserved < 0 ? 0 : reserved, "mullion,hypervisor",
					    "memory for the hypervisor");
	if (board->hypervisor_node >= 0)
		tree_reg_one(board->hypervisor_node, &board->hypervisor);
	for (int node = tree_first_child(reserved); node >= 0; node = tree_next_child(node)) {
		if (tree_is_compatible(node, "mullion,bootloader-reserved"))
			read_bootloader(board, node);
		else if (!tree_is_compatible(node, "mullion,hypervisor") || !tree_enabled(node))
			error_at(206, node, NULL,
				 "%s is reserved for neither one hypervisor nor the bootloader; "
				 "take it out of the board's RAM instead",
				 tree_full_name(node));
	}
}

static void read_cpus(struct board *board)
{
	int cpus = tree_node("/cpus");

	for (int node = tree_first_child(cpus); node >= 0; node = tree_next_child(node)) {
		struct cpu *cpu;
		uint32_t reg;

		if (strcmp(tree_name(node), "cpu") != 0)
			continue;
		tree_cells(node, "reg", &reg, 1);
		cpu = keep_append(&board->cpus, &board->cpu_count, sizeof(*cpu));
		*cpu = (struct cpu){ node, reg };
	}
	if (!board->cpu_count)
		error_at(207, tree_node("/"), "model",
			 "the board has no CPU: it needs a node of the name cpu below /cpus");
}

/* Without names. */
enum { TIMER_SECURE, TIMER_PHYSICAL, TIMER_VIRTUAL, TIMER_HYPERVISOR };

static void read_interrupt_controller(struct board *board)
{
	int node = board_node(0, "arm,gic-v3", "interrupt controller");
	int timer = board_node(0, "arm,armv8-timer", "timer");

	board->irqchip_node = node;
	board->timer_node = timer;
	if (node >= 0) {
		uint32_t frames = 1;

		board_read_device(board, node, 0, "the distributor", &board->gicd);
		board_read_device(board, node, 1, "the redistributors", &board->gicr);
		if (tree_has(node, "#redistributor-regions") &&
		    tree_cells(node, "#redistributor-regions", &frames, 1) && frames != 1)
			error_at(208, node, "#redistributor-regions",
				 "%u ranges of redistributors; this release takes one",
				 frames);
		board->maintenance_intid = interrupt_of_controller(node);
	}
	if (timer >= 0) {
		board->timer_intid = interrupt_of_timer(timer, "virt", TIMER_VIRTUAL);
		board->hyp_timer_intid = interrupt_of_timer(timer, "hyp-phys", TIMER_HYPERVISOR);
	}
}

/* The node that 'stdout-path' names; reports that there is none. */
static int console_node(int chosen)
{
	const char *text;
	const char *name;
	int node;

	if (!tree_string(chosen, "stdout-path", &text))
		return -1;
	name = keep_format("%.*s", (int)strcspn(text, ":"), text);
	node = tree_node_or_alias(name);
	if (node < 0)
		error_at(209, chosen, "stdout-path",
			 "'%s' is no path of a node and no alias; 'stdout-path' names the board's console", name);
	return node;
}

static void read_console(struct board *board)
{
	static const char driven[] = "arm,pl011";
	int chosen = tree_node("/chosen");
	int node;

	if (chosen < 0) {
		error_at(210, tree_node("/"), "model",
			 "the board has no console: it needs /chosen with a 'stdout-path'");
		return;
	}
	node = console_node(chosen);
	if (node < 0)
		return;
	if (!tree_is_compatible(node, driven)) {
		error_at(211, chosen, "stdout-path",
			 "the console, %s, is not compatible with '%s', which this release needs; name one that is",
			 tree_full_name(node), driven);
		note_at(node, "compatible", "it is declared here");
	} else if (!tree_enabled(node)) {
		error_at(212, chosen, "stdout-path", "the console, %s, is disabled; enable it or name another",
			 tree_full_name(node));
		note_at(tree_disabled_by(node), "status", "it is disabled here");
	} else {
		board->console_node = node;
		board_read_device(board, node, 0, "the console", &board->console);
		if (board->console.size)
			board->console_intid = interrupt_of_console(node);
	}
}

static void read_iommu(struct board *board)
{
	int node = board_node(0, "arm,smmu-v3", "IOMMU");

	board->iommu_node = node;
	if (node < 0)
		return;
	board_read_device(board, node, 0, "the IOMMU", &board->iommu);
	board->iommu_event_intid = interrupt_of_iommu(node, "eventq");
	board->iommu_error_intid = interrupt_of_iommu(node, "gerror");
	if (board->iommu_event_intid && board->iommu_event_intid == board->iommu_error_intid)
		error_at(213, node, "interrupts",
			 "'eventq' and 'gerror' are one interrupt, INTID %u; each needs its own",
			 board->iommu_event_intid);
}

static void read_flash(struct board *board)
{
	int node = board_node(0, "cfi-flash", "flash");
	int parts = node < 0 ? node : board_node(node, "fixed-partitions", "flash layout");

	if (parts < 0)
		return;
	board_read_device(board, node, 0, "the flash", &board->flash);
	for (int part = tree_first_child(parts); part >= 0; part = tree_next_child(part)) {
		const char *label;
		uint32_t reg[2];

		if (!tree_string(part, "label", &label) || !tree_cells(part, "reg", reg, 2))
			continue;
		if (!strcmp(label, "u-boot-env"))
			board->flash_env = (struct range){ reg[0], reg[1] };
		else if (!strcmp(label, "fit"))
			board->flash_fit = (struct range){ reg[0], reg[1] };
	}
	if (!board->flash_env.size || !board->flash_fit.size)
		error_at(214, parts, NULL, "the board's flash needs the partitions 'u-boot-env' and 'fit'");
	else if (board->flash.size && (board->flash_env.base || range_end(board->flash_env) > board->flash_fit.base ||
				       range_end(board->flash_fit) > board->flash.size))
		error_at(215, parts, NULL,
			 "'u-boot-env' must begin the flash, 'fit' come after it and end within the flash");
}

void board_read(struct board *board)
{
	tree_string(tree_node("/"), "model", &board->model);
	read_ram(board);
	read_reserved(board);
	read_cpus(board);
	read_interrupt_controller(board);
	read_console(board);
	read_iommu(board);
	board_read_pci(board);
	board_read_its(board);
	read_flash(board);
}
