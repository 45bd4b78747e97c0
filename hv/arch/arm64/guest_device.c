/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PD's access to a device that the hypervisor emulates: what the syndrome
 * says of the instruction (Arm ARM, ESR_EL2 ISS for data aborts), and whose page
 * it hits.
 */
#include <arch/guest.h>
#include <mullion/exits.h>
#include <mullion/percpu.h>
#include <mullion/section.h>

enum { DISTRIBUTOR_SIZE = 0x10000, REDISTRIBUTOR_SIZE = 0x20000, BUS_SIZE = 0x100000, WATCHDOG_SIZE = 2 * PAGE_SIZE };

/* What is not accessed all the time. */
static APART bool device_seldom(const struct table_pd *pd, uint64_t ipa, unsigned bytes, bool write, uint64_t *value)
{
	if (ipa - pd->ecam.ipa < BUS_SIZE) {
		exit_count(EXIT_CONFIG);
		return vpci_access(ipa - pd->ecam.ipa, bytes, write, value);
	}
	if (pd->has_watchdog && ipa - pd->watchdog.ipa < WATCHDOG_SIZE) {
		exit_count(EXIT_WATCHDOG);
		return vwatchdog_access(ipa - pd->watchdog.ipa, bytes, write, value);
	}
	exit_count(EXIT_OTHER);
	return false;
}

/* Devices are whole pages, and `ipa` is aligned: the access is within one if it begins there. */
static bool device_access(const struct table_pd *pd, uint64_t ipa, unsigned bytes, bool write, uint64_t *value)
{
	if (ipa - pd->distributor.ipa < DISTRIBUTOR_SIZE) {
		exit_count(EXIT_GIC);
		return vgic_distributor(ipa - pd->distributor.ipa, bytes, write, value);
	}
	if (ipa - pd->redistributors.ipa < (uint64_t)pd->cpu_count * REDISTRIBUTOR_SIZE) {
		exit_count(EXIT_GIC);
		return vgic_redistributor(ipa - pd->redistributors.ipa, bytes, write, value);
	}
	if (pd->has_console && ipa - pd->console.ipa < PAGE_SIZE) {
		exit_count(EXIT_UART);
		return vuart_access(ipa - pd->console.ipa, bytes, write, value);
	}
	return device_seldom(pd, ipa, bytes, write, value);
}

/* What a load leaves in its register that extends the sign. */
static APART uint64_t extended(uint64_t value, uint64_t esr)
{
	unsigned shift = 64 - (8u << FIELD_GET(ESR_SAS, esr));

	value = (uint64_t)((int64_t)(value << shift) >> shift);
	return esr & ESR_SF ? value : (uint32_t)value;
}

void guest_device_access(struct guest_regs *regs, uint64_t esr)
{
	unsigned bytes = 1u << FIELD_GET(ESR_SAS, esr);
	bool write = esr & ESR_WNR;
	uint64_t *reg = &regs->x[FIELD_GET(ESR_SRT, esr)];
	uint64_t value = write ? *reg : 0, ipa = guest_fault_addr().ipa;

	if ((ipa & (bytes - 1)) || !device_access(percpu()->pd, ipa, bytes, write, &value)) {
		guest_abort(esr);
		return;
	}
	guest_skip(esr);
	if (write)
		return;
	*reg = esr & ESR_SSE ? extended(value, esr) : value;
	if (esr & ESR_SRT_HIGH)
		guest_return_all(regs);
}
