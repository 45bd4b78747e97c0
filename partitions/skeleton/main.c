/* SPDX-License-Identifier: Apache-2.0 */
/* Says that it is there, and ends. To be replaced by a program that does something. */
#include "pd.h"

void pd_main(void) { pd_print("is there"); }
