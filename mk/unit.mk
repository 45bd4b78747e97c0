# SPDX-License-Identifier: Apache-2.0
# Unit tests on the host: one program a module, that module's source with fakes around it.

unit_programs := vmsa smmuv3_ste smmuv3_event smmuv3 smmuv3_events smmuv3_audit cache format vuart \
	events vpci console pl011 vgic vgic_order vgic_registers ecam ecam_bridges ecam_run sha256 integrity \
	ram reload request vwatchdog pd pd_order
unit_smmu := hv/drivers/iommu/smmuv3.c $(addprefix tests/unit/,fake_smmu.c fake_verdict.c fake_console.c)
unit-smmuv3 := $(unit_smmu)
unit-smmuv3_events := hv/drivers/iommu/smmuv3_events.c $(unit_smmu)
unit-smmuv3_audit := hv/drivers/iommu/smmuv3_audit.c $(unit_smmu)
unit-gicv3_its := $(addprefix hv/drivers/irqchip/,gicv3.c gicv3_its.c) \
	$(addprefix tests/unit/,fake_gic.c fake_verdict.c fake_console.c)
unit-ram := hv/core/ram.c tests/unit/fake_verdict.c
unit-reload := hv/core/reload.c
unit-pd := hv/core/pd.c tests/unit/fake_pd.c
unit-pd_order := $(unit-pd)
unit-request := hv/core/request.c
unit-vwatchdog := hv/vdev/vwatchdog.c
unit-cache := hv/arch/arm64/cache.c
unit-format := hv/lib/format.c
unit-sha256 := hv/lib/sha256.c hv/lib/memory.c
unit-integrity := hv/core/integrity.c hv/lib/sha256.c tests/unit/fake_verdict.c
unit-vuart := hv/vdev/vuart.c
unit-vpci := hv/vdev/vpci.c $(addprefix hv/drivers/pci/,ecam.c ecam_run.c) \
	$(addprefix tests/unit/,fake_config.c fake_verdict.c)
unit-ecam_run := $(unit-vpci)
unit-console := hv/core/console.c hv/core/log.c hv/lib/format.c
unit-pl011 := hv/drivers/uart/pl011.c
unit-vgic := $(addprefix hv/vdev/,vgic.c vgic_lr.c vgic_registers.c) tests/unit/fake_vgic.c
unit-vgic_order := $(unit-vgic)
unit-vgic_registers := $(unit-vgic)
unit-ecam := hv/drivers/pci/ecam.c hv/drivers/pci/ecam_compare.c tests/unit/fake_verdict.c
unit-ecam_bridges := $(unit-ecam)
unit-events := hv/core/events.c tests/unit/fake_console.c

unit_programs += gicv3_its

# The fake folder is first: its headers stand in for the architecture's.
unit_flags := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all \
	-Itests/unit/fake -Itests/unit -Ihv/include -Ihv/arch/arm64/include -Ihv/drivers/iommu -Ipartitions/ptc
unit_headers := $(wildcard tests/unit/*.h tests/unit/fake/*/*.h hv/include/mullion/*.h hv/arch/arm64/include/arch/*.h \
	hv/drivers/iommu/*.h partitions/ptc/vmsa_s1.h)
unit_binaries := $(addprefix $(O)/unit/,$(unit_programs))

define unit_rule
$(O)/unit/$(1): tests/unit/test_$(1).c $$(unit-$(1)) $(unit_headers)
	@$$(call need,$$(HOSTCC))
	@$$(call need-file,/usr/include/cmocka.h)
	$$(call say,HOSTCC,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(HOSTCC) $$(warnings) $$(unit_flags) $$(filter %.c,$$^) -lcmocka -o $$@
endef
$(foreach program,$(unit_programs),$(eval $(call unit_rule,$(program))))

# All of them run, whichever fail; one that fails shows its whole log.
.PHONY: check-unit
check-unit: $(unit_binaries)
	$(Q)failed=; for program in $(unit_programs); do \
		log=$(O)/unit/$$program.log; \
		$(O)/unit/$$program >$$log 2>&1 || { failed="$$failed $$program"; cat $$log; }; \
		grep -e PASSED -e FAILED $$log | grep 'test(s)' | sed "s/^/  UNIT    $$program  /"; \
	done; [ -z "$$failed" ] || { echo "failed:$$failed"; exit 1; }
