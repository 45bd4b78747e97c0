# SPDX-License-Identifier: Apache-2.0
# What the bootloader reads: the FIT, and the flash image with U-Boot's environment before it.

$(O)/appliance.itb: $(gen)/image.its $(O)/mullion.bin $(pd_images)
	@$(call need,mkimage)
	$(call say,MKIMAGE,$@)
	$(Q)SOURCE_DATE_EPOCH=0 mkimage -f $< $@ >$(O)/mkimage.log 2>&1 || { cat $(O)/mkimage.log; exit 1; }

$(O)/flash.img: $(O)/appliance.itb $(gen)/u-boot.env.txt $(gen)/figures
	@$(call need,mkenvimage)
	$(call say,FLASH,$@)
	$(Q)size=$$(stat -c %s $<); [ $$size -le $(call figure,FLASH_FIT_SIZE) ] || \
		{ echo "$<: $$size bytes do not fit the flash, which has $(call figure,FLASH_FIT_SIZE)"; exit 1; }
	$(Q)mkenvimage -s $(call figure,FLASH_ENV_SIZE) -o $@ $(gen)/u-boot.env.txt
	$(Q)truncate -s $(call figure,FLASH_FIT_OFFSET) $@
	$(Q)cat $< >>$@
	$(Q)truncate -s $(call figure,FLASH_SIZE) $@
