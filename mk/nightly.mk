# SPDX-License-Identifier: Apache-2.0
# What takes longer than make check may: all of it again, longer.

nightly_parts := check check-prove-sees generated fuzz scale audit-thorough
.PHONY: nightly
nightly: $(nightly_parts)
