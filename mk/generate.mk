# SPDX-License-Identifier: Apache-2.0
# Generated tables, built and audited (tests/generate). FIRST= is the first seed.

FIRST ?= 1
generated = @/usr/bin/python3 -B tests/generate/run.py $(O)/generated $(1) $(FIRST)

.PHONY: check-generated generated
check-generated:
	$(call generated,20)

generated:
	$(call generated,200)
