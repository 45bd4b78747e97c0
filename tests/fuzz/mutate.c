/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mutations of the tree as a tree, by libfdt: what dtc would make of a table
 * that somebody wrote wrongly. One in sixteen is of bytes instead.
 */
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "edit.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size, uint8_t *out,
				 size_t out_max, unsigned seed);

enum { ROOM = 1 << 20, VALUE_MAX = 4096 };

static char tree[ROOM];

static uint64_t one_of(const uint64_t *list, size_t count) { return list[dice(count)]; }
#define ONE_OF(list) one_of(list, sizeof(list) / sizeof((list)[0]))

static uint64_t odd_cell(uint64_t old)
{
	static const uint64_t values[] = { 0, 1, 2, 3, 4, 7, 8, 16, 31, 32, 33, 64, 127, 128, 255, 256, 287, 288, 1019,
					   1020, 0xfff, 0x1000, 0x10000, 0xffff, 0x100000, 0xffffff, 0x1000000,
					   0x200000, 0x7fffffff, 0x80000000, 0xfffff000, 0xfffffffe, 0xffffffff };
	switch (dice(6)) {
	case 0:
		return old + 1;
	case 1:
		return old - 1;
	case 2:
		return old ^ UINT64_C(1) << dice(32);
	case 3:
		return old + (dice(2) ? 0x1000 : -0x1000);
	case 4:
		return dice(2) ? old << 1 : old >> 1;
	default:
		return ONE_OF(values);
	}
}

static uint64_t odd_pair(uint64_t old)
{
	static const uint64_t values[] = { 0, 0x1000, 0x200000, 0x40000000, 0x40000000000, UINT64_C(1) << 32,
					   (UINT64_C(1) << 32) - 0x1000, UINT64_C(1) << 47, UINT64_C(1) << 48,
					   (UINT64_C(1) << 48) - 0x1000, UINT64_C(1) << 63, UINT64_MAX,
					   UINT64_MAX - 0xfff, UINT64_MAX - 0x1fffff };
	switch (dice(5)) {
	case 0:
		return old + 0x1000;
	case 1:
		return old - 0x1000;
	case 2:
		return old ^ UINT64_C(1) << dice(64);
	case 3:
		return dice(2) ? old << 1 : old >> 1;
	default:
		return ONE_OF(values);
	}
}

/* A random property with at least `size` bytes; false if a few tries find none. */
static bool pick(struct place *place, int size)
{
	for (int tries = 0; tries < 8; tries++)
		if (edit_pick_property(tree, place) && place->size >= size)
			return true;
	return false;
}

static void put_cell(struct place *place, int idx, uint64_t value)
{
	fdt32_st((fdt32_t *)place->value + idx, (uint32_t)value);
}

static uint64_t get_pair(const struct place *place, int idx)
{
	return fdt64_ld((const fdt64_t *)((const fdt32_t *)place->value + idx));
}

static void put_pair(struct place *place, int idx, uint64_t value)
{
	fdt64_st((fdt64_t *)((fdt32_t *)place->value + idx), value);
}

static void change_cell(void)
{
	struct place place;
	int idx;

	if (!pick(&place, 4))
		return;
	idx = (int)dice((size_t)place.size / 4);
	put_cell(&place, idx, odd_cell(fdt32_ld((const fdt32_t *)place.value + idx)));
}

static void change_pair(void)
{
	struct place place;
	int idx;

	if (!pick(&place, 8))
		return;
	idx = (int)dice((size_t)place.size / 8) * 2;
	put_pair(&place, idx, odd_pair(get_pair(&place, idx)));
}

/* A random property with one of the names; false if there is none. */
static bool pick_named(struct place *place, const char *const *names, size_t count, int size)
{
	const char *name = names[dice(count)];
	int node = edit_node_with(tree, name);

	return node >= 0 && edit_property(tree, node, name, place) && place->size >= size;
}
#define PICK_NAMED(place, names, size) pick_named(place, names, sizeof(names) / sizeof((names)[0]), size)

