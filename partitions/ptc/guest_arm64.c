/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An arm64 PD in its device tree: PSCI by HVC, the architected timer, a GICv3
 * with a v2m frame, SBSA's watchdog. Linux's bindings.
 */
#include <inttypes.h>

#include "diag.h"
#include "ptc.h"
#include "target.h"
#include "tree.h"

enum { FIRST_SPI = 32, LEVEL_HIGH = 4 };        /* of the GIC's binding: SPIs by number from 0 on */

/* A vCPU's affinity is its number. */
static void cpus_write(struct guest *guest)
{
	guest_node(guest, "cpus");
	guest_sizes(guest, 1, 0);
	for (size_t v = 0; v < guest->pd->cpu_count; v++) {
		guest_node_at(guest, "cpu", v);
		guest_string(guest, "device_type", "cpu");
		guest_copy(guest, guest->board->cpus[guest->pd->cpus[v]].node, "compatible");
		guest_cell(guest, "reg", (uint32_t)v);
		guest_string(guest, "enable-method", "psci");
		guest_end(guest);
	}
	guest_end(guest);
}

static void psci_write(struct guest *guest)
{
	static const char compatible[] = "arm,psci-1.0\0arm,psci-0.2";

	guest_node(guest, "psci");
	guest_bytes(guest, "compatible", compatible, sizeof(compatible));
	guest_string(guest, "method", "hvc");
	guest_end(guest);
}

static void timer_write(struct guest *guest)
{
	int timer = tree_compatible(-1, "arm,armv8-timer");

	guest_node(guest, "timer");
	guest_copy(guest, timer, "compatible");
	guest_copy(guest, timer, "interrupts");
	guest_copy(guest, timer, "always-on");
	guest_end(guest);
}

static void msi_frame_write(struct guest *guest)
{
	struct range frame = { guest->pd->irqchip + IRQCHIP_FRAME, PAGE_SIZE };

	guest_node_at(guest, "msi-controller", frame.base);
	guest_string(guest, "compatible", "arm,gic-v2m-frame");
	guest_empty(guest, "msi-controller");
	guest_ranges(guest, "reg", &frame, 1);
	guest_cell(guest, "phandle", guest->msi_frame);
	guest_end(guest);
}

static void irqchip_write(struct guest *guest)
{
	const struct pd *pd = guest->pd;
	struct range ranges[] = { { pd->irqchip, IRQCHIP_FRAME },
				  { pd->irqchip + IRQCHIP_REDISTRIBUTORS,
				    pd->cpu_count * IRQCHIP_REDISTRIBUTOR_SIZE } };

	guest_node_at(guest, "interrupt-controller", pd->irqchip);
	guest_string(guest, "compatible", "arm,gic-v3");
	guest_empty(guest, "interrupt-controller");
	guest_cell(guest, "#interrupt-cells", 3);
	guest_ranges(guest, "reg", ranges, ARRAY_SIZE(ranges));
	guest_sizes(guest, 2, 2);
	guest_empty(guest, "ranges");
	guest_copy(guest, guest->board->irqchip_node, "interrupts");
	guest_cell(guest, "phandle", guest->irqchip);
	if (guest->msi_frame)
		msi_frame_write(guest);
	guest_end(guest);
}

/* SBSA's generic watchdog: control frame, refresh frame; its first signal, which is level-triggered. */
static void watchdog_write(struct guest *guest)
{
	const struct pd *pd = guest->pd;
	struct range frames[] = { { pd->watchdog, PAGE_SIZE }, { pd->watchdog + PAGE_SIZE, PAGE_SIZE } };
	const uint32_t interrupt[] = { 0, pd->watchdog_intid - FIRST_SPI, LEVEL_HIGH };

	if (!pd->has_watchdog)
		return;
	guest_node_at(guest, "watchdog", pd->watchdog);
	guest_string(guest, "compatible", "arm,sbsa-gwdt");
	guest_ranges(guest, "reg", frames, ARRAY_SIZE(frames));
	guest_cells(guest, "interrupts", interrupt, ARRAY_SIZE(interrupt));
	guest_end(guest);
}

void target_guest_nodes(struct guest *guest)
{
	cpus_write(guest);
	psci_write(guest);
	timer_write(guest);
	irqchip_write(guest);
	watchdog_write(guest);
}

/* Linux, Documentation/arch/arm64/booting.rst: the header of an Image. */
enum { IMAGE_HEADER = 64, IMAGE_TEXT_OFFSET = 8, IMAGE_SIZE = 16, IMAGE_MAGIC = 56, IMAGE_ALIGN = 2 << 20 };
#define MAGIC UINT64_C(0x644d5241)      /* "ARM\x64", the low half of its word */

static uint64_t header_word(const uint8_t *header, size_t at)
{
	uint64_t word = 0;

	for (size_t i = 8; i--;)
		word = word << 8 | header[at + i];
	return word;
}

static bool header_read(const char *path, uint8_t *header)
{
	FILE *file = fopen(path, "rb");
	bool read = file && fread(header, IMAGE_HEADER, 1, file) == 1;

	if (file)
		fclose(file);
	return read && (uint32_t)header_word(header, IMAGE_MAGIC) == MAGIC;
}

void target_program_check(const struct pd *pd)
{
	const struct image *image = &pd->images[IMAGE_PROGRAM];
	uint8_t header[IMAGE_HEADER];
	uint64_t offset, size;

	if (!image->path || !header_read(image->path, header))
		return;
	offset = header_word(header, IMAGE_TEXT_OFFSET);
	size = header_word(header, IMAGE_SIZE);
	if (image->load % IMAGE_ALIGN != offset % IMAGE_ALIGN)
		error_at(367, image->node, "load",
			 "%s is an arm64 Image: it is loaded 0x%" PRIx64
			 " above a multiple of 2 MiB, not at 0x%" PRIx64,
			 image->file, offset, image->load);
	for (const struct region *region = pd->regions; region < pd->regions + pd->region_count; region++)
		if (range_within(image->load, size, region->ipa, region->size))
			return;
	error_at(368, image->node, "load",
		 "%s is an arm64 Image that uses 0x%" PRIx64 " bytes from 0x%" PRIx64
		 " on: no region of %s has all of them; make one larger",
		 image->file, size, image->load, pd->label);
	note_at(pd->node, NULL, "%s is declared here", pd->label);
}
