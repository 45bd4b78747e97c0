# SPDX-License-Identifier: Apache-2.0
# The appliance in QEMU, on the board's machine with the appliance's devices.

BOARD_CPUS = $(call figure,BOARD_CPUS)
BOARD_RAM_MIB = $(call figure,BOARD_RAM_MIB)
store_load = -device loader,addr=$(firstword $(subst :, ,$(1))),file=$(lastword $(subst :, ,$(1))),force-raw=on

ifeq ($(BOOT),kernel)
boot_files := $(O)/mullion.bin
qemu_boot = -kernel $(O)/mullion.bin $(foreach load,$(call figure,STORE_LOADS),$(call store_load,$(load)))
else ifeq ($(BOOT),u-boot)
boot_files := $(O)/flash.img $(if $(SIGN_KEY),$(O)/u-boot.dtb)
qemu_boot = -bios $(UBOOT) $(if $(SIGN_KEY),-dtb $(O)/u-boot.dtb) -drive if=pflash,unit=1,format=raw,readonly=on,file=$(O)/flash.img
else
$(error BOOT=$(BOOT): it is u-boot or kernel)
endif
# What the devices stand on: disk images and the like.
boot_files += $(QEMU_FILES)
qemu_command = $(QEMU) $(QEMU_MACHINE) $(qemu_boot) $(QEMU_DEVICES) $(QEMU_EXTRA)

.PHONY: run qemu-cmdline
run: all $(boot_files)
	@$(call need,$(QEMU))
	@$(call need-file,$(UBOOT))
	@echo '  QEMU    Ctrl-A x ends it'
	@$(qemu_command)

# Alone on standard output, for scripts.
qemu-cmdline: $(boot_files) $(gen)/figures
	@printf '%s\n' '$(subst ','\'',$(strip $(qemu_command)))'
