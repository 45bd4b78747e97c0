/* SPDX-License-Identifier: Apache-2.0 */
/* The real one, but that the linker knows where the shared page begins and ends: tests write what any CPU can. */
#ifndef FAKE_SECTION_H
#define FAKE_SECTION_H

#include "../../../../hv/include/mullion/section.h"

#undef SHARED_DATA
#define SHARED_DATA __attribute__((section("shared_data")))
extern char __start_shared_data[], __stop_shared_data[];

#endif
