# SPDX-License-Identifier: Apache-2.0
#
# Mullion. `make help` lists what can be made; mk/ holds one fragment a step.

O ?= build
BOOT ?= u-boot
V ?= 0

MAKEFLAGS += --no-print-directory --no-builtin-rules
SHELL := /bin/sh
.SHELLFLAGS := -ec
.DELETE_ON_ERROR:
.SECONDARY:
.DEFAULT_GOAL := all

ifneq ($(words $(O) $(CURDIR) $(or $(TABLE),x) $(or $(SIGN_KEY),x)),4)
$(error white space in O, TABLE, SIGN_KEY or the path of the sources is not supported)
endif
ifneq ($(filter $(abspath $(O))/%,$(CURDIR)/ $(CURDIR)/x),)
$(error O=$(O) is the folder of the sources or above it)
endif

goals := $(or $(MAKECMDGOALS),all)
first := $(filter clean %_defconfig,$(goals))
ifneq ($(and $(first),$(filter-out $(first),$(goals))),)

# A configuration first, then what is made by it.
.PHONY: $(goals) in-order
$(goals): in-order
	@:
in-order:
	@$(MAKE) $(first)
	@$(MAKE) $(filter-out $(first),$(goals))

else

ifneq ($(V),1)
Q := @
endif
# "  CC      file" lines; V=1 shows the commands instead. What prints for scripts keeps its output clean.
say = $(if $(Q),@printf '  %-7s %s\n' '$(1)' '$(2)' $(to_stderr))
to_stderr := $(if $(filter qemu-cmdline,$(goals)),>&2)

include mk/config.mk
include mk/tools.mk
include mk/guests.mk
include mk/table.mk
include mk/hv.mk
include mk/image.mk
include mk/audit.mk
include mk/report.mk
include mk/run.mk
include mk/skeleton.mk
include mk/unit.mk
include mk/fuzz.mk
include mk/generate.mk
include mk/scale.mk
include mk/check.mk
include mk/prove.mk
include mk/bindings.mk
include mk/sbom.mk
include mk/bench.mk
include mk/nightly.mk

.PHONY: all deps clean help
all: $(O)/appliance.itb $(O)/table.dtb report audit size stack

deps:
	@mk/deps.sh

# Only a folder that a build made.
clean:
	$(call say,CLEAN,$(O))
	$(Q)if [ -d $(O)/gen ] || [ -d $(O)/unit ] || [ -f $(O)/.config ]; then rm -rf $(O); fi

help:
	@cat mk/help.txt; echo "Configurations"; ls configs | sed 's/^/  /'

endif
