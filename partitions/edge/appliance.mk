# SPDX-License-Identifier: Apache-2.0
# Linux beside a controller: README.md. Kernels and initramfs: make guests.

edge := $(dir $(lastword $(MAKEFILE_LIST)))
IMAGES := plc.bin
plc.bin-pd := plc
plc.bin-sources := $(edge)plc.c

# What linux has of the world. The disk keeps what is written; the network is a server that QEMU starts for each
# connection to 10.0.2.100:80, and nothing else: no packet leaves this process.
DISK ?= $(O)/edge/disk.img
DISK_MIB ?= 768
NETDEV ?= user,restrict=on,guestfwd=tcp:10.0.2.100:80-cmd:$(abspath $(edge)serve.sh) $(abspath $(O))/edge/served
QEMU_FILES := $(DISK) $(O)/edge/served

$(O)/edge/disk.img:
	@$(call need,/usr/sbin/mkfs.ext4)
	$(call say,MKFS,$@)
	$(Q)mkdir -p $(@D)
	$(Q)truncate -s $(DISK_MIB)M $@
	$(Q)/usr/sbin/mkfs.ext4 -q -F -L edge $@

# 16 MiB that are no repetition, and their checksum.
$(O)/edge/served:
	$(call say,SERVE,$@)
	$(Q)rm -rf $@.new; mkdir -p $@.new
	$(Q)seq 100000000 199999999 2>/dev/null | head -c 16M >$@.new/data
	$(Q)cd $@.new && sha256sum data >data.sha256
	$(Q)mv $@.new $@

port = -device pcie-root-port,id=$(1),addr=$(2).0,chassis=$(2)
QEMU_DEVICES = \
	$(call port,nvme_port,1) -drive if=none,id=disk,format=raw,file=$(DISK) \
	-device nvme,serial=edge,drive=disk,bus=nvme_port \
	$(call port,nic_port,2) -netdev '$(NETDEV),id=net' -device e1000e,romfile=,netdev=net,bus=nic_port \
	$(call port,usb_port,3) -device qemu-xhci,id=usb,bus=usb_port -device usb-kbd,bus=usb.0 -device usb-tablet,bus=usb.0 \
	$(call port,rng_port,4) -device virtio-rng-pci,bus=rng_port,iommu_platform=on,disable-legacy=on \
	-device edu,dma_mask=0xffffffffffff,addr=5.0
