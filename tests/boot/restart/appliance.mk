# SPDX-License-Identifier: Apache-2.0
# What the table does not say: the programs of its PDs, and the machine in QEMU.

here := $(dir $(lastword $(MAKEFILE_LIST)))
IMAGES := asks.bin crashes.bin strays.bin watched.bin steady.bin
$(foreach image,$(IMAGES),$(eval $(image)-pd := $(image:.bin=)))
$(foreach image,$(IMAGES),$(eval $(image)-sources := $(here)$(image:.bin=.c)))

edu := -device edu,dma_mask=0xffffffffffff
QEMU_DEVICES := -device pcie-root-port,id=rp,addr=1.0,chassis=1 $(edu),bus=rp $(edu),addr=2.0 $(edu),addr=3.0
