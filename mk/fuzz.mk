# SPDX-License-Identifier: Apache-2.0
# ptc under libFuzzer, with address and undefined-behaviour sanitizers (tests/fuzz).

FUZZ_SECONDS ?= 600
FUZZ_WORKERS ?= 2
fuzz := $(O)/fuzz
fuzz_cc := clang -std=c11 -O1 -g -Wall -Wextra -Wno-missing-field-initializers $(ptc_flags) -Ipartitions/ptc \
	-Itests/fuzz
# Not pointer-overflow: clang's takes NULL + 0, the end of an array without elements, for one (defined since C2y).
fuzz_sanitize := -fsanitize=address,undefined -fno-sanitize=pointer-overflow -fno-sanitize-recover=all
fuzz_parts := $(patsubst %.c,%,$(notdir $(filter-out %/main.c,$(ptc_sources)))) entry
fuzz_own := $(filter-out entry,$(patsubst %.c,%,$(notdir $(wildcard tests/fuzz/*.c))))
fuzz_headers := $(wildcard partitions/ptc/*.h partitions/bindings/*.h hv/include/mullion/*.h hv/arch/*/include/arch/*.h \
	hv/drivers/iommu/*.h tests/fuzz/*.h)
vpath %.c partitions/ptc hv/lib tests/fuzz

# $(1): a folder for each of two builds, to fuzz and to count coverage; $(2): its flags.
# ptc's own parts see the world of world.c, and have their data where it can be put back.
define fuzz_rules
$(addprefix $(fuzz)/$(1)/,$(addsuffix .o,$(fuzz_parts))): $(fuzz)/$(1)/%.o: %.c $(fuzz_headers) tests/fuzz/symbols.txt \
		partitions/ptc/main.c
	@$$(call need,clang)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$(fuzz_cc) $(2) -c $$< -o $$@
	$$(Q)objcopy --redefine-syms=tests/fuzz/symbols.txt --rename-section .data=ptc_data --rename-section .bss=ptc_bss $$@
$(addprefix $(fuzz)/$(1)/,$(addsuffix .o,$(fuzz_own))): $(fuzz)/$(1)/%.o: tests/fuzz/%.c $(fuzz_headers)
	@$$(call need,clang)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$(fuzz_cc) -D_GNU_SOURCE $(fuzz_sanitize) -c $$< -o $$@
$(fuzz)/$(1)/ptc: $(addprefix $(fuzz)/$(1)/,$(addsuffix .o,$(fuzz_parts) $(fuzz_own)))
	$$(call say,FUZZ,$$@)
	$$(Q)clang $(fuzz_sanitize) -fsanitize=fuzzer $(2) $$^ -lfdt -o $$@
endef
$(eval $(call fuzz_rules,run,$(fuzz_sanitize) -fsanitize=fuzzer-no-link))
$(eval $(call fuzz_rules,cover,-fprofile-instr-generate -fcoverage-mapping))

$(fuzz)/seeds: tests/fuzz/seeds.py $(wildcard tests/generate/*.py) $(shell find partitions tests/boot tests/bench tests/refuse tests/fuzz -name '*.dts*')
	$(call say,SEEDS,$@)
	$(Q)rm -rf $@
	$(Q)/usr/bin/python3 $< $@

# The corpus grows from run to run; what crashed is in findings/, to become a case.
.PHONY: fuzz fuzz-coverage check-fuzz
fuzz: $(fuzz)/run/ptc $(fuzz)/seeds
	$(Q)tests/fuzz/run.sh $(fuzz) $(FUZZ_SECONDS) $(FUZZ_WORKERS)

check-fuzz: $(fuzz)/run/ptc $(fuzz)/seeds
	$(Q)tests/fuzz/run.sh $(fuzz) 60 2

fuzz-coverage: $(fuzz)/cover/ptc $(fuzz)/seeds
	$(Q)mkdir -p $(fuzz)/corpus
	$(Q)cd $(fuzz) && LLVM_PROFILE_FILE=cover/raw cover/ptc -runs=0 -close_fd_mask=3 seeds corpus
	$(Q)cd $(fuzz) && llvm-profdata merge cover/raw -o cover/merged
	$(Q)llvm-cov report $(fuzz)/cover/ptc -instr-profile=$(fuzz)/cover/merged -show-region-summary=false \
		-ignore-filename-regex='tests/fuzz|/usr/' | tee $(fuzz)/coverage.txt
