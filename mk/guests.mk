# SPDX-License-Identifier: Apache-2.0
# Stock Linux for PDs: Debian's arm64 kernels, each with a small initramfs (guests/linux). Tables name them 6.1/Image.

GUESTS ?= build/guests
guest_names := 6.1 6.1-cloud 6.12 6.12-cloud

.PHONY: guests initrds
guests:
	@$(call need,apt-get)
	$(Q)guests/linux/fetch.sh $(GUESTS)
	@$(MAKE) initrds

# Of what is there already: init and its steps as they are now.
initrds: $(GUESTS)/random-read
	@$(call need,cpio)
	@$(call need,depmod)
	$(Q)for name in $(guest_names); do guests/linux/initramfs.sh $(GUESTS) $$name; done

$(GUESTS)/random-read: guests/linux/random_read.c
	@$(call need,$(CC))
	$(call say,GUEST,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(warnings) $(target) $(link) $(linker) -s $< -o $@

# Their runs, judged from outside; all kernels' with KERNELS='6.1 6.1-cloud 6.12 6.12-cloud'.
KERNELS ?= 6.1
.PHONY: check-guests check-guests-all
check-guests:
	$(pytest)
	@for name in $(KERNELS); do [ -f $(GUESTS)/$$name/initrd ] || \
		{ echo "no $(GUESTS)/$$name/initrd: run make guests"; exit 1; }; done
	@BUILD=$(abspath $(O))/guest-tests GUESTS=$(abspath $(GUESTS)) KERNELS='$(KERNELS)' $(PYTEST) tests/guests

check-guests-all:
	@$(MAKE) check-guests KERNELS='$(guest_names)'
