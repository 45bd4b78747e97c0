/* SPDX-License-Identifier: Apache-2.0 */
/* A function's MSI capability (PCI 3.0, 6.8.1; 64-bit form) and the PD's GICv2m frame. */
#include "pd.h"

enum {
	MSI_CONTROL = 0x02,
	MSI_CONTROL_ENABLE = 1 << 0,
	MSI_ADDRESS = 0x04,
	MSI_ADDRESS_HIGH = 0x08,
	MSI_DATA = 0x0c,
	V2M_SETSPI = 0x40,
};

void pd_msi_program(uint64_t config, uint32_t offset, uint64_t address, uint32_t data)
{
	uint64_t capability = config + offset;
	uint16_t control = pd_read16(capability + MSI_CONTROL);

	pd_write16(capability + MSI_CONTROL, control & (uint16_t)~MSI_CONTROL_ENABLE);
	pd_write32(capability + MSI_ADDRESS, (uint32_t)address);
	pd_write32(capability + MSI_ADDRESS_HIGH, (uint32_t)(address >> 32));
	pd_write16(capability + MSI_DATA, (uint16_t)data);
	pd_write16(capability + MSI_CONTROL, control | MSI_CONTROL_ENABLE);
}

void pd_msi_start(uint64_t config, uint32_t offset, uint64_t frame, uint32_t intid)
{
	pd_interrupt_enable(intid, PD_PRIORITY, true);
	pd_msi_program(config, offset, frame + V2M_SETSPI, intid);
}
