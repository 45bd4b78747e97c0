/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PD's access to a device that the hypervisor emulates: what the syndrome
 * says of the instruction (Arm ARM, ESR_EL2 ISS for data aborts), and whose page
 * it hits.
 */
#include <arch/esr.h>
#include <arch/guest.h>
#include <mullion/percpu.h>

enum { DISTRIBUTOR_SIZE = 0x10000, REDISTRIBUTOR_SIZE = 0x20000, BUS_SIZE = 0x100000 };

/* Devices are whole pages, and `ipa` is aligned: the access is within one if it begins there. */
static bool device_access(const struct table_pd *pd, uint64_t ipa, unsigned bytes, bool write, uint64_t *value)
{
	if (ipa - pd->distributor.ipa < DISTRIBUTOR_SIZE)
		return vgic_distributor(ipa - pd->distributor.ipa, bytes, write, value);
	if (ipa - pd->redistributors.ipa < (uint64_t)pd->cpu_count * REDISTRIBUTOR_SIZE)
		return vgic_redistributor(ipa - pd->redistributors.ipa, bytes, write, value);
	if (pd->has_console && ipa - pd->console.ipa < PAGE_SIZE)
		return vuart_access(ipa - pd->console.ipa, bytes, write, value);
	if (ipa - pd->ecam.ipa < (table.pci.bus_last - table.pci.bus_first + 1ull) * BUS_SIZE)
		return vpci_access(ipa - pd->ecam.ipa, bytes, write, value);
	return false;
}

/* What a load of `bytes` leaves in its register. */
static uint64_t loaded(uint64_t value, unsigned bytes, uint64_t esr)
{
	unsigned shift = 64 - 8 * bytes;

	value <<= shift;
	if (!(esr & ESR_SSE))
		return value >> shift;
	value = (uint64_t)((int64_t)value >> shift);
	return esr & ESR_SF ? value : (uint32_t)value;
}

bool guest_device_access(struct guest_regs *regs, uint64_t esr, ipaddr_t addr)
{
	unsigned bytes = 1u << FIELD_GET(ESR_SAS, esr);
	unsigned reg = (unsigned)FIELD_GET(ESR_SRT, esr);
	bool write = esr & ESR_WNR;
	uint64_t value = write ? guest_reg(regs, reg) : 0;

	if (!(esr & ESR_ISV) || (esr & (ESR_FNV | ESR_S1PTW)) || (addr.ipa & (bytes - 1)) ||
	    !device_access(percpu()->pd, addr.ipa, bytes, write, &value))
		return false;
	if (!write)
		guest_reg_set(regs, reg, loaded(value, bytes, esr));
	return true;
}
