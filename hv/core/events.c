/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the IOMMU refused: one line on the console per function, page, rights
 * and reason, with how often, since one blocked transfer raises many events;
 * then the policy of the function's PD. Housekeeping CPU only. A flood costs
 * this CPU EVENTS_PER_TURN events each EVENTS_TURNS_PER_SECOND, and no other.
 */
#include <mullion/pd.h>

#include <mullion/arch.h>
#include <mullion/iommu.h>
#include <mullion/irqchip.h>
#include <mullion/log.h>
#include <mullion/pci.h>
#include <mullion/request.h>
#include <mullion/section.h>

enum {
	EVENTS_PER_TURN = 32,
	EVENTS_TURNS_PER_SECOND = 1000,
	EVENTS_TURNS_TO_FINISH = 64,    /* more than any queue holds */
	EVENTS_PER_LINE = 1 << 14,      /* a flood of equal ones is a line each half second */
};

/* The first of equal ones that are not printed yet, and how many. */
static SHARED_DATA struct iommu_event held;
static SHARED_DATA uint32_t held_count;
/* Which of the two interrupts are active, and so masked: until the queue is empty only the timer works. */
static SHARED_DATA uint8_t active;
enum { ACTIVE_EVENT = 1, ACTIVE_ERROR = 2 };

static const char *access_name(uint8_t access)
{
	return access == ACCESS_W ? "write" : access == ACCESS_X ? "fetch" : "read";
}

static bool same_denial(const struct iommu_event *a, const struct iommu_event *b)
{
	return a->stream == b->stream && a->reason == b->reason && a->access == b->access &&
	       a->addr.iova / PAGE_SIZE == b->addr.iova / PAGE_SIZE;
}

/* Behind a bridge to conventional PCI nobody knows which one it was. */
static void held_print(void)
{
	const struct table_function *function = table_function_of_stream(held.stream, NULL);
	const char *name = function ? function->name : "an undeclared function";
	const char *others = function && table_function_of_stream(held.stream, function) ? " or its neighbours" : "";
	const char *label = function ? table.pds[function->pd].label : "no PD";

	if (!held_count)
		return;
	if (held.has_addr)
		log_warn("denied %s of %s%s (%s) at 0x%lx: %s, %u times", access_name(held.access), name, others, label,
			 held.addr.iova, held.reason, held_count);
	else
		log_warn("denied %s%s (%s), stream 0x%x: %s, %u times", name, others, label, held.stream, held.reason,
			 held_count);
	held_count = 0;
}

static void policy_apply(const struct table_function *function)
{
	const struct table_pd *pd = &table.pds[function->pd];

	if (pd->on_dma_fault == POLICY_REPORT || !pci_quarantine((uint32_t)(function - table.functions)))
		return;
	held_print();
	log_warn("%s of %s loses bus mastering (on-dma-fault)", function->name, pd->label);
	if (pd->on_dma_fault != POLICY_QUARANTINE)
		request_send(pd->cpus[0], REQUEST_STOP);
}

static void event_count(const struct iommu_event *event)
{
	const struct table_function *function = NULL;

	if (held_count == EVENTS_PER_LINE || (held_count && !same_denial(&held, event)))
		held_print();
	if (!held_count++)
		held = *event;
	while ((function = table_function_of_stream(event->stream, function)))
		policy_apply(function);
}

/* True if it took anything, the places of which were given back. */
static bool events_turn(void)
{
	struct iommu_event event;
	uint32_t taken = 0;

	while (taken < EVENTS_PER_TURN && iommu_event_take(&event)) {
		event_count(&event);
		taken++;
	}
	if (taken)
		iommu_events_retire();
	return taken != 0;
}

/*
 * An event that came before its predecessors' places were given back may raise
 * no interrupt of its own (iommu.h): a turn that took anything is followed by
 * another. At the timer, however few it took, or events that come one by one,
 * each with an interrupt, would bring a turn each.
 */
static void events_go_on(void)
{
	uint32_t errors = iommu_errors_take();

	if (errors)
		log_warn("iommu reports errors 0x%x", errors);
	if (events_turn()) {
		arch_timer_start(arch_ticks_per_second() / EVENTS_TURNS_PER_SECOND);
		return;
	}
	held_print();
	if (active & ACTIVE_EVENT)
		irqchip_deactivate(table.iommu.event_intid);
	if (active & ACTIVE_ERROR)
		irqchip_deactivate(table.iommu.error_intid);
	active = 0;
}

/* A queue that overflows is an error again as soon as it has room: neither interrupt may bring a turn of its own. */
void events_interrupt(uint32_t intid)
{
	bool waits = active != 0;

	irqchip_hand_over(intid);
	active |= intid == table.iommu.error_intid ? ACTIVE_ERROR : ACTIVE_EVENT;
	if (!waits)
		events_go_on();
}

void events_timer(void)
{
	arch_timer_stop();
	events_go_on();
}

void events_finish(void)
{
	for (uint32_t i = 0; i < EVENTS_TURNS_TO_FINISH && events_turn(); i++)
		;
	held_print();
}
