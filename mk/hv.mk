# SPDX-License-Identifier: Apache-2.0
# The hypervisor: objects, one link by the layout that ptc made, size.

include hv/sources.mk
hv_flags := $(warnings) $(target) -fomit-frame-pointer -fstack-usage -Ihv/include -Ihv/arch/arm64/include -I$(gen)
hv_objects := $(patsubst %,$(O)/obj/%.o,$(basename $(hv-y))) $(O)/obj/gen/table.o $(O)/obj/gen/tables.o

define compile
	$(call say,$(1),$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(hv_flags) -MD -MP -c $< -o $@
endef

hv_made := $(gen)/generated/config.h $(gen)/compiler
$(O)/obj/%.o: %.c $(hv_made)
	$(call compile,CC)
$(O)/obj/%.o: %.S $(hv_made)
	$(call compile,AS)
$(O)/obj/gen/%.o: $(gen)/%.c $(hv_made)
	$(call compile,CC)
$(O)/obj/gen/%.o: $(gen)/%.S $(hv_made)
	$(call compile,AS)
# Data without lines; clang's assembler would name the folder.
$(O)/obj/gen/tables.o: hv_flags += -g0
-include $(hv_objects:.o=.d)

$(gen)/mullion.elf: $(hv_objects) $(gen)/layout.ld
	$(call say,LD,$(O)/mullion.elf)
	$(Q)$(CC) $(target) $(link) $(linker) -Wl,--orphan-handling=error -Wl,-z,noexecstack -T $(gen)/layout.ld \
		$(hv_objects) -o $@

# The digest of the constants as they will lie in memory, put behind the code. By sha256sum: what compares it at boot
# is a program of ours.
$(O)/mullion.elf: $(gen)/mullion.elf $(gen)/figures
	$(Q)$(OBJCOPY) -O binary $< $(gen)/mullion.bin
	$(Q)mk/digest.sh $(gen)/mullion.bin $(call figure,INTEGRITY_OFFSET) $(call figure,INTEGRITY_SIZE) >$(gen)/digest
	$(Q)$(OBJCOPY) --update-section .digest=$(gen)/digest $< $@

$(O)/mullion.bin: $(O)/mullion.elf
	$(call say,OBJCOPY,$@)
	$(Q)$(OBJCOPY) -O binary $< $@

# Code lines of the product's sources and of every header, the self-test apart:
# comments and blanks removed by the preprocessor's own reader.
hv_counted = $(filter-out %selftest.c %selftest.h,$(hv-y) $(shell find hv -name '*.h'))
hv_lines = $$(cat $(hv_counted) | $(HOSTCC) -fpreprocessed -dD -E -P -x c - 2>/dev/null | grep -c .)

# What is measured against a budget, a line each: name=used/limit.
$(gen)/sizes: $(O)/mullion.elf $(hv_counted) $(CONFIG)
	$(Q)lines=$(hv_lines); [ "$$lines" -gt 0 ]; \
	$(SIZE) -A $< | awk -v lines=$$lines -v max=$(CONFIG_HV_LINES) -v text=$(CONFIG_TEXT_KIB) \
		-v rodata=$(CONFIG_RODATA_KIB) -v boot=$(CONFIG_BOOT_DATA_KIB) ' \
		{ size[$$1] = $$2 } \
		END { printf "text=%d/%d\nconstants=%d/%d\nboot-data=%d/%d\nshared=%d/4096\nlines=%d/%d\n", \
			size[".text"], text * 1024, size[".rodata"], rodata * 1024, size[".boot"], boot * 1024, \
			size[".shared"], lines, max }' >$@

.PHONY: size
size: $(gen)/sizes
	@awk -F '[=/]' '{ line = line (NR > 1 ? ", " : "") $$1 " " $$2 " of " $$3 } $$2 > $$3 { over = over " " $$1 } \
		END { print "  SIZE    " line; if (over) { print "over the budget:" over; exit 1 } }' $<

# The deepest path on each stack, by the instructions of the image; with clang not all that hv/stacks.txt lists is there.
.PHONY: stack
stack: $(O)/mullion.elf
	@/usr/bin/python3 -c 'import elftools' 2>/dev/null || \
		{ echo "pyelftools for /usr/bin/python3 is missing: run make deps"; exit 1; }
	@/usr/bin/python3 -B mk/stack --list hv/stacks.txt $(if $(filter 1,$(LLVM)),--idle-lines) $< $(hv_objects)
