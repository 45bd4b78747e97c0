/* SPDX-License-Identifier: Apache-2.0 */
/* Regions that are one piece of host memory for several PDs: each names all others. */
#include "diag.h"
#include "ptc.h"
#include "tree.h"

#define HEX(value) ((unsigned long long)(value))

static struct region *region_of_node(const struct appliance *appliance, int node)
{
	for (size_t p = 0; p < appliance->pd_count; p++)
		for (size_t r = 0; r < appliance->pds[p].region_count; r++)
			if (appliance->pds[p].regions[r].node == node)
				return &appliance->pds[p].regions[r];
	return NULL;
}

static void read_one(const struct appliance *appliance, struct region *region)
{
	int *nodes;
	size_t count;

	if (!tree_has(region->node, "shared-with") || !tree_phandles(region->node, "shared-with", &nodes, &count))
		return;
	for (size_t i = 0; i < count; i++) {
		struct region *other = region_of_node(appliance, nodes[i]);

		if (other) {
			*(struct region **)keep_append(&region->sharers, &region->sharer_count, sizeof(other)) = other;
			continue;
		}
		error_at(421, region->node, "shared-with", "%s is no region of a PD; name one",
			 tree_full_name(nodes[i]));
		note_at(nodes[i], NULL, "it is declared here");
	}
}

/* A `phys` of one party is that of all, unless they say otherwise: that is refused. */
static void spread_phys(struct region *region)
{
	for (size_t i = 0; region->fixed && i < region->sharer_count; i++) {
		if (region->sharers[i]->fixed)
			continue;
		region->sharers[i]->fixed = true;
		region->sharers[i]->pa = region->pa;
	}
}

void shared_read(struct appliance *appliance)
{
	for (size_t p = 0; p < appliance->pd_count; p++)
		for (size_t r = 0; r < appliance->pds[p].region_count; r++)
			read_one(appliance, &appliance->pds[p].regions[r]);
	for (size_t p = 0; p < appliance->pd_count; p++)
		for (size_t r = 0; r < appliance->pds[p].region_count; r++)
			spread_phys(&appliance->pds[p].regions[r]);
}

bool shared_between(const struct region *a, const struct region *b)
{
	for (size_t i = 0; i < a->sharer_count; i++)
		if (a->sharers[i] == b)
			return true;
	return false;
}

const struct region *shared_first(const struct region *region)
{
	const struct region *first = region;

	for (size_t i = 0; i < region->sharer_count; i++)
		if (region->sharers[i]->node < first->node)
			first = region->sharers[i];
	return first;
}

static const char *owner(const struct region *region) { return tree_full_name(tree_parent(region->node)); }

/* The other side agrees that it shares with us and with all that we share with. */
static void check_mutual(const struct region *a, const struct region *b)
{
	const struct region *missing = shared_between(b, a) ? NULL : a;

	for (size_t i = 0; i < a->sharer_count && !missing; i++)
		if (a->sharers[i] != b && !shared_between(b, a->sharers[i]))
			missing = a->sharers[i];
	if (!missing)
		return;
	error_at(422, a->node, "shared-with", "%s of %s is shared with %s of %s, which does not name %s of %s: "
		 "every party names all others", a->name, owner(a), b->name, owner(b), missing->name, owner(missing));
	note_at(b->node, NULL, "%s is declared here", b->name);
}

static void check_party(const struct region *a, const struct region *b)
{
	if (a == b) {
		error_at(423, a->node, "shared-with", "%s is shared with itself; name the regions of the other PDs",
			 a->name);
		return;
	}
	if (tree_parent(a->node) == tree_parent(b->node)) {
		error_at(424, a->node, "shared-with",
			 "%s and %s are both of %s; memory is shared between PDs: take one away", a->name, b->name,
			 owner(a));
		note_at(b->node, NULL, "%s is declared here", b->name);
		return;
	}
	check_mutual(a, b);
	if (a->node > b->node)  /* what follows is said once of each pair */
		return;
	if (a->size != b->size) {
		error_at(425, b->node, "reg",
			 "%s of %s has 0x%llx bytes and %s of %s, which is the same memory, 0x%llx; give both one size",
			 b->name, owner(b), HEX(b->size), a->name, owner(a), HEX(a->size));
		note_at(a->node, "reg", "%s is declared here", a->name);
	}
	if (a->fixed && b->fixed && a->pa != b->pa) {
		error_at(426, b->node, "phys",
			 "%s of %s is at host address 0x%llx and %s of %s, which is the same memory, at 0x%llx; one "
			 "'phys' is enough", b->name, owner(b), HEX(b->pa), a->name, owner(a), HEX(a->pa));
		note_at(a->node, "phys", "%s is declared here", a->name);
	}
}

static void check_region(const struct region *region)
{
	if (region->sharer_count && region->dma) {
		error_at(427, region->node, "dma",
			 "%s is shared and has the D bit: a device of one PD would reach memory of another; "
			 "take one of them away", region->name);
		note_at(region->sharers[0]->node, NULL, "%s of %s is the same memory", region->sharers[0]->name,
			owner(region->sharers[0]));
	}
	for (size_t i = 0; i < region->sharer_count; i++) {
		for (size_t j = 0; j < i; j++)
			if (region->sharers[i] == region->sharers[j])
				error_at(428, region->node, "shared-with", "%s of %s is listed twice; once is enough",
					 region->sharers[i]->name, owner(region->sharers[i]));
		check_party(region, region->sharers[i]);
	}
}

/* Both PDs' loads would zero it, and the other could rewrite the code. */
static void check_image(const struct image *image, const struct region *region)
{
	if (!region->sharer_count || !ranges_overlap(image_range(image), region_range(region)))
		return;
	error_at(429, image->node, "load",
		 "the image of %s lies in %s, which another PD can write; load it elsewhere",
		 image->name, region->name);
	note_at(region->node, "shared-with", "%s is shared here", region->name);
}

void shared_check(const struct appliance *appliance)
{
	for (size_t p = 0; p < appliance->pd_count; p++) {
		const struct pd *pd = &appliance->pds[p];

		for (const struct region *region = pd->regions; region < pd->regions + pd->region_count; region++) {
			check_region(region);
			for (const struct image *i = image_next(pd, NULL); i; i = image_next(pd, i))
				check_image(i, region);
		}
	}
}
