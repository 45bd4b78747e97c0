/* SPDX-License-Identifier: Apache-2.0 */
/* Names that would be one in the generated C, assembly and files. */
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "ptc.h"

/* `-` is `_` and small letters are capitals where names become C. */
static bool names_equal(const char *a, const char *b) { return !strcmp(identifier(a, true), identifier(b, true)); }

void check_names_differ(int a, const char *a_what, const char *a_name, int b, const char *b_what, const char *b_name)
{
	if (!names_equal(a_name, b_name))
		return;
	error_at(321, b, NULL, "%s '%s' would have the name of %s '%s' in the PD's header: PD_%s; rename one of them",
		 b_what, b_name, a_what, a_name, identifier(b_name, true));
	note_at(a, NULL, "the first is here");
}

/* What the header has for the PD itself: PD_MSI_BASE, PD_CONSOLE_INTID, PD_TIMER_INTID, PD_WATCHDOG_INTID. */
static void check_name_free(int node, const char *what, const char *name, const char *taken)
{
	if (names_equal(name, taken))
		error_at(322, node, NULL, "%s '%s': the PD's header has PD_%s_... already; rename it", what, name,
			 identifier(name, true));
}

struct named {
	int node;
	const char *what, *name;
	const char *macro;
	size_t order;
};

static void name_add(struct named **list, size_t *count, int node, const char *what, const char *name)
{
	struct named named = { node, what, name, identifier(name, true), *count };

	*(struct named *)keep_append(list, count, sizeof(named)) = named;
}

static int name_order(const void *left, const void *right)
{
	const struct named *a = left, *b = right;
	int order = strcmp(a->macro, b->macro);

	return order ? order : a->order < b->order ? -1 : a->order > b->order;
}

/* Regions and devices have the same macros. */
void check_names(const struct pd *pd)
{
	struct named *list = NULL;
	size_t count = 0;

	for (size_t i = 0; i < pd->region_count; i++) {
		check_name_free(pd->regions[i].node, "region", pd->regions[i].name, "msi");
		name_add(&list, &count, pd->regions[i].node, "region", pd->regions[i].name);
	}
	for (size_t i = 0; i < pd->device_count; i++) {
		const struct device *device = &pd->devices[i];

		check_name_free(device->node, "device", device->name, "msi");
		check_name_free(device->node, "device", device->name, "console");
		check_name_free(device->node, "device", device->name, "timer");
		check_name_free(device->node, "device", device->name, "watchdog");
		name_add(&list, &count, device->node, "device", device->name);
	}
	if (count)
		qsort(list, count, sizeof(*list), name_order);
	for (size_t i = 1, first = 0; i < count; i++) {
		if (strcmp(list[first].macro, list[i].macro) != 0)
			first = i;
		else
			check_names_differ(list[first].node, list[first].what, list[first].name, list[i].node,
					   list[i].what, list[i].name);
	}
}

void check_labels(const struct appliance *appliance)
{
	const struct pd *end = appliance->pds + appliance->pd_count;

	for (const struct pd *b = appliance->pds; b < end; b++) {
		for (const struct pd *a = appliance->pds; a < b; a++) {
			if (!names_equal(a->label, b->label))
				continue;
			error_at(323, b->node, NULL,
				 "PD '%s' and PD '%s' have the same name but for case, - and _; rename one", a->label,
				 b->label);
			note_at(a->node, NULL, "the first is here");
		}
	}
}
