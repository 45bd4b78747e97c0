# SPDX-License-Identifier: Apache-2.0
# The board as QEMU emulates it. BOARD_* come from the table, by way of ptc.
QEMU := qemu-system-aarch64
UBOOT := /usr/lib/u-boot/qemu_arm64/u-boot.bin
# Where the second UART goes: null, file:<path>, ... (QEMU's -serial).
UART1 ?= null
QEMU_MACHINE = -M virt-10.0,virtualization=on,gic-version=3,iommu=smmuv3,acpi=off -cpu cortex-a57 \
	-smp $(BOARD_CPUS) -m $(BOARD_RAM_MIB) -nographic -no-reboot -nic none \
	-serial mon:stdio -serial $(UART1)
