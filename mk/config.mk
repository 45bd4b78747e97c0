# SPDX-License-Identifier: Apache-2.0
# .config by Kconfig. Without one, the default defconfig is taken.

DEFCONFIG := qemu-virt-arm64_appliance_defconfig
CONFIG := $(O)/.config
gen := $(O)/gen
# OVERWRITECONFIG: written in place, not by way of a file in the current folder.
kconf = KCONFIG_CONFIG=$(CONFIG) KCONFIG_OVERWRITECONFIG=1 CONFIG_=CONFIG_
kconf_sources := Kconfig $(wildcard */Kconfig */*/Kconfig)

# What is made without a configuration must not ask for one.
unconfigured := help deps clean guests initrds check-guests check-guests-all lint check-reuse check-unit check-refuse \
	check-bindings check-audit check-static \
	findings prove prove-results check-prove-sees check-repro fuzz fuzz-coverage check-fuzz generated check-generated scale \
	check-scale bench bench-baseline bench-linux check-bench %_defconfig
ifneq ($(filter-out $(unconfigured),$(goals)),)
-include $(CONFIG)
endif

$(CONFIG): $(kconf_sources)
	@$(call need,kconfig-conf)
	$(Q)mkdir -p $(O)
	$(Q)if [ -f $@ ]; then $(kconf) kconfig-conf --olddefconfig Kconfig >/dev/null; \
		else $(kconf) kconfig-conf --defconfig=configs/$(DEFCONFIG) Kconfig >/dev/null; fi
	@touch $@

.PHONY: menuconfig nconfig savedefconfig
%_defconfig: configs/%_defconfig
	@$(call need,kconfig-conf)
	$(call say,CONFIG,$@)
	$(Q)mkdir -p $(O)
	$(Q)$(kconf) kconfig-conf --defconfig=$< Kconfig >/dev/null

configs/%_defconfig:
	@echo "no configuration $*_defconfig; there is:"; ls configs; exit 1

kconfig-tool = kconfig-$(patsubst %config,%conf,$(subst menu,m,$@))
menuconfig nconfig: $(CONFIG)
	@$(call need,$(kconfig-tool))
	@$(kconf) $(kconfig-tool) Kconfig

savedefconfig: $(CONFIG)
	$(call say,CONFIG,$(O)/defconfig)
	$(Q)$(kconf) kconfig-conf --savedefconfig=$(O)/defconfig Kconfig

# The same symbols for C.
$(gen)/generated/config.h: $(CONFIG)
	$(Q)mkdir -p $(@D)
	$(Q){ echo '/* Made from .config. */'; \
	     sed -n -e 's/^\(CONFIG_[A-Z0-9_]*\)=y$$/#define \1 1/p' \
	            -e 's/^\(CONFIG_[A-Z0-9_]*\)=\([0-9"].*\)$$/#define \1 \2/p' $(CONFIG); } >$@
