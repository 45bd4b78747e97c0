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

ifneq ($(V),1)
Q := @
endif
# "  CC      file" lines; V=1 shows the commands instead.
say = $(if $(Q),@printf '  %-7s %s\n' '$(1)' '$(2)')

include mk/config.mk
include mk/tools.mk
include mk/table.mk
include mk/hv.mk
include mk/image.mk
include mk/run.mk
include mk/unit.mk
include mk/check.mk

.PHONY: all deps clean help
all: $(O)/appliance.itb $(O)/table.dtb $(O)/report.txt size

deps:
	@mk/deps.sh

clean:
	$(call say,CLEAN,$(O))
	$(Q)rm -rf $(O)

help:
	@cat mk/help.txt
