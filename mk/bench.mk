# SPDX-License-Identifier: Apache-2.0
# Figures of the hypervisor, exact under QEMU's -icount, against a committed baseline.

bench = BUILD=$(abspath $(O))/bench /usr/bin/python3 tests/bench/bench.py --out $(O)/bench.json

.PHONY: bench bench-baseline bench-linux check-bench
bench: $(O)/bench/el2count.so
	$(pytest)
	@$(bench)
	@BUILD=$(abspath $(O))/bench /usr/bin/python3 tests/bench/lateness.py

bench-baseline: $(O)/bench/el2count.so
	$(pytest)
	@$(bench) --write-baseline

# The plugin against a known appliance, then the figures against the baseline.
check-bench: $(O)/bench/el2count.so
	$(pytest)
	@BUILD=$(abspath $(O))/bench $(PYTEST) tests/bench
	@$(bench) --check

# Stock Linux bare and in a PD, by the wall clock; and, by instructions, what the controller's CPU pays beside it.
BENCH_KERNEL ?= 6.1
bench-linux: $(O)/bench/el2count.so
	$(pytest)
	@[ -f $(GUESTS)/$(BENCH_KERNEL)/initrd ] || { echo "no $(GUESTS)/$(BENCH_KERNEL)/initrd: run make guests"; exit 1; }
	@BUILD=$(abspath $(O))/bench GUESTS=$(abspath $(GUESTS)) /usr/bin/python3 tests/bench/bench_linux.py \
		--kernel $(BENCH_KERNEL) --out $(O)/bench-linux.txt

$(O)/bench/el2count.so: tests/bench/el2count.c tests/bench/qemu_plugin_api.h
	@$(call need,$(HOSTCC))
	$(call say,HOSTCC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(HOSTCC) -D_POSIX_C_SOURCE=200809L -O2 $(warnings) -shared -fPIC -fvisibility=hidden $< -o $@

# The program of tests/bench/one with the board's own addresses: bench.py writes the header that says them.
bare_sources := $(pd_lib) $(bench.bin-sources)
bare_object = $(O)/obj/bare/$(subst /,_,$(1)).o

define bare_rule
$(call bare_object,$(1)): $(1) $(gen)/headers $(gen)/bare.h
	$$(call say,BARE,$(1))
	$(Q)mkdir -p $$(@D)
	$(Q)$(CC) $(pd_flags) -include $(gen)/pd/bench.h -include $(gen)/bare.h -c $(1) -o $$@
endef
$(foreach source,$(bare_sources),$(eval $(call bare_rule,$(source))))

$(O)/bare.elf: $(foreach source,$(bare_sources),$(call bare_object,$(source))) partitions/lib/pd.ld
	$(call say,BARE,$@)
	$(Q)$(CC) -E -P -x c -include $(gen)/pd/bench.h -include $(gen)/bare.h partitions/lib/pd.ld -o $(gen)/bare.ld
	$(Q)$(CC) $(target) $(link) $(linker) -T $(gen)/bare.ld $(filter %.o,$^) -o $@
