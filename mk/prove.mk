# SPDX-License-Identifier: Apache-2.0
# Frama-C's Eva over what a PD can reach (tests/prove), with the constants of the default appliance.

prove_dir := $(O)/prove
prove_table := $(prove_dir)/gen/table.c
prove = /usr/bin/python3 -B tests/prove/prove.py --table $(prove_table) --out $(prove_dir)

.PHONY: prove prove-results check-prove-sees $(prove_table)
$(prove_table):
	@$(call need,frama-c)
	@$(MAKE) O=$(prove_dir) TABLE=partitions/appliance/table.dts $@ >/dev/null

prove: $(prove_table)
	@$(prove)
prove-results: $(prove_table)
	@$(prove) --accept

# Each mistake in a copy of the sources must leave something unproved: minutes.
check-prove-sees: $(prove_table)
	$(pytest)
	@TABLE_C=$(abspath $(prove_table)) $(PYTEST) tests/prove
