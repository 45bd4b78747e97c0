# SPDX-License-Identifier: Apache-2.0
# What the table does not say: the programs of its PDs, and the machine in QEMU.

here := $(dir $(lastword $(MAKEFILE_LIST)))
IMAGES := flooder.bin worker.bin
flooder.bin-pd := flooder
flooder.bin-sources := $(here)flooder.c
worker.bin-pd := worker
worker.bin-sources := $(here)worker.c

QEMU_DEVICES := -device e1000,romfile=,addr=1.0 -device edu,dma_mask=0xffffffffffff,addr=2.0
