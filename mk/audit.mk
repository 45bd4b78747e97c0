# SPDX-License-Identifier: Apache-2.0
# The auditor (tests/audit): the built image against its table, by a program that shares nothing with what made it.

audit_python := PYTHONPYCACHEPREFIX=$(abspath $(O))/pycache /usr/bin/python3
audit_sources := $(wildcard tests/audit/audit.py tests/audit/auditor/*.py tests/audit/auditor/*.txt)
need-audit = [ -x /usr/bin/python3 ] && /usr/bin/python3 -c 'import elftools, libfdt' 2>/dev/null || \
	{ echo "pyelftools or libfdt for /usr/bin/python3 is missing: run make deps"; exit 1; }

.PHONY: audit
audit: $(O)/audit.json

$(O)/audit.json: $(O)/mullion.elf $(O)/appliance.itb $(O)/table.dtb $(audit_sources)
	@$(need-audit)
	$(Q)found=$$($(audit_python) tests/audit/audit.py --elf $(O)/mullion.elf --fit $(O)/appliance.itb \
		--table $(O)/table.dtb --out $@); printf '  %-7s %s\n' AUDIT "$@  ($$found)" $(to_stderr)

# Does it see what is wrong.
.PHONY: check-audit audit-thorough
check-audit:
	@$(need-audit)
	$(pytest)
	@BUILD=$(abspath $(O))/audit-tests $(PYTEST) tests/audit

# Every bit, and every class of it booted.
audit-thorough:
	@$(need-audit)
	$(pytest)
	@AUDIT_THOROUGH=1 BUILD=$(abspath $(O))/audit-tests $(PYTEST) tests/audit
	@AUDIT_THOROUGH=1 BUILD=$(abspath $(O))/boot-tests $(PYTEST) tests/boot/test_audit.py
