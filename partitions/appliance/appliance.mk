# SPDX-License-Identifier: Apache-2.0
# What the table does not say: the programs of its PDs, and the machine in QEMU.
# partitions/README.md explains the words.

appliance := $(dir $(lastword $(MAKEFILE_LIST)))
IMAGES := plc.bin gateway.bin rogue.bin
plc.bin-pd := plc
plc.bin-sources := $(addprefix $(appliance),plc.c plc_devices.c plc_lateness.c)
gateway.bin-pd := gateway
gateway.bin-sources := $(addprefix $(appliance),gateway.c gateway_second.c)
rogue.bin-pd := rogue
rogue.bin-sources := $(addprefix $(appliance),rogue.c rogue_dma.c rogue_cpu.c rogue_config.c rogue_calls.c rogue_flood.c)

# 00:01.0 is plc's, 00:02.0 gateway's, 00:03.0 rogue's; 00:04.0 nobody declared.
edu := edu,dma_mask=0xffffffffffff
QEMU_DEVICES := $(foreach slot,1 2 3 4,-device $(edu),addr=$(slot).0)