/* One range touches another, or just not: the boundaries of every rule about overlaps. */
static void touch(void)
{
	static const char *const ranges[] = { "reg", "reg", "reg", "phys", "iova", "console", "watchdog", "irqchip",
					      "ecam", "load" };
	struct place from, to;
	uint64_t base, size, at;

	if (!(dice(4) ? PICK_NAMED(&from, ranges, 8) : pick(&from, 8)) ||
	    !(dice(4) ? PICK_NAMED(&to, ranges, 8) : pick(&to, 8)))
		return;
	base = get_pair(&from, 0);
	size = from.size >= 16 ? get_pair(&from, 2) : 0x1000;
	at = base + ONE_OF(((const uint64_t[]){ 0, size, size - 0x1000, size - 1, -0x1000 }));
	if (dice(3) == 0 && to.size >= 16)
		at -= get_pair(&to, 2);
	put_pair(&to, 0, at);
}

static const char *const references[] = { "cpus", "windows", "shared-with", "device", "housekeeping", "iommu-map",
					  "msi-map", "interrupt-parent", "bridge" };

static void change_phandle(void)
{
	struct place place;
	int other = edit_pick_node(tree);
	uint32_t phandle = other < 0 ? 0 : edit_phandle(tree, other);

	if (phandle && PICK_NAMED(&place, references, 4))
		put_cell(&place, (int)dice((size_t)place.size / 4), phandle);
}

/* What one names, another of the same name names too, in place of something or besides: two owners of one thing. */
static void share_phandle(void)
{
	const char *const name[] = { references[dice(sizeof(references) / sizeof(references[0]))] };
	char value[VALUE_MAX];
	struct place from, to;
	fdt32_t cell;

	if (!PICK_NAMED(&from, name, 4) || !PICK_NAMED(&to, name, 4) || to.size > VALUE_MAX - 4)
		return;
	memcpy(&cell, from.value + dice((size_t)from.size / 4) * 4, 4);
	if (dice(2)) {
		memcpy(to.value + dice((size_t)to.size / 4) * 4, &cell, 4);
		return;
	}
	memcpy(value, to.value, (size_t)to.size);
	memcpy(value + to.size, &cell, 4);
	edit_set(tree, to.node, to.name, value, to.size + 4);
}

/* One node says what another says: the same place, interrupts, windows. */
static void share_value(void)
{
	struct place from;
	int node;

	if (!pick(&from, 4))
		return;
	node = edit_node_with(tree, from.name);
	if (node >= 0)
		edit_set(tree, node, from.name, from.value, from.size);
}

static void delete_property(void)
{
	struct place place;

	if (pick(&place, 0))
		fdt_delprop(tree, place.node, place.name);
}

static void delete_node(void)
{
	int node = edit_pick_node(tree);

	if (node > 0)
		fdt_del_node(tree, node);
}

static void copy_property(void)
{
	struct place place;
	int node = edit_pick_node(tree);

	if (node >= 0 && pick(&place, 0))
		edit_set(tree, node, place.name, place.value, place.size);
}

static void rename_property(void)
{
	struct place from, name;

	if (!pick(&from, 0) || !pick(&name, 0))
		return;
	if (edit_set(tree, from.node, name.name, from.value, from.size) && pick(&from, 0))
		fdt_delprop(tree, from.node, from.name);
}

static void copy_node(void)
{
	char name[64];
	int node = edit_pick_node(tree), parent;

	if (node <= 0)
		return;
	parent = dice(4) ? fdt_parent_offset(tree, node) : edit_pick_node(tree);
	snprintf(name, sizeof(name), "%.40s%c", fdt_get_name(tree, node, NULL), (char)('a' + dice(26)));
	edit_copy_node(tree, ROOM, parent, name, tree, node, dice(4) != 0);
}

static void rename_node(void)
{
	char name[64];
	int node = edit_pick_node(tree), other = edit_pick_node(tree);
	size_t length;

	if (node <= 0 || other <= 0)
		return;
	snprintf(name, sizeof(name), "%s", fdt_get_name(tree, dice(2) ? node : other, NULL));
	length = strlen(name);
	if (length && dice(2))
		name[dice(length)] = "a_-@,.0Z\n\"*"[dice(11)];
	fdt_set_name(tree, node, name);
}

