/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of the board: what it has is apart, and where this release can map it. */
#include <string.h>

#include "diag.h"
#include "ptc.h"
#include "tree.h"

#define HEX(value) ((unsigned long long)(value))

enum { HYPERVISOR_ALIGN = 2 << 20 };

bool below_limit(struct range range) { return range_within(range.base, range.size, 0, UINT64_C(1) << 48); }

bool ram_holds(const struct board *board, struct range range)
{
	for (size_t i = 0; i < board->ram_count; i++)
		if (range_within(range.base, range.size, board->ram[i].base, board->ram[i].size))
			return true;
	return false;
}

void note_ram(const struct board *board)
{
	for (size_t i = 0; i < board->claim_count; i++) {
		if (strcmp(board->claims[i].what, BOARD_RAM) != 0)
			continue;
		note_at(board->claims[i].node, board->claims[i].property, "the board's RAM is declared here");
		return;
	}
}

void report_overlap(unsigned rule, int a, const char *a_property, const char *a_name, struct range a_range, int b,
		    const char *b_property, const char *b_name, struct range b_range, const char *remedy)
{
	error_at(rule, b, b_property, "%s [0x%llx, 0x%llx) overlaps %s [0x%llx, 0x%llx); %s", b_name, HEX(b_range.base),
		 HEX(range_end(b_range)), a_name, HEX(a_range.base), HEX(range_end(a_range)), remedy);
	note_at(a, a_property, "%s is declared here", a_name);
}

static void check_claim(const struct claim *claim)
{
	if (!below_limit(claim->range))
		error_at(241, claim->node, claim->property,
			 "%s [0x%llx, 0x%llx) ends above 2^48, where no map reaches; move it or leave it out",
			 claim->what, HEX(claim->range.base), HEX(range_end(claim->range)));
	if (!is_page_granular(claim->range.base))
		error_at(242, claim->node, claim->property,
			 "%s begins at 0x%llx, which is not a multiple of the page size 0x%x", claim->what,
			 HEX(claim->range.base), PAGE_SIZE);
}

static struct range whole_pages(struct range range)
{
	return (struct range){ range.base, round_up(range.size, PAGE_SIZE) };
}

/* By pages, since that is how maps give them out. */
static void check_claims(const struct board *board)
{
	for (size_t i = 0; i < board->claim_count; i++) {
		const struct claim *a = &board->claims[i];

		check_claim(a);
		for (size_t j = 0; j < i; j++) {
			const struct claim *b = &board->claims[j];

			if (ranges_overlap(whole_pages(b->range), whole_pages(a->range)))
				report_overlap(243, b->node, b->property, b->what, b->range, a->node, a->property,
					       a->what,
					       a->range, "parts of the board have pages of their own: move one");
		}
	}
}

static void check_hypervisor(const struct board *board)
{
	struct range ours = board->hypervisor;

	if (!ram_holds(board, ours)) {
		error_at(244, board->hypervisor_node, "reg",
			 "the hypervisor's memory [0x%llx, 0x%llx) is not in the board's RAM; move it there",
			 HEX(ours.base), HEX(range_end(ours)));
		note_ram(board);
	}
	if (ours.base % HYPERVISOR_ALIGN || ours.size % HYPERVISOR_ALIGN)
		error_at(245, board->hypervisor_node, "reg",
			 "the hypervisor's memory [0x%llx, 0x%llx) must be 2 MiB granular", HEX(ours.base),
			 HEX(range_end(ours)));
}

/* Affinities 2, 1 and 0 of MPIDR_EL1, zeros above (Linux, bindings/arm/cpus.yaml): boot would find no other. */
static void check_cpu_number(const struct cpu *cpu)
{
	const unsigned affinity_bits = 24;

	if (cpu->hw_id >> affinity_bits)
		error_at(248, cpu->node, "reg",
			 "%s has the number 0x%llx; it takes %u bits, affinities 2, 1 and 0 of that CPU",
			 tree_full_name(cpu->node), HEX(cpu->hw_id), affinity_bits);
}

static void check_cpus(const struct board *board)
{
	for (size_t i = 0; i < board->cpu_count; i++) {
		check_cpu_number(&board->cpus[i]);
		for (size_t j = i + 1; j < board->cpu_count; j++) {
			if (board->cpus[i].hw_id != board->cpus[j].hw_id)
				continue;
			error_at(246, board->cpus[j].node, "reg", "two CPUs have the number 0x%llx; each needs its own",
				 HEX(board->cpus[j].hw_id));
			note_at(board->cpus[i].node, "reg", "the first is here");
		}
	}
}

/* One that is two cannot be told apart by its number. */
static void check_private_interrupts(const struct board *board)
{
	const struct {
		uint32_t intid;
		int node;
		const char *what;
	} all[] = {
		{ board->timer_intid, board->timer_node, "the virtual timer" },
		{ board->hyp_timer_intid, board->timer_node, "the hypervisor's timer" },
		{ board->maintenance_intid, board->irqchip_node, "the interrupt controller's maintenance" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		for (size_t j = 0; j < i; j++) {
			if (all[i].intid != all[j].intid)
				continue;
			error_at(247, all[i].node, "interrupts",
				 "%s and %s are one interrupt, INTID %u; each needs its own", all[j].what, all[i].what,
				 all[i].intid);
			note_at(all[j].node, "interrupts", "%s is declared here", all[j].what);
		}
	}
}

void board_check(const struct board *board)
{
	check_claims(board);
	check_hypervisor(board);
	check_cpus(board);
	check_private_interrupts(board);
}
