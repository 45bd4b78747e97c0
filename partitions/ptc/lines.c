/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads `dtc -O dts --annotate --annotate`: a node or property a line, followed
 * by a comment with file:line:column-line:column, several where it was merged
 * from several places (the first is taken for a node, the last for a property).
 * A place of any other form is no place: it ends up in comments of the output.
 */
#include "lines.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "ptc.h"

struct line {
	const char *path, *property, *place;
	size_t order;
};

enum { PATH_SIZE_MAX = 1024 };  /* no path that is asked for is longer */

static struct line *lines;
static size_t line_count;

static char *trim(char *text)
{
	size_t length;

	text += strspn(text, " \t");
	length = strlen(text);
	while (length && strchr(" \t\r", text[length - 1]))
		text[--length] = '\0';
	return text;
}

/* Where `separator` and the number that ends the text begin; NULL if the text ends in anything else. */
static char *number_at_end(char *text, char separator)
{
	char *at = strrchr(text, separator);

	return at && at != text && at[1] && !at[1 + strspn(at + 1, "0123456789")] ? at : NULL;
}

/* `file:line` of one `file:line:column-line:column`; NULL if it has another form. */
static const char *place_cut(char *place)
{
	for (const char *separator = ":-:"; *separator; separator++) {
		char *at = number_at_end(place, *separator);

		if (!at)
			return NULL;
		*at = '\0';
	}
	return number_at_end(place, ':') && !strstr(place, "*/") ? place : NULL;
}

/* Of the places separated by ", ": the first or the last. */
static const char *place_of(char *annotation, bool last)
{
	char *comma;

	while ((comma = strstr(annotation, ", "))) {
		if (!last) {
			*comma = '\0';
			break;
		}
		annotation = comma + 2;
	}
	return place_cut(trim(annotation));
}

static void line_add(const char *path, const char *property, const char *place)
{
	if (place)
		*(struct line *)keep_append(&lines, &line_count, sizeof(struct line)) =
			(struct line){ path, property, place, line_count };
}

/* Of two places of one thing, the first comes first. */
static int line_order(const void *left, const void *right)
{
	const struct line *a = left, *b = right;
	int order = strcmp(a->path, b->path);

	if (!order)
		order = strcmp(a->property, b->property);
	return order ? order : a->order < b->order ? -1 : a->order > b->order;
}

/* The comment that ends the line, without its marks, cut off the line; NULL if there is none. */
static char *annotation_cut(char *line)
{
	char *start = NULL;
	char *end;

	for (char *at = line; (at = strstr(at, "/* ")); at++)
		start = at;
	end = start ? strstr(start + 3, " */") : NULL;
	if (!end || end[3])
		return NULL;
	*start = *end = '\0';
	return start + 3;
}

/* "label: name {" opens path/name. */
static const char *node_open(const char *path, char *text)
{
	char *name;

	text[strlen(text) - 1] = '\0';
	text = trim(text);
	name = strrchr(text, ' ');
	name = name ? name + 1 : text;
	if (!strcmp(name, "/"))
		return "/";
	if (strlen(path) > PATH_SIZE_MAX)
		return path;
	return keep_format("%s%s%s", path, strcmp(path, "/") ? "/" : "", name);
}

static const char *node_close(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash || slash == path)
		return "/";
	return keep_format("%.*s", (int)(slash - path), path);
}

void lines_load(char *text)
{
	const char *path = "/";
	const char *pending = NULL;

	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		char *annotation = annotation_cut(line);
		char *body = trim(line);

		if (*body == '\0' || *body == '/')
			if (strcmp(body, "/ {") != 0)
				continue;
		if (body[strlen(body) - 1] == '{') {
			path = node_open(path, body);
			if (annotation)
				line_add(path, "", place_of(annotation, false));
		} else if (!strncmp(body, "};", 2)) {
			path = node_close(path);
		} else {
			if (!pending)
				pending = keep_format("%.*s", (int)strcspn(body, " =;"), body);
			if (annotation) {
				line_add(path, pending, place_of(annotation, true));
				pending = NULL;
			} else if (body[strlen(body) - 1] == ';') {
				pending = NULL;
			}
		}
	}
	if (line_count)
		qsort(lines, line_count, sizeof(*lines), line_order);
}

const char *lines_find(const char *path, const char *property)
{
	const struct line wanted = { path, property, NULL, 0 };
	size_t low = 0, high = line_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (line_order(&lines[middle], &wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < line_count && !strcmp(lines[low].path, path) && !strcmp(lines[low].property, property) ?
		       lines[low].place : NULL;
}
