# SPDX-License-Identifier: Apache-2.0
# The partition table: table.dts -> table.dtb -> everything that ptc makes.

TABLE ?= $(patsubst "%",%,$(CONFIG_TABLE))
table_dir := $(patsubst %/,%,$(dir $(TABLE)))
-include $(wildcard $(table_dir)/appliance.mk)
BOARD := $(patsubst "%",%,$(CONFIG_BOARD))
-include $(wildcard platform/$(BOARD)/board.mk)

ptc := $(O)/host/ptc
ptc_sources := $(wildcard partitions/ptc/*.c) hv/lib/sha256.c
ptc_headers := $(wildcard partitions/ptc/*.h hv/include/mullion/*.h hv/arch/*/include/arch/*.h hv/drivers/iommu/*.h)
ptc_flags := -D_XOPEN_SOURCE=700 -Ihv/include -Ihv/arch/arm64/include
pd_images := $(addprefix $(O)/pd/,$(IMAGES))
ptc_made := $(addprefix $(gen)/,table.c tables.S layout.ld image.its u-boot.env.txt figures report.json)
# A figure that ptc computed, for recipes.
figure = $(shell sed -n 's/^$(1)=//p' $(gen)/figures)

$(ptc): $(ptc_sources) $(ptc_headers)
	@$(call need,$(HOSTCC))
	@$(call need-file,/usr/include/libfdt.h)
	$(call say,HOSTCC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(HOSTCC) -O1 -g $(warnings) $(ptc_flags) $(ptc_sources) -lfdt -o $@

# The name of the table is part of what is built: another TABLE= rebuilds.
$(gen)/table.name: FORCE
	$(Q)mkdir -p $(@D)
	@echo '$(TABLE)' | cmp -s - $@ || echo '$(TABLE)' >$@

# The list of files outlives a table that is gone: another one must not need it.
$(gen)/table.pp.dts: $(or $(TABLE),no-table) $(gen)/table.name
	@$(call need,cpp)
	$(Q)cpp -nostdinc -undef -D__DTS__ -x assembler-with-cpp -I platform -I partitions \
		-MD -MF $@.d -MT $@ -MP $(TABLE) >$@
	@echo '$(TABLE):' >>$@.d
-include $(gen)/table.pp.dts.d

$(or $(TABLE),no-table):
	@echo "no partition table $(TABLE): TABLE= or CONFIG_TABLE names it"; exit 1

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

# Images that are built have a name; others lie beside the table, or are guests. images.d says which were taken.
ptc_images = $(foreach image,$(IMAGES),$(image)=$(abspath $(O))/pd/$(image)) $(abspath $(table_dir)) $(abspath $(GUESTS))
ptc_taken := $(shell sed -n '1s/^[^:]*: *//p' $(gen)/images.d 2>/dev/null)
ptc_lost := $(if $(filter-out $(wildcard $(ptc_taken)),$(ptc_taken)),FORCE)
$(ptc_made) &: $(ptc) $(O)/table.dtb $(gen)/table.lines $(pd_images) $(ptc_taken) $(ptc_lost) $(CONFIG)
	$(Q)made=$$($(ptc) build $(O)/table.dtb $(gen)/table.lines $(gen) $(CONFIG_TEXT_KIB) $(CONFIG_RODATA_KIB) \
		$(CONFIG_BOOT_DATA_KIB) $(abspath $(O))/mullion.bin $(ptc_images)); \
		printf '  %-7s %s\n' PTC "$(gen)/table.c  ($$made)" $(to_stderr)
-include $(wildcard $(gen)/images.d)

# PDs' programs, built against the table's header of their PD, each with its own objects.
pd_flags := $(warnings) $(target) -Ipartitions/lib -Ihv/include -Ihv/arch/arm64/include
pd_lib := $(wildcard partitions/lib/*.S partitions/lib/*.c) hv/lib/format.c
pd_object = $(O)/obj/pd/$(1)/$(subst /,_,$(2)).o

define pd_compile_rule
$(call pd_object,$(1),$(2)): $(2) $(gen)/headers $(gen)/compiler
	$$(call say,PD,$(2))
	$(Q)mkdir -p $$(@D)
	$(Q)$(CC) $(pd_flags) -include $(gen)/pd/$($(1)-pd).h -MD -MP -c $(2) -o $$@
-include $(wildcard $(basename $(call pd_object,$(1),$(2))).d)
endef

define pd_link_rule
$(O)/pd/$(1): $(foreach source,$(pd_lib) $($(1)-sources),$(call pd_object,$(1),$(source))) partitions/lib/pd.ld \
		$(table_dir)/appliance.mk
	$$(call say,PD,$$@)
	$(Q)mkdir -p $$(@D)
	$(Q)$(CC) -E -P -x c -include $(gen)/pd/$($(1)-pd).h partitions/lib/pd.ld -o $$@.ld
	$(Q)$(CC) $(target) $(link) $(linker) -T $$@.ld $$(filter %.o,$$^) -o $$@.elf
	$(Q)$(OBJCOPY) -O binary $$@.elf $$@
endef
$(foreach image,$(IMAGES),$(foreach source,$(pd_lib) $($(image)-sources),\
	$(eval $(call pd_compile_rule,$(image),$(source)))))
$(foreach image,$(IMAGES),$(eval $(call pd_link_rule,$(image))))