/* More, fewer or swapped cells. */
static void change_length(void)
{
	char value[VALUE_MAX];
	struct place place;
	int unit = (int)ONE_OF(((const uint64_t[]){ 4, 4, 8, 12, 16, 28, 1 }));

	if (!pick(&place, unit) || place.size > VALUE_MAX / 2)
		return;
	memcpy(value, place.value, (size_t)place.size);
	switch (dice(3)) {
	case 0:
		edit_set(tree, place.node, place.name, value, place.size - unit);
		break;
	case 1:
		memcpy(value + place.size, value, (size_t)unit);
		edit_set(tree, place.node, place.name, value, place.size + unit);
		break;
	default:
		memcpy(place.value, value + place.size - unit, (size_t)unit);
		memcpy(place.value + place.size - unit, value, (size_t)unit);
	}
}

static void change_string(void)
{
	static const char *const words[] = { "", "r", "w", "rw", "rwx", "x", "stop", "report", "quarantine", "disabled",
					     "okay", "a\"b", "*/", "a\\", "a\nb", "?\?/", "../x", "image.bin", "image7",
					     "image8", "image4", "image5", "image6", "mullion,pd", "arm,pl011",
					     "arm,gic-v3-its", "root-port", "upstream", "downstream", "pcie-pci",
					     "/cpus", "serial0", "restart", "flr", "bus", "writes" };
	const char *word = words[dice(sizeof(words) / sizeof(words[0]))];
	struct place place;

	for (int tries = 0; tries < 8; tries++) {
		if (!pick(&place, 2) || place.value[place.size - 1] || !place.value[0])
			continue;
		edit_set(tree, place.node, place.name, word, (int)strlen(word) + 1);
		return;
	}
}

static void change_bytes(void)
{
	uint8_t value[VALUE_MAX];
	struct place place;
	size_t size;

	if (!pick(&place, 1) || place.size > VALUE_MAX - 16)
		return;
	memcpy(value, place.value, (size_t)place.size);
	size = LLVMFuzzerMutate(value, (size_t)place.size, (size_t)place.size + 16);
	edit_set(tree, place.node, place.name, value, (int)size);
}

static void mutate_tree(void)
{
	static void (*const all[])(void) = {
		change_cell, change_cell, change_cell, change_pair, change_pair, touch,
		touch, change_phandle, share_phandle, share_phandle, share_value,
		share_value, delete_property, delete_node, copy_property,
		rename_property, copy_node, copy_node, rename_node, change_length,
		change_string, change_bytes,
	};

	for (size_t i = dice(4) + 1; i > 0; i--)
		all[dice(sizeof(all) / sizeof(all[0]))]();
}

/* Packed, and what of the lines there is room for. */
static size_t tree_out(uint8_t *out, size_t max_size, const uint8_t *lines, size_t lines_size)
{
	size_t size;

	fdt_pack(tree);
	size = fdt_totalsize(tree);
	if (size > max_size)
		return 0;
	if (lines_size > max_size - size)
		lines_size = 0;
	memmove(out + size, lines, lines_size);
	memcpy(out, tree, size);
	return size + lines_size;
}

static bool tree_in(const uint8_t *data, size_t size)
{
	return size < ROOM / 2 && !fdt_check_full(data, size) && !fdt_open_into(data, tree, ROOM);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
	size_t tree_size = fuzz_tree_size(data, size), made;

	dice_seed(seed);
	if (dice(16) == 0 || !tree_in(data, tree_size))
		return LLVMFuzzerMutate(data, size, max_size);
	mutate_tree();
	made = tree_out(data, max_size, data + tree_size, size - tree_size);
	return made ? made : LLVMFuzzerMutate(data, size, max_size);
}

/* A node of `b` into `a`, where there is one that could hold it. */
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size, uint8_t *out,
				 size_t out_max, unsigned seed)
{
	char path[512];
	size_t a_tree = fuzz_tree_size(a, a_size), b_tree = fuzz_tree_size(b, b_size);
	int node, parent;

	dice_seed(seed);
	if (!tree_in(a, a_tree) || fdt_check_full(b, b_tree))
		return 0;
	node = edit_pick_node(b);
	if (node <= 0 || fdt_get_path(b, fdt_parent_offset(b, node), path, sizeof(path)))
		return 0;
	parent = fdt_path_offset(tree, path);
	if (parent < 0 || dice(8) == 0)
		parent = edit_pick_node(tree);
	edit_copy_node(tree, ROOM, parent, fdt_get_name(b, node, NULL), b, node, dice(4) != 0);
	return tree_out(out, out_max, a + a_tree, a_size - a_tree);
}
