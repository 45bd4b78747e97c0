# SPDX-License-Identifier: Apache-2.0
# What the table does not say: the program of its PD, and the machine in QEMU.
# partitions/README.md explains the words.

IMAGES := first-light.bin
first-light.bin-pd := first-light
first-light.bin-sources := $(dir $(lastword $(MAKEFILE_LIST)))main.c

# 00:01.0 is the PD's; 00:02.0 nobody declared.
edu := edu,dma_mask=0xffffffffffff
QEMU_DEVICES := -device $(edu),addr=1.0 -device $(edu),addr=2.0
