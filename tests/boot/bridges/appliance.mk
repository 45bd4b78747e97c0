# SPDX-License-Identifier: Apache-2.0
# What the table does not say: the program of its PDs, and the machine in QEMU.

here := $(dir $(lastword $(MAKEFILE_LIST)))
IMAGES := single.bin switched.bin conventional.bin neighbour.bin
$(foreach image,$(IMAGES),$(eval $(image)-pd := $(image:.bin=)))
$(foreach image,$(IMAGES),$(eval $(image)-sources := $(here)functions.c))

# Nobody declared: the port at 1.0 with what is behind it, and the switch's first downstream port likewise. They come
# first, so that firmware's numbers are others than the table's.
edu := edu,dma_mask=0xffffffffffff
port := pcie-root-port,chassis
down := xio3130-downstream,bus=upstream,chassis
QEMU_DEVICES := -device $(port)=1,id=closed,addr=1.0 -device $(edu),bus=closed,id=edu-closed \
	-device $(port)=2,id=single,addr=2.0 -device $(edu),bus=single,id=edu-single \
	-device $(port)=3,id=switch,addr=3.0 -device x3130-upstream,id=upstream,bus=switch \
	-device $(down)=4,id=down-closed,addr=0.0 -device $(edu),bus=down-closed,id=edu-down-closed \
	-device $(down)=5,id=down-a,addr=1.0 -device $(edu),bus=down-a,id=edu-a \
	-device $(down)=6,id=down-b,addr=2.0 -device $(edu),bus=down-b,id=edu-b \
	-device $(port)=7,id=slots,addr=4.0 -device pcie-pci-bridge,id=conventional,bus=slots \
	-device $(edu),bus=conventional,addr=1.0,id=edu-slot-1 -device $(edu),bus=conventional,addr=2.0,id=edu-slot-2 \
	-device $(edu),addr=5.0,id=edu-neighbour
