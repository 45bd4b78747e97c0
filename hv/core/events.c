/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the IOMMU refused, on the console: one line per function, page, rights
 * and reason, with how often, since one blocked transfer raises many events.
 */
#include <mullion/pd.h>

#include <mullion/iommu.h>
#include <mullion/log.h>
#include <mullion/pci.h>
#include <mullion/table.h>

enum {
	REPORTS_PER_CALL = 64,          /* lines, before a flood is stopped at its source; no more than twice as many */
	EVENTS_PER_CALL = 1 << 16,      /* taken at all, where nobody here can stop the flood */
};

static const char *access_name(uint8_t access)
{
	return access == ACCESS_W ? "write" : access == ACCESS_X ? "fetch" : "read";
}

static bool same_denial(const struct iommu_event *a, const struct iommu_event *b)
{
	return a->stream == b->stream && a->reason == b->reason && a->access == b->access &&
	       a->addr.iova / PAGE_SIZE == b->addr.iova / PAGE_SIZE;
}

static void denial_report(const struct iommu_event *event, uint32_t count)
{
	const struct table_function *function = table_function_of_stream(event->stream);
	const char *name = function ? function->name : "an undeclared function";
	const char *label = function ? table.pds[function->pd].label : "no PD";

	if (event->has_addr)
		log_warn("denied %s of %s (%s) at 0x%lx: %s, %u times", access_name(event->access), name, label,
			 event->addr.iova, event->reason, count);
	else
		log_warn("denied %s (%s), stream 0x%x: %s, %u times", name, label, event->stream, event->reason, count);
}

/* A function that is denied as fast as we can read about it loses bus mastering. */
static void flood_stop(const struct iommu_event *event)
{
	const struct table_function *function = table_function_of_stream(event->stream);

	if (function && pci_stop_dma(function))
		log_warn("%s stopped: it floods the IOMMU with denied accesses", function->name);
}

/*
 * Until the queue is found empty after its places were given back: an event
 * that comes before that may raise no interrupt of its own (iommu.h).
 */
void events_handle(void)
{
	struct iommu_event first, next;
	bool more = iommu_event_take(&first);
	uint32_t taken = 0, listed = 0;

	for (uint32_t reports = 0; more && taken < EVENTS_PER_CALL; reports++) {
		uint32_t count = 1;

		while ((more = iommu_event_take(&next)) && same_denial(&first, &next))
			count++;
		taken += count;
		if (reports < 2 * REPORTS_PER_CALL) {
			denial_report(&first, count);
			listed = taken;
		}
		if (more) {
			first = next;
		} else {
			iommu_events_retire();
			more = iommu_event_take(&first);
		}
		if (more && reports >= REPORTS_PER_CALL)
			flood_stop(&first);
	}
	if (more)
		iommu_events_retire();
	if (taken + more != listed)
		log_warn("denied accesses not listed: %u times", taken + more - listed);
}

void events_handle_errors(void)
{
	uint32_t errors = iommu_errors_take();

	if (errors)
		log_warn("iommu reports errors 0x%x", errors);
	events_handle();
}
