/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where PCI functions are: BARs and bridges' memory windows on the bus, and for
 * PDs their place on the one bus that they see.
 *
 * A bridge forwards one range of 32-bit addresses (PCI-to-PCI Bridge 1.2,
 * 3.2.5.8). Everything below it is packed into that window, 64-bit BARs too: an
 * address below 4 GiB is a legal value of theirs, and the prefetchable window,
 * the only one with 64 bits, stays closed. What lies in a window has a place
 * relative to it until the window has its own.
 */
#include <mullion/table.h>

#include "diag.h"
#include "place.h"

enum { WINDOW_GRANULE = 1 << 20 };

/* A BAR or a window that wants a place: beside whatever is behind the same bridge. */
struct piece {
	const struct function *function;
	struct bar *bar;                /* NULL: the window of */
	struct bridge *bridge;
};

/* All on one bus. */
struct bus {
	struct wanted *wanted;
	size_t count;
};

static uint64_t max(uint64_t a, uint64_t b) { return a > b ? a : b; }

static void want(struct bus *bus, uint64_t align, uint64_t size, struct piece piece)
{
	struct piece *kept = keep_alloc(1, sizeof(*kept));

	*kept = piece;
	place_want(&bus->wanted, &bus->count, align, size, kept);
}

/* A BAR's pages have one owner, so it is placed as if it were a page at least. */
static void want_bars(struct bus *bus, struct function *function)
{
	for (size_t b = 0; b < function->bar_count; b++) {
		struct bar *bar = &function->bars[b];
		uint64_t size = max(bar->size, PAGE_SIZE);

		want(bus, size, size, (struct piece){ function, bar, NULL });
	}
}

/* What is behind `bridge`, or on the first bus; windows of bridges there have their size. */
static struct bus bus_behind(struct appliance *appliance, const struct bridge *bridge)
{
	struct bus bus = { NULL, 0 };

	for (size_t p = 0; p < appliance->pd_count; p++)
		for (size_t f = 0; f < appliance->pds[p].function_count; f++)
			if (appliance->pds[p].functions[f].bridge == bridge)
				want_bars(&bus, &appliance->pds[p].functions[f]);
	for (size_t b = 0; b < appliance->bridge_count; b++) {
		struct bridge *child = &appliance->bridges[b];

		if (child->is.bridge != bridge)
			continue;
		want_bars(&bus, &child->is);
		if (child->memory.size)
			want(&bus, child->memory_align, child->memory.size, (struct piece){ &child->is, NULL, child });
	}
	place_sort(bus.wanted, bus.count);
	return bus;
}

static uint64_t *piece_addr(const struct piece *piece)
{
	return piece->bar ? &piece->bar->addr : &piece->bridge->memory.base;
}

/* Size and alignment of a bridge's window, and where in it everything is. */
static void size_window(struct appliance *appliance, struct bridge *bridge)
{
	const struct range anywhere = { 0, UINT64_C(1) << 48 };
	struct bus bus = bus_behind(appliance, bridge);
	struct taken taken = { 0 };
	uint64_t end = 0;

	bridge->memory_align = WINDOW_GRANULE;
	for (size_t i = 0; i < bus.count; i++) {
		uint64_t *addr = piece_addr(bus.wanted[i].what);

		place_low(&taken, anywhere, bus.wanted[i].size, bus.wanted[i].align, 0, addr);
		end = max(end, *addr + bus.wanted[i].size);
		bridge->memory_align = max(bridge->memory_align, bus.wanted[i].align);
	}
	bridge->memory.size = round_up(end, WINDOW_GRANULE);
}

static const char *window_text(struct range window)
{
	if (!window.size)
		return "window, of which there is none,";
	return keep_format("window [0x%llx, 0x%llx)", (unsigned long long)window.base,
			   (unsigned long long)range_end(window));
}

static void report_no_room(const struct board *board, struct range window, const struct wanted *wanted)
{
	const struct piece *piece = wanted->what;

	if (piece->bar)
		error_at(911, piece->function->node, "bars",
			 "no room in the host bridge's memory %s for BAR %u, 0x%llx bytes; leave functions out",
			 window_text(window), piece->bar->idx, (unsigned long long)piece->bar->size);
	else
		error_at(912, piece->function->node, NULL,
			 "no room in the host bridge's 32-bit memory %s for the BARs behind %s, 0x%llx bytes aligned "
			 "to 0x%llx; leave functions out", window_text(window), piece->function->name,
			 (unsigned long long)wanted->size, (unsigned long long)wanted->align);
	note_at(board->pci_node, "ranges", "the window is declared here");
}

