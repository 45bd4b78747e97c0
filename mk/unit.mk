# SPDX-License-Identifier: Apache-2.0
# Unit tests on the host: one program a module, that module's source with fakes around it.

unit_programs := vmsa smmuv3_ste smmuv3_event smmuv3 smmuv3_events smmuv3_audit cache format vuart events
unit_smmu := hv/drivers/iommu/smmuv3.c $(addprefix tests/unit/,fake_smmu.c fake_verdict.c fake_console.c)
unit-smmuv3 := $(unit_smmu)
unit-smmuv3_events := hv/drivers/iommu/smmuv3_events.c $(unit_smmu)
unit-smmuv3_audit := hv/drivers/iommu/smmuv3_audit.c $(unit_smmu)
unit-cache := hv/arch/arm64/cache.c
unit-format := hv/lib/format.c
unit-vuart := hv/vdev/vuart.c
unit-events := hv/core/events.c tests/unit/fake_console.c

# The fake folder is first: its headers stand in for the architecture's.
unit_flags := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all \
	-Itests/unit/fake -Itests/unit -Ihv/include -Ihv/arch/arm64/include -Ihv/drivers/iommu
unit_headers := $(wildcard tests/unit/*.h tests/unit/fake/*/*.h hv/include/mullion/*.h hv/arch/arm64/include/arch/*.h \
	hv/drivers/iommu/*.h)
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
