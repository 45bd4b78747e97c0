# SPDX-License-Identifier: Apache-2.0
# The program of make bench; mk/bench.mk builds the same sources to run without a hypervisor.

IMAGES := bench.bin
bench.bin-pd := bench
bench.bin-sources := $(wildcard tests/bench/guest/*.c tests/bench/guest/*.S)

QEMU_DEVICES := -device edu,dma_mask=0xffffffffffff,addr=1.0
