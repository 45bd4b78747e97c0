/* SPDX-License-Identifier: Apache-2.0 */
/* Asks for a reset, which is the PD's end as long as others run. */
#include "pd.h"

void pd_main(void) { pd_reset(); }
