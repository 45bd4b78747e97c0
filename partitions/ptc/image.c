/* SPDX-License-Identifier: Apache-2.0 */
/* A PD's images: their nodes, and where their files are. guest_tree.c makes the device tree. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "diag.h"
#include "ptc.h"
#include "tree.h"

/* Names of images go into lists that the build splits, and lead to nothing outside the folders that it knows. */
static bool image_name_check(const struct image *image)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+/";

	if (!image->file[strspn(image->file, allowed)] && image->file[0] != '/' && !strstr(image->file, ".."))
		return true;
	error_at(351, image->node, "file",
		 "image '%s': it takes a path below the table's folder, of letters, digits and ._-+/ without '..'",
		 image->file);
	return false;
}

static void image_measure(struct image *image, const struct stat *info)
{
	image->size = (uint64_t)info->st_size;
	if (!S_ISREG(info->st_mode))
		error_at(352, image->node, "file", "%s is no file; name one", image->path);
	else if (!image->size)
		error_at(353, image->node, "file", "%s is empty; the PD needs a program", image->path);
}

/* The path in `entry` if that is name=path; no name has '=' in it or begins with '/'. */
static const char *built_path(const char *entry, const char *name)
{
	size_t length = strlen(name);

	return strncmp(entry, name, length) != 0 || entry[length] != '=' ? NULL : entry + length + 1;
}

static bool is_folder(const char *entry) { return *entry == '/' || !strchr(entry, '='); }

/* Whether it is one of those that are built; where it should be is then the only place. */
static bool image_find_built(struct image *image, const char *const *images)
{
	struct stat info;

	for (; *images; images++) {
		image->path = built_path(*images, image->file);
		if (!image->path)
			continue;
		if (stat(image->path, &info))
			error_at(354, image->node, "file", "image '%s' is built as %s: %s; build it first", image->file,
				 image->path, strerror(errno));
		else
			image_measure(image, &info);
		return true;
	}
	return false;
}

static void image_find(struct image *image, const char *const *images)
{
	struct stat info;

	if (image_find_built(image, images))
		return;
	for (; *images; images++) {
		if (!is_folder(*images))
			continue;
		image->path = keep_format("%s/%s", *images, image->file);
		if (stat(image->path, &info))
			continue;
		image_measure(image, &info);
		return;
	}
	error_at(355, image->node, "file",
		 "image '%s' is neither beside the table nor built from it; IMAGES of appliance.mk names what is",
		 image->file);
}

static const char *const kinds[IMAGE_KINDS] = { [IMAGE_PROGRAM] = "image", [IMAGE_INITRD] = "initrd",
						[IMAGE_DTB] = "dtb" };

static enum image_kind kind_of(int node)
{
	size_t kind = 0;

	while (kind < IMAGE_KINDS && strcmp(tree_full_name(node), kinds[kind]) != 0)
		kind++;
	return (enum image_kind)kind;
}

static void read_file(struct image *image, const char *const *images)
{
	static const char *const known[] = { "file", "load", NULL };

	tree_only_properties(image->node, known);
	tree_no_children(image->node);
	if (tree_string(image->node, "file", &image->file) && image_name_check(image) && images)
		image_find(image, images);
}

/* `fragment` goes into the tree as it is, for whoever reads that. */
static void read_dtb(struct image *image, const struct pd *pd)
{
	static const char *const known[] = { "load", NULL };

	tree_only_properties(image->node, known);
	image->file = keep_format("%s.dtb", pd->label);
	for (int child = tree_first_child(image->node); child >= 0; child = tree_next_child(child))
		if (strcmp(tree_full_name(child), "fragment") != 0)
			error_at(357, child, NULL, "dtb takes a node 'fragment', found %s; put it in there",
				 tree_full_name(child));
}

bool image_read(int node, struct pd *pd, const char *const *images)
{
	enum image_kind kind = kind_of(node);
	struct image *image;

	if (kind == IMAGE_KINDS)
		return false;
	image = &pd->images[kind];
	if (image->node) {
		error_at(356, node, NULL, "%s has two images; take one away", pd->label);
		note_at(image->node, NULL, "the first is here");
	}
	image->node = node;
	image->name = kind == IMAGE_PROGRAM ? pd->label : keep_format("%s.%s", pd->label, kinds[kind]);
	tree_u64(node, "load", &image->load);
	if (kind == IMAGE_DTB)
		read_dtb(image, pd);
	else
		read_file(image, images);
	return true;
}
