# SPDX-License-Identifier: Apache-2.0
# Tests. Each part ends with its runner's own summary.

PYTEST := /usr/bin/python3 -m pytest -q -p no:cacheprovider
pytest = @[ -x /usr/bin/python3 ] && /usr/bin/python3 -c 'import pytest, xdist, elftools' 2>/dev/null || \
	{ echo "pytest, pytest-xdist or pyelftools for /usr/bin/python3 is missing: run make deps"; exit 1; }

.PHONY: check check-refuse check-report check-static check-boot findings lint
# In this order: what is quick and local first.
checks := check-reuse check-unit check-refuse check-bindings check-static findings prove check-report check-fuzz \
	check-generated check-scale check-repro check-audit check-boot check-bench
check: lint $(checks)

check-refuse: $(ptc)
	$(pytest)
	@PTC=$(abspath $(ptc)) $(PYTEST) tests/refuse

check-report: all
	$(pytest)
	@BUILD=$(abspath $(O)) $(PYTEST) tests/report

check-static:
	$(pytest)
	@$(PYTEST) -n 2 tests/static

# What cppcheck with its MISRA add-on and clang-tidy find, against docs/deviations.md.
findings:
	@$(call need,cppcheck)
	@$(call need,clang-tidy)
	@mk/findings.py

check-boot: all
	$(pytest)
	@BUILD=$(abspath $(O))/boot-tests $(PYTEST) -n 2 --dist loadfile tests/boot

lint:
	@$(call need,cppcheck)
	$(call say,LINT,hv partitions)
	$(Q)mk/lint.sh
