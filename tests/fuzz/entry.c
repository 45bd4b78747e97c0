/* SPDX-License-Identifier: Apache-2.0 */
/* ptc's commands as functions, with the model in hand. Compiled and renamed as a part of ptc. */
#include "../../partitions/ptc/main.c"

#include "fuzz.h"

const struct appliance *entry_model;
static struct appliance model;

int entry_headers(void)
{
	model_read(&model, world_tree, world_lines, NULL);
	headers_write(&model, "/out");
	return 0;
}

int entry_build(void)
{
	static const char *const images[] = { "built.bin=/built/program", "/images", NULL };

	entry_model = NULL;
	model.budgets = (struct budgets){ kib("56"), kib("24"), kib("12") };
	model_read(&model, world_tree, world_lines, images);
	build_write(&model, "/out", "/out/mullion.bin");
	entry_model = &model;
	return 0;
}
