/* SPDX-License-Identifier: Apache-2.0 */
/* The emulated devices by their contract (mullion/vdev.h), for the proof of what is in front of them. */
#include "state.h"

#include <mullion/exits.h>
#include <mullion/irqchip.h>
#include <mullion/pci.h>
#include <mullion/request.h>

static bool any_access(unsigned bytes, bool write, uint64_t *value)
{
	/*@ assert width: bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8; */
	/*@ assert read_from_0: write || *value == 0; */
	*value = any64();
	prove_others();
	return any_bool();
}

bool vgic_distributor(uint64_t offset, unsigned bytes, bool write, uint64_t *value)
{
	(void)offset;
	return any_access(bytes, write, value);
}

bool vgic_redistributor(uint64_t offset, unsigned bytes, bool write, uint64_t *value)
{
	(void)offset;
	return any_access(bytes, write, value);
}

bool vuart_access(uint64_t offset, unsigned bytes, bool write, uint64_t *value)
{
	(void)offset;
	return any_access(bytes, write, value);
}

bool vpci_access(uint64_t offset, unsigned bytes, bool write, uint64_t *value)
{
	(void)offset;
	return any_access(bytes, write, value);
}

bool vwatchdog_access(uint64_t offset, unsigned bytes, bool write, uint64_t *value)
{
	/*@ assert pd_with_a_watchdog: prove_cpu->pd->has_watchdog == true; */
	/*@ assert offset_in_its_frames: offset < 2 * PAGE_SIZE; */
	return any_access(bytes, write, value);
}

void vwatchdog_serve(void)
{
	prove_others();
	if (any_bool())
		pd_hang("");
}

void vgic_send_sgi(uint64_t icc_sgi1r) { (void)icc_sgi1r; prove_others(); }
void vgic_reset(void) { prove_others(); }
void vgic_cpu_init(void) { prove_others(); }
void vgic_cpu_off(void) { prove_others(); }
void vuart_reset(void) { prove_others(); }
void vuart_flush(void) { prove_others(); }

void pci_stop_dma(uint32_t function)
{
	/*@ assert function_of_the_table: 0 < function < table.function_count; */
	(void)function;
}

bool pci_is_quarantined(uint32_t function)
{
	/*@ assert function_of_the_table: 0 < function < table.function_count; */
	(void)function;
	return any_bool();
}

/* ---- what interrupts lead to ---- */

void vgic_inject_private(uint32_t intid)
{
	/*@ assert private: intid < VGIC_PRIVATE; */
	(void)intid;
	prove_others();
}

void vgic_inject_spi(uint32_t spi)
{
	/*@ assert spi_of_the_pd: spi < prove_cpu->pd->spi_count; */
	(void)spi;
	prove_others();
}

void vgic_refresh(void) { prove_others(); }
void reload_load(void) { prove_others(); }

void request_serve(void)
{
	prove_others();
	switch (any_within(0, 3)) {
	case 0:
		exits_print();
		break;
	case 1:
		pd_serve_stop();
		break;
	case 2:
		pd_stop_by_policy();
	}
}

void events_interrupt(uint32_t intid) { (void)intid; }
void events_timer(void) { }
void console_uart_interrupt(void) { }
uint32_t irqchip_ack(void) { return any_within(0, (1u << 24) - 1); }
void irqchip_end(uint32_t intid) { (void)intid; }
void irqchip_hand_over(uint32_t intid) { (void)intid; }
