# SPDX-License-Identifier: Apache-2.0
# How ptc grows with a table (tests/scale).

.PHONY: scale check-scale
scale: $(ptc)
	@CROSS_COMPILE=$(CROSS_COMPILE) /usr/bin/python3 -B tests/scale/scale.py $(ptc) $(O)/scale.txt

check-scale: $(ptc)
	$(pytest)
	@PTC=$(abspath $(ptc)) CROSS_COMPILE=$(CROSS_COMPILE) $(PYTEST) tests/scale
