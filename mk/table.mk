# SPDX-License-Identifier: Apache-2.0
# The partition table: table.dts -> table.dtb -> everything that ptc makes.

TABLE ?= $(patsubst "%",%,$(CONFIG_TABLE))
table_dir := $(patsubst %/,%,$(dir $(TABLE)))
-include $(wildcard $(table_dir)/appliance.mk)
BOARD := $(patsubst "%",%,$(CONFIG_BOARD))
-include $(wildcard platform/$(BOARD)/board.mk)

ptc := $(O)/host/ptc
ptc_sources := $(wildcard partitions/ptc/*.c)
ptc_flags := -D_POSIX_C_SOURCE=200809L -Ihv/include -Ihv/arch/arm64/include
pd_images := $(addprefix $(O)/pd/,$(IMAGES))
ptc_made := $(addprefix $(gen)/,table.c tables.S layout.ld image.its u-boot.env.txt figures report.txt)
# A figure that ptc computed, for recipes.
figure = $(shell sed -n 's/^$(1)=//p' $(gen)/figures)

$(ptc): $(ptc_sources) $(wildcard partitions/ptc/*.h hv/include/mullion/*.h hv/arch/*/include/arch/*.h hv/drivers/iommu/*.h)
	@$(call need,$(HOSTCC))
	@[ -f /usr/include/libfdt.h ] || { echo "libfdt.h is missing: run make deps"; exit 1; }
	$(call say,HOSTCC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(HOSTCC) -O1 -g $(warnings) $(ptc_flags) $(ptc_sources) -lfdt -o $@

# The name of the table is part of what is built: another TABLE= rebuilds.
$(gen)/table.name: FORCE
	$(Q)mkdir -p $(@D)
	@echo '$(TABLE)' | cmp -s - $@ || echo '$(TABLE)' >$@

$(gen)/table.pp.dts: $(TABLE) $(gen)/table.name
	@$(call need,cpp)
	$(Q)cpp -nostdinc -undef -D__DTS__ -x assembler-with-cpp -I platform -I partitions \
		-MD -MF $@.d -MT $@ -MP $(TABLE) >$@
-include $(gen)/table.pp.dts.d

$(TABLE):
	@echo "no partition table $@"; exit 1

$(O)/table.dtb: $(gen)/table.pp.dts
	@$(call need,dtc)
	$(call say,DTC,$@)
	$(Q)dtc -q -I dts -O dtb -o $@ $<

$(gen)/table.lines: $(gen)/table.pp.dts
	$(Q)dtc -q -I dts -O dts --annotate --annotate -o $@ $<

$(gen)/headers: $(ptc) $(O)/table.dtb $(gen)/table.lines
	$(Q)mkdir -p $(gen)/pd
	$(Q)$(ptc) headers $(O)/table.dtb $(gen)/table.lines $(gen)/pd
	@touch $@

$(ptc_made) &: $(ptc) $(O)/table.dtb $(gen)/table.lines $(pd_images) $(gen)/generated/config.h
	$(Q)made=$$($(ptc) build $(O)/table.dtb $(gen)/table.lines $(gen) $(CONFIG_TEXT_KIB) $(CONFIG_RODATA_KIB) \
		$(CONFIG_BOOT_DATA_KIB) $(abspath $(O))/mullion.bin $(abspath $(O))/pd $(abspath $(table_dir))); \
		printf '  %-7s %s\n' PTC "$(gen)/table.c  ($$made)"

$(O)/report.txt: $(gen)/report.txt
	$(call say,REPORT,$@)
	$(Q)cp $< $@

# PDs' programs, built against the table's header of their PD.
pd_flags := $(warnings) $(target) -mgeneral-regs-only -mstrict-align -Ipartitions/lib -Ihv/include -Ihv/arch/arm64/include
pd_lib := $(wildcard partitions/lib/*.S partitions/lib/*.c)
pd_deps := $(wildcard partitions/lib/*.h) $(gen)/headers $(gen)/compiler

define pd_rule
$(O)/pd/$(1): $$($(1)-sources) $(pd_lib) partitions/lib/pd.ld $(pd_deps)
	@$$(call need,$(CC))
	$$(call say,PD,$$@)
	$(Q)mkdir -p $$(@D)
	$(Q)$(CC) -E -P -x c -include $(gen)/pd/$$($(1)-pd).h partitions/lib/pd.ld -o $$@.ld
	$(Q)$(CC) $(pd_flags) $(link) -include $(gen)/pd/$$($(1)-pd).h -static -nostdlib -Wl,--build-id=none \
		-Wl,--gc-sections -Wl,-z,max-page-size=4096 -T $$@.ld $(pd_lib) $$($(1)-sources) -o $$@.elf
	$(Q)$(OBJCOPY) -O binary $$@.elf $$@
endef
$(foreach image,$(IMAGES),$(eval $(call pd_rule,$(image))))
