/* SPDX-License-Identifier: Apache-2.0 */
/* The merged device tree: loading it, and its nodes. tree_property.c reads properties, tree_index.c finds nodes. */
#include "tree.h"

#include <errno.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "diag.h"
#include "lines.h"
#include "ptc.h"
#include "tree_blob.h"
#include "tree_index.h"

const void *tree_blob;

static void *file_read(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	struct stat info;
	char *data;

	if (!file || fstat(fileno(file), &info))
		fatal("cannot read %s: %s", path, strerror(errno));
	if (!S_ISREG(info.st_mode))
		fatal("cannot read %s: it is no file", path);
	*size = (size_t)info.st_size;
	data = keep_alloc(*size + 1, 1);
	if (fread(data, 1, *size, file) != *size)
		fatal("cannot read %s: it changed meanwhile", path);
	fclose(file);
	return data;
}

/* What dtc refuses too, for trees that it did not make: names and phandles are relied on everywhere. */
static void node_check(int node)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789,._+-@";
	const char *name = tree_full_name(node);
	uint32_t phandle = fdt_get_phandle(tree_blob, node);

	if (node && (!*name || name[strspn(name, allowed)]))
		error_at(101, node, NULL, "node name '%s': it takes letters, digits and any of ,._+-@", name);
	if (phandle && tree_by_phandle(phandle) != node) {
		error_at(102, node, NULL, "%s has the phandle 0x%x, which is not its own; let dtc choose it",
			 name, phandle);
		if (tree_by_phandle(phandle) >= 0)
			note_at(tree_by_phandle(phandle), NULL, "it is this node's");
	}
}

/* Of nodes that are known by their path there is one, with that very name. */
static void path_check(const char *path)
{
	int known = tree_node(path);

	for (int node = tree_first_child(0); node >= 0; node = tree_next_child(node))
		if (node != known && !strcmp(tree_name(node), path + 1))
			error_at(105, node, NULL, "%s would be ignored, %s alone is read; join them, or rename it",
				 tree_full_name(node), path);
}

static void tree_check(void)
{
	static const char *const paths[] = { "/aliases", "/chosen", "/cpus", "/partitions", "/reserved-memory" };
	uint64_t at, size;

	for (int node = 0; node >= 0; node = fdt_next_node(tree_blob, node, NULL))
		node_check(node);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		path_check(paths[i]);
	if (fdt_num_mem_rsv(tree_blob) > 0 && !fdt_get_mem_rsv(tree_blob, 0, &at, &size))
		error_at(103, 0, NULL, "/memreserve/ of 0x%llx would be ignored; say it as a node of /reserved-memory",
			 (unsigned long long)at);
}

void tree_load(const char *blob_path, const char *lines_path)
{
	size_t size;
	int problem;

	tree_blob = file_read(blob_path, &size);
	problem = fdt_check_full(tree_blob, size);
	if (problem)
		fatal("%s is no device tree: %s", blob_path, fdt_strerror(problem));
	tree_index_make();
	lines_load(file_read(lines_path, &size));
	tree_check();
}

uint64_t tree_digest(void)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (uint32_t i = 0; i < fdt_totalsize(tree_blob); i++)
		hash = (hash ^ ((const uint8_t *)tree_blob)[i]) * UINT64_C(0x100000001b3);
	return hash;
}

const char *tree_place(int node, const char *property)
{
	char buffer[1024];
	const char *path = tree_blob ? tree_path(node, buffer, sizeof(buffer)) : NULL;
	const char *place;

	if (!path)
		return "table";
	place = property ? lines_find(path, property) : NULL;
	if (!place)
		place = lines_find(path, "");
	return place ? place : keep_format("%s", path);
}

int tree_first_child(int node) { return node < 0 ? node : fdt_first_subnode(tree_blob, node); }
int tree_next_child(int child) { return fdt_next_subnode(tree_blob, child); }
int tree_next_node(int node) { return fdt_next_node(tree_blob, node, NULL); }
const char *tree_full_name(int node) { return node ? fdt_get_name(tree_blob, node, NULL) : "/"; }
bool tree_has(int node, const char *property) { return fdt_getprop(tree_blob, node, property, NULL); }

/* libfdt's own search takes /partitions@1 for /partitions. */
int tree_node(const char *path)
{
	int node = path[1] ? tree_first_child(0) : 0;

	while (node > 0 && strcmp(tree_full_name(node), path + 1) != 0)
		node = tree_next_child(node);
	return node;
}

bool tree_is_compatible(int node, const char *compatible)
{
	return fdt_node_check_compatible(tree_blob, node, compatible) == 0;
}

int tree_node_or_alias(const char *name)
{
	int aliases = tree_node("/aliases");
	const char *path = name;

	if (*name != '/' && (!tree_has(aliases, name) || !tree_string(aliases, name, &path)))
		return -1;
	return *path == '/' ? fdt_path_offset(tree_blob, path) : -1;
}

static bool status_is_okay(int node)
{
	const char *status = fdt_stringlist_get(tree_blob, node, "status", 0, NULL);

	return !status || !strcmp(status, "okay") || !strcmp(status, "ok");
}

int tree_disabled_by(int node)
{
	while (node >= 0 && status_is_okay(node))
		node = tree_parent(node);
	return node;
}

bool tree_enabled(int node) { return tree_disabled_by(node) < 0; }

bool tree_is_below(int node, int above)
{
	while (node > above)
		node = tree_parent(node);
	return above >= 0 && node == above;
}

static int next_of_board(int after, const char *compatible, bool enabled)
{
	int table = tree_node("/partitions");

	do
		after = fdt_node_offset_by_compatible(tree_blob, after, compatible);
	while (after >= 0 && (tree_enabled(after) != enabled || tree_is_below(after, table)));
	return after;
}

int tree_compatible(int after, const char *compatible) { return next_of_board(after, compatible, true); }
int tree_compatible_disabled(const char *compatible) { return next_of_board(-1, compatible, false); }

const char *tree_name(int node)
{
	const char *name = tree_full_name(node);

	return keep_format("%.*s", (int)strcspn(name, "@"), name);
}

void tree_no_children(int node)
{
	for (int child = tree_first_child(node); child >= 0; child = tree_next_child(child))
		error_at(104, child, NULL, "%s takes no node; take %s away", tree_full_name(node),
			 tree_full_name(child));
}
