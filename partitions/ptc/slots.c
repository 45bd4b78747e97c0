/* SPDX-License-Identifier: Apache-2.0 */
/* The hypervisor's slots: consecutive in the memory that the board reserves for it. */
#include "diag.h"
#include "ptc.h"
#include "target.h"

#define HEX(value) ((unsigned long long)(value))

static uint64_t slot_align(enum slot_id id)
{
	if (id == SLOT_STACKS)
		return target_stack_block;
	if (id == SLOT_ITS)
		return its_memory_align;
	return id == SLOT_TABLES_IOMMU ? device_table_align : PAGE_SIZE;
}

void slots_place(struct appliance *appliance, uint64_t cpu_tables_size, uint64_t iommu_tables_size)
{
	static const char *const names[SLOT_COUNT] = {
		"text", "rodata", "tables.cpu", "tables.iommu", "boot_root",   "boot",
		"shared", "percpu", "pd_state", "event_queue", "stacks", "its",
	};
	const struct budgets *budgets = &appliance->budgets;
	uint64_t at = appliance->board.hypervisor.base;
	uint64_t sizes[SLOT_COUNT] = {
		[SLOT_TEXT] = budgets->text,
		[SLOT_RODATA] = budgets->rodata,
		[SLOT_TABLES_CPU] = cpu_tables_size,
		[SLOT_TABLES_IOMMU] = iommu_tables_size,
		[SLOT_BOOT_ROOT] = PAGE_SIZE,
		[SLOT_BOOT] = budgets->boot,
		[SLOT_SHARED] = PAGE_SIZE,
		[SLOT_PERCPU] = appliance->cpu_count * PAGE_SIZE,
		[SLOT_PD_STATE] = (appliance->pd_count + 1) * PAGE_SIZE,
		[SLOT_EVENT_QUEUE] = PAGE_SIZE,
		[SLOT_STACKS] = appliance->cpu_count * target_stack_block,
		[SLOT_ITS] = its_memory_size(appliance),
	};

	for (size_t i = 0; i < SLOT_COUNT; i++) {
		at = round_up(at, slot_align((enum slot_id)i));
		appliance->slots[i] = (struct slot){ names[i], at, sizes[i] };
		at += sizes[i];
	}
	its_place(appliance);
	if (at > range_end(appliance->board.hypervisor))
		error_at(921, appliance->board.hypervisor_node, "reg",
			 "the hypervisor needs 0x%llx bytes, 0x%llx of them translation tables; the board reserves "
			 "0x%llx: regions take fewer tables when 'reg', 'iova' and 'phys' agree modulo 2 MiB",
			 HEX(at - appliance->board.hypervisor.base), HEX(cpu_tables_size + iommu_tables_size),
			 HEX(appliance->board.hypervisor.size));
}
