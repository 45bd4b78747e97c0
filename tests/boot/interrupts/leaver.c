/* SPDX-License-Identifier: Apache-2.0 */
/* Turns its last vCPU off, which is the PD's end. */
#include "pd.h"

void pd_main(void) { pd_vcpu_off(); }
