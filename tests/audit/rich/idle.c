// SPDX-License-Identifier: Apache-2.0
/* Ends at once. */
#include "pd.h"

void pd_main(void)
{
	pd_print("idle");
}
