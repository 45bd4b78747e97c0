# SPDX-License-Identifier: Apache-2.0
# Frama-C's Eva over what a PD can reach (tests/prove), with the constants of the default appliance, and of one whose
# PDs are restarted and have a watchdog.

prove_dir := $(O)/prove
prove_tables := $(foreach name,appliance restart,$(prove_dir)/$(name)/gen/table.c)
prove = /usr/bin/python3 -B tests/prove/prove.py --tables $(prove_dir) --out $(prove_dir)

.PHONY: prove prove-results check-prove-sees $(prove_tables)
$(prove_dir)/appliance/gen/table.c: prove_table := partitions/appliance/table.dts
$(prove_dir)/restart/gen/table.c: prove_table := tests/boot/restart/table.dts
$(prove_tables):
	@$(call need,frama-c)
	@$(MAKE) O=$(@:/gen/table.c=) TABLE=$(prove_table) $@ >/dev/null

prove: $(prove_tables)
	@$(prove)
prove-results: $(prove_tables)
	@$(prove) --accept

# Each mistake in a copy of the sources must leave something unproved: minutes.
check-prove-sees: $(prove_tables)
	$(pytest)
	@PROVE_TABLES=$(abspath $(prove_dir)) $(PYTEST) tests/prove
