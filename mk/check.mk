# SPDX-License-Identifier: Apache-2.0
# Tests. Each part ends with its runner's own summary.

PYTEST := /usr/bin/python3 -m pytest -q -p no:cacheprovider
pytest = @[ -x /usr/bin/python3 ] && /usr/bin/python3 -c 'import pytest, elftools' 2>/dev/null || \
	{ echo "pytest or pyelftools for /usr/bin/python3 is missing: run make deps"; exit 1; }

.PHONY: check check-refuse check-boot lint
check: lint check-unit check-refuse check-boot check-bench

check-refuse: $(ptc)
	$(pytest)
	@PTC=$(abspath $(ptc)) $(PYTEST) tests/refuse

check-boot: all
	$(pytest)
	@BUILD=$(abspath $(O))/boot-tests $(PYTEST) tests/boot

lint:
	@$(call need,cppcheck)
	$(call say,LINT,hv partitions)
	$(Q)mk/lint.sh
