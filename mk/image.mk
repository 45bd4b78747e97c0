# SPDX-License-Identifier: Apache-2.0
# What the bootloader reads: the FIT, and the flash image with U-Boot's environment before it.

# With SIGN_KEY, the source says with which key, too.
$(gen)/fit.its: $(gen)/image.its FORCE
	$(Q){ cat $<; $(if $(SIGN_KEY),mk/sign.sh $(SIGN_KEY);) } >$@.now; cmp -s $@.now $@ || cp $@.now $@; rm $@.now

mkimage = SOURCE_DATE_EPOCH=0 mkimage -f $< $(1) $(O)/appliance.itb >$(O)/mkimage.log 2>&1 || \
	{ cat $(O)/mkimage.log; exit 1; }

ifeq ($(SIGN_KEY),)
$(O)/appliance.itb: $(gen)/fit.its $(O)/mullion.bin $(pd_images)
	@$(call need,mkimage)
	$(call say,MKIMAGE,$@)
	$(Q)$(call mkimage)
else

# The tree that U-Boot itself trusts: the machine's, which QEMU makes, without random seeds. /config (U-Boot's
# doc/device-tree-bindings/config.txt) has U-Boot leave the environment in flash alone, which nothing signs, and do
# only what the table's environment would have it do. mkimage adds the public key, as one that every bootm requires.
u_boot_command = $$(sed -e '/^bootcmd=/!s/^\([^=]*\)=\(.*\)/setenv \1 '"'\2'"';/' -e 's/^bootcmd=//' \
	$(gen)/u-boot.env.txt)
$(gen)/machine.dtb: $(gen)/figures $(wildcard platform/$(BOARD)/board.mk)
	@$(call need,$(QEMU))
	$(Q)$(QEMU) $(QEMU_MACHINE) -M dumpdtb=$@.full,dtb-randomness=off >/dev/null
	$(Q)dtc -q -I dtb -O dtb -o $@ $@.full; rm $@.full

$(O)/appliance.itb $(O)/u-boot.dtb &: $(gen)/fit.its $(O)/mullion.bin $(pd_images) $(gen)/machine.dtb \
		$(gen)/u-boot.env.txt
	@$(call need,mkimage)
	$(call say,SIGN,$(O)/appliance.itb)
	$(Q)cp $(gen)/machine.dtb $(O)/u-boot.dtb
	$(Q)fdtput -p -t i $(O)/u-boot.dtb /config load-environment 0
	$(Q)fdtput -t x $(O)/u-boot.dtb /config bootdelay fffffffe
	$(Q)fdtput -t s $(O)/u-boot.dtb /config bootcmd "$(u_boot_command)"
	$(Q)$(call mkimage,-k $(SIGN_KEY) -K $(O)/u-boot.dtb -r)
	$(Q)fdtget $(O)/appliance.itb /configurations/conf/signature-1 value >/dev/null
endif

$(O)/flash.img: $(O)/appliance.itb $(gen)/u-boot.env.txt $(gen)/figures
	@$(call need,mkenvimage)
	$(call say,FLASH,$@)
	$(Q)size=$$(stat -c %s $<); [ $$size -le $(call figure,FLASH_FIT_SIZE) ] || \
		{ echo "$<: $$size bytes do not fit the flash, which has $(call figure,FLASH_FIT_SIZE)"; exit 1; }
	$(Q)mkenvimage -s $(call figure,FLASH_ENV_SIZE) -o $@ $(gen)/u-boot.env.txt
	$(Q)truncate -s $(call figure,FLASH_FIT_OFFSET) $@
	$(Q)cat $< >>$@
	$(Q)truncate -s $(call figure,FLASH_SIZE) $@
