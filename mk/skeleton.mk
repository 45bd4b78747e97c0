# SPDX-License-Identifier: Apache-2.0
# A skeleton of a table for the machine as it is: QEMU's command line of the build, with QEMU_EXTRA.

SKELETON ?= $(O)/skeleton
quoted = '$(subst ','\'',$(strip $(1)))'
skeleton_words = $(foreach word,LLVM CROSS_COMPILE HOSTCC QEMU UART1 QEMU_EXTRA,\
	$(if $($(word)),$(call quoted,$(word)=$($(word)))))

.PHONY: table-from-machine
table-from-machine: $(CONFIG)
	@$(call need,/usr/bin/python3)
	@$(call need,$(QEMU))
	$(call say,PROBE,the machine)
	$(Q)mkdir -p $(O)/machine
	$(Q)cp $(CONFIG) $(O)/machine/.config
	$(Q)/usr/bin/python3 -B partitions/skeleton/skeleton.py $(O)/machine $(SKELETON) $(BOARD) \
		$(call quoted,$(QEMU_DEVICES)) $(skeleton_words)
