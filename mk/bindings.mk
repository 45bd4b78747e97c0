# SPDX-License-Identifier: Apache-2.0
# partitions/bindings: the table against its schemas, and the schemas against the compiler.

.PHONY: check-table check-bindings
check-table: $(O)/table.dtb $(gen)/schema.json
	$(call say,BINDING,$<)
	$(Q)mk/validate.sh $(gen)/schema.json $<

check-bindings: $(ptc) $(gen)/schema.json
	$(pytest)
	@$(call need,dt-validate)
	@PTC=$(abspath $(ptc)) SCHEMA=$(abspath $(gen)/schema.json) $(PYTEST) -n 2 tests/bindings

$(gen)/schema.json: $(wildcard partitions/bindings/*.yaml) mk/schema.sh
	@$(call need,dt-mk-schema)
	$(Q)mkdir -p $(@D)
	$(Q)mk/schema.sh $@
