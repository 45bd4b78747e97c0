/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads `dtc -O dts --annotate --annotate`: a node or property a line, followed
 * by a comment with file:line:column-line:column, several where it was merged
 * from several places (the first is taken for a node, the last for a property).
 */
#include "lines.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "ptc.h"

struct line {
	const char *path, *property, *place;
};

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

/* file:line of `file:line:column-line:column`. */
static const char *place_of(char *annotation, bool last)
{
	char *comma = last ? strrchr(annotation, ',') : strchr(annotation, ',');
	char *start = trim(last && comma ? comma + 1 : annotation);
	char *end;

	if (!last && comma)
		*comma = '\0';
	end = strrchr(start, '-');
	if (end && strrchr(start, ':') > end)
		*end = '\0';
	end = strrchr(start, ':');
	if (end)
		*end = '\0';
	return start;
}

static void line_add(const char *path, const char *property, const char *place)
{
	struct line *line = keep_append(&lines, &line_count, sizeof(*line));

	*line = (struct line){ path, property, place };
}

/* "label: name {" opens path/name. */
static const char *node_open(const char *path, char *text)
{
	char *name = strrchr(text, ' ');

	text[strlen(text) - 1] = '\0';
	text = trim(text);
	name = strrchr(text, ' ');
	name = name ? name + 1 : text;
	if (!strcmp(name, "/"))
		return "/";
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
		char *annotation = strstr(line, "/* ");
		char *body = line;

		if (annotation) {
			char *end = strstr(annotation, " */");

			if (end)
				*end = '\0';
			*annotation = '\0';
			annotation += 3;
		}
		body = trim(body);
		if (*body == '\0' || *body == '/')
			if (strcmp(body, "/ {"))
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
}

const char *lines_find(const char *path, const char *property)
{
	for (size_t i = 0; i < line_count; i++)
		if (!strcmp(lines[i].path, path) && !strcmp(lines[i].property, property))
			return lines[i].place;
	return NULL;
}
