# SPDX-License-Identifier: Apache-2.0
# What the table does not say: the programs of its PDs, and the machine in QEMU.

here := $(dir $(lastword $(MAKEFILE_LIST)))
IMAGES := goes-on.bin no-vectors.bin crashes.bin reports.bin quarantined.bin stopped.bin
$(foreach image,$(IMAGES),$(eval $(image)-pd := $(image:.bin=)))
goes-on.bin-sources := $(addprefix $(here),goes_on.c goes_on_vectors.S)
no-vectors.bin-sources := $(here)no_vectors.c
crashes.bin-sources := $(here)crashes.c
reports.bin-sources := $(here)dma.c
quarantined.bin-sources := $(here)dma.c
stopped.bin-sources := $(here)dma.c

QEMU_DEVICES := $(foreach slot,1 2 3,-device edu,dma_mask=0xffffffffffff,addr=$(slot).0)
