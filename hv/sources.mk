# SPDX-License-Identifier: Apache-2.0
# The hypervisor's sources, by .config.
hv-y := hv/core/boot.c hv/core/events.c hv/core/log.c hv/core/pd.c hv/core/ram.c hv/core/verdict.c
hv-y += hv/lib/format.c hv/lib/memory.c
hv-y += hv/vdev/vuart.c
hv-$(CONFIG_ARM64) += $(addprefix hv/arch/arm64/,cache.c cpu.c entry.S mmio.c psci.c trap.c vcpu.c vectors.S)
hv-$(CONFIG_IOMMU_SMMUV3) += $(addprefix hv/drivers/iommu/,smmuv3.c smmuv3_audit.c smmuv3_events.c)
hv-$(CONFIG_IRQCHIP_GICV3) += hv/drivers/irqchip/gicv3.c hv/vdev/vgic.c
hv-$(CONFIG_PCI_ECAM) += hv/drivers/pci/ecam.c
hv-$(CONFIG_UART_PL011) += hv/drivers/uart/pl011.c
ifeq ($(CONFIG_SELFTEST),y)
hv-y += hv/core/selftest.c
hv-$(CONFIG_ARM64) += hv/arch/arm64/selftest.c
hv-$(CONFIG_IOMMU_SMMUV3) += hv/drivers/iommu/smmuv3_selftest.c
endif