static void place_first_bus(struct appliance *appliance)
{
	const struct board *board = &appliance->board;
	struct bus bus = bus_behind(appliance, NULL);
	struct taken taken = { 0 };

	for (size_t i = 0; i < bus.count; i++) {
		const struct wanted *wanted = &bus.wanted[i];
		const struct piece *piece = wanted->what;
		bool high = piece->bar && piece->bar->is_64bit && board->pci_mem64.size;
		struct range window = high ? board->pci_mem64 : board->pci_mem32;

		if (!place_low(&taken, window, wanted->size, wanted->align, 0, piece_addr(piece)))
			report_no_room(board, window, wanted);
	}
}

/* The window has its address now. */
static void settle_window(struct appliance *appliance, const struct bridge *bridge)
{
	struct bus bus = bus_behind(appliance, bridge);

	for (size_t i = 0; i < bus.count; i++)
		*piece_addr(bus.wanted[i].what) += bridge->memory.base;
}

/* Tags of translations: hardware is sure to have 255. */
_Static_assert(TABLE_PDS_MAX + TABLE_FUNCTIONS_MAX <= 255, "a tag for each PD and function");

/* Requests of one requester are translated alike, so they share the tag and the doorbell; they are of one PD. */
static void share(struct pd *pd, struct function *function)
{
	for (struct function *a = pd->functions; a < pd->functions + pd->function_count; a++) {
		if (a->requester != function->requester)
			continue;
		if (a < function)
			function->vmid = a->vmid;
		function->has_doorbell |= a->msi_vectors > 0;
	}
}

static void place_function(const struct board *board, struct function *function)
{
	function->stream = board->stream_base + function->requester;
	function->config = board->ecam.base + (((uint64_t)function->bdf - (board->bus_first << 8)) << PAGE_SHIFT);
}

static void place_functions(struct appliance *appliance)
{
	unsigned vmid = 0;

	for (size_t p = 0; p < appliance->pd_count; p++)
		appliance->pds[p].vmid = ++vmid;
	for (size_t p = 0; p < appliance->pd_count; p++) {
		struct pd *pd = &appliance->pds[p];

		for (struct function *function = pd->functions; function < pd->functions + pd->function_count;
		     function++) {
			place_function(&appliance->board, function);
			function->vmid = ++vmid;
			share(pd, function);
		}
	}
	for (size_t b = 0; b < appliance->bridge_count; b++)
		place_function(&appliance->board, &appliance->bridges[b].is);
}

/*
 * The PD sees no bridges. A function of the first bus is where it is; one behind
 * a bridge is function 0 of the lowest device that no function of the PD has.
 */
static void place_in_view(const struct board *board, struct pd *pd)
{
	uint64_t devices = 0;

	for (struct function *f = pd->functions; f < pd->functions + pd->function_count; f++) {
		if (f->bridge)
			continue;
		f->pd_bdf = f->bdf;
		devices |= UINT64_C(1) << (f->bdf >> 3 & 31);
	}
	for (struct function *f = pd->functions; f < pd->functions + pd->function_count; f++) {
		unsigned device = 0;

		if (!f->bridge)
			continue;
		while (devices >> device & 1)
			device++;
		if (device > 31) {
			error_at(913, f->node, NULL,
				 "%s has no number left for %s: it sees one bus of 32 devices; give it fewer",
				 pd->label, f->name);
			note_at(pd->node, NULL, "%s is declared here", pd->label);
			return;
		}
		devices |= UINT64_C(1) << device;
		f->pd_bdf = (uint16_t)(board->bus_first << 8 | device << 3);
	}
}

void pci_place(struct appliance *appliance)
{
	for (size_t b = appliance->bridge_count; b--;)
		size_window(appliance, &appliance->bridges[b]);
	place_first_bus(appliance);
	for (size_t b = 0; b < appliance->bridge_count; b++)
		settle_window(appliance, &appliance->bridges[b]);
	place_functions(appliance);
	for (size_t p = 0; p < appliance->pd_count; p++)
		place_in_view(&appliance->board, &appliance->pds[p]);
}
