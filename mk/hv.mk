# SPDX-License-Identifier: Apache-2.0
# The hypervisor: objects, one link by the layout that ptc made, size.

include hv/sources.mk
hv_flags := $(warnings) $(target) -Ihv/include -Ihv/arch/arm64/include -I$(gen)
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

.PHONY: size
size: $(O)/mullion.elf
	@lines=$(hv_lines); [ "$$lines" -gt 0 ]; \
	$(SIZE) -A $< | awk -v lines=$$lines -v max=$(CONFIG_HV_LINES) -v text=$(CONFIG_TEXT_KIB) \
		-v rodata=$(CONFIG_RODATA_KIB) -v boot=$(CONFIG_BOOT_DATA_KIB) ' \
		{ size[$$1] = $$2 } \
		END { printf "  SIZE    text %d of %d, constants %d of %d, tables %d, boot data %d of %d, shared %d of 4096 bytes; " \
			"%d of %d lines\n", size[".text"], text * 1024, size[".rodata"], rodata * 1024, \
			size[".tables.cpu"] + size[".tables.iommu"] + size[".boot_root"], size[".boot"], boot * 1024, \
			size[".shared"], lines, max; exit lines > max }' || { echo "over the budget of CONFIG_HV_LINES"; exit 1; }
