# SPDX-License-Identifier: Apache-2.0
# What the table does not say: the programs of its PDs, and the machine in QEMU.

here := $(dir $(lastword $(MAKEFILE_LIST)))
IMAGES := tester.bin bystander.bin leaver.bin resetter.bin
tester.bin-pd := tester
tester.bin-sources := $(addprefix $(here),tester.c order.c msi.c lines.c registers.c vcpus.c psci_calls.c)
bystander.bin-pd := bystander
bystander.bin-sources := $(here)bystander.c
leaver.bin-pd := leaver
leaver.bin-sources := $(here)leaver.c
resetter.bin-pd := resetter
resetter.bin-sources := $(here)resetter.c

QEMU_DEVICES := $(foreach slot,01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10 11 12 13 14,-device edu,addr=$(slot).0)
