# SPDX-License-Identifier: Apache-2.0
# Where it comes from: bill of materials, licences, and the same bytes from anywhere.

shipped := mullion.elf mullion.bin appliance.itb flash.img table.dtb $(notdir $(report)) $(addprefix pd/,$(IMAGES)) \
	audit.json $(if $(SIGN_KEY),u-boot.dtb) .config
pd_objects = $(foreach image,$(IMAGES),\
	$(foreach source,$(pd_lib) $($(image)-sources),$(call pd_object,$(image),$(source))))
# What was read, by those who read it; then what nobody says so of.
sbom_depends = $(hv_objects:.o=.d) $(addsuffix .d,$(basename $(pd_objects))) $(gen)/table.pp.dts.d $(gen)/images.d
sbom_sources = $(audit_sources) $(ptc_sources) $(ptc_headers) $(kconf_sources) \
	partitions/lib/pd.ld hv/sources.mk Makefile $(wildcard \
	partitions/report/*.py $(table_dir)/appliance.mk platform/$(BOARD)/board.mk mk/*.mk mk/*.sh mk/*.py)
program = $(filter-out ccache -%,$(1))
sbom_tools = $(call program,$(CC)) $(call program,$(HOSTCC)) $(LD) $(OBJCOPY) cpp dtc make /usr/bin/python3 \
	'mkimage -V' $(if $(SIGN_KEY),'openssl version' $(QEMU))

.PHONY: sbom check-repro check-reuse
sbom: $(O)/sbom.spdx.json

$(O)/sbom.spdx.json: $(addprefix $(O)/,$(shipped)) mk/sbom.py .reuse/dep5
	@$(call need,/usr/bin/python3)
	$(call say,SBOM,$@)
	$(Q)/usr/bin/python3 -B mk/sbom.py $@ --build $(O) --table $(TABLE) --depends $(sbom_depends) \
		--sources $(sbom_sources) --shipped $(shipped) --tools $(sbom_tools)

check-reuse:
	@$(call need,reuse)
	$(call say,REUSE,.)
	$(Q)said=$$(reuse lint 2>&1) || { echo "$$said"; exit 1; }
	$(Q)cmp LICENSE LICENSES/Apache-2.0.txt

# Builds of their own, in temporary folders.
check-repro:
	$(pytest)
	@$(call need,faketime)
	@$(PYTEST) tests/repro
