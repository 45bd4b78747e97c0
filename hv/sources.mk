# SPDX-License-Identifier: Apache-2.0
# The hypervisor's sources, by .config.
hv-y := $(addprefix hv/core/,boot.c console.c cpus.c events.c exits.c integrity.c load.c log.c pd.c ram.c \
	reload.c request.c verdict.c)
hv-y += hv/lib/format.c hv/lib/memory.c hv/lib/sha256.c
hv-y += hv/vdev/vpci.c hv/vdev/vuart.c hv/vdev/vwatchdog.c
hv-$(CONFIG_ARM64) += $(addprefix hv/arch/arm64/,barrier.c cache.c cpu.c entry.S guest_device.c inject.c irq.c \
	mmio.c psci.c trap.c vcpu.c vectors.S)
hv-$(CONFIG_IOMMU_SMMUV3) += $(addprefix hv/drivers/iommu/,smmuv3.c smmuv3_audit.c smmuv3_events.c)
hv-$(CONFIG_IRQCHIP_GICV3) += hv/drivers/irqchip/gicv3.c hv/drivers/irqchip/gicv3_its.c
hv-$(CONFIG_IRQCHIP_GICV3) += $(addprefix hv/vdev/,vgic.c vgic_lr.c vgic_registers.c)
hv-$(CONFIG_PCI_ECAM) += $(addprefix hv/drivers/pci/,ecam.c ecam_compare.c ecam_run.c)
hv-$(CONFIG_UART_PL011) += hv/drivers/uart/pl011.c
ifeq ($(CONFIG_SELFTEST),y)
hv-y += hv/core/selftest.c
hv-$(CONFIG_ARM64) += hv/arch/arm64/selftest.c
hv-$(CONFIG_IOMMU_SMMUV3) += hv/drivers/iommu/smmuv3_selftest.c
endif
