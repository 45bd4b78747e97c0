/* SPDX-License-Identifier: Apache-2.0 */
/* Where a PD's images are loaded: each in one region that no device and no other PD reaches. */
#include <mullion/table.h>

#include "diag.h"
#include "ptc.h"

#define HEX(value) ((unsigned long long)(value))

static void report_homeless(const struct pd *pd, const struct image *image)
{
	for (const struct region *region = pd->regions; region < pd->regions + pd->region_count; region++) {
		if (!range_within(image->load, 1, region->ipa, region->size))
			continue;
		error_at(408, image->node, "load",
			 "the image, 0x%llx bytes at 0x%llx, ends above %s [0x%llx, 0x%llx); one region must hold it",
			 HEX(image->size), HEX(image->load), region->name, HEX(region->ipa),
			 HEX(range_end(region_range(region))));
		note_at(region->node, "reg", "%s is declared here", region->name);
		return;
	}
	error_at(409, image->node, "load",
		 "the load address 0x%llx is in no region of %s; load it into one, or declare one there",
		 HEX(image->load), pd->label);
	note_at(pd->node, NULL, "%s is declared here", pd->label);
}

static void check_rights(const struct pd *pd, const struct image *image, const struct region *home)
{
	bool is_program = image == &pd->images[IMAGE_PROGRAM];
	unsigned needed = ACCESS_R | (is_program ? ACCESS_X : 0);

	if ((home->access & needed) == needed)
		return;
	error_at(411, home->node, "access", "the image of %s lies in %s, whose access \"%s\" lacks %s; add it",
		 image->name, home->name, access_text(home->access), is_program ? "r or x" : "r");
	note_at(image->node, "load", "the image is declared here");
}

static void check_home(const struct pd *pd, const struct image *image)
{
	const struct region *home = NULL;

	check_pages(image->node, "load", "load address", image->load);
	for (const struct region *region = pd->regions; region < pd->regions + pd->region_count; region++) {
		if (range_within(image->load, image->size, region->ipa, region->size))
			home = region;
		if (region->dma && ranges_overlap(image_range(image), region_range(region)))
			report_overlap(410, image->node, "load", "the image", image_range(image), region->node, "dma",
				       region->name, region_range(region),
				       "a device could rewrite the PD's code; take the D bit away or move it");
	}
	if (home)
		check_rights(pd, image, home);
	else
		report_homeless(pd, image);
}

static void check_apart(const struct pd *pd, const struct image *image)
{
	for (const struct image *before = pd->images; before < image; before++)
		if (before->node && ranges_overlap(image_range(before), image_range(image)))
			report_overlap(412, before->node, "load", before->name, image_range(before), image->node,
				       "load", image->name, image_range(image), "move one of them");
}

void images_check(const struct pd *pd)
{
	for (const struct image *image = image_next(pd, NULL); image; image = image_next(pd, image)) {
		if (!image->size)
			continue;
		check_home(pd, image);
		check_apart(pd, image);
	}
}
