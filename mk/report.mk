# SPDX-License-Identifier: Apache-2.0
# What the table gives to whom, for people: report.txt, report.html; for programs: report.json.

report := $(O)/report.txt $(O)/report.json $(O)/report.html
report_py := /usr/bin/python3 -B partitions/report/report.py

.PHONY: report report-diff
report: $(report)

$(report) &: $(gen)/report.json $(gen)/sizes $(O)/table.dtb $(O)/appliance.itb $(wildcard partitions/report/*.py)
	@$(call need,/usr/bin/python3)
	$(call say,REPORT,$(O)/report.html)
	$(Q)$(report_py) write $< $(O) $$(cat $(gen)/sizes) table.dtb=$(O)/table.dtb mullion.bin=$(O)/mullion.bin \
		$(if $(SIGN_KEY),,appliance.itb=$(O)/appliance.itb) $(foreach image,$(IMAGES),$(image)=$(O)/pd/$(image))

report-diff: $(report)
	@[ -n "$(OLD)" ] || { echo "OLD= names the report.json to compare with"; exit 1; }
	@$(report_py) diff $(OLD) $(O)/report.json
