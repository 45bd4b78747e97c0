/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Has an e1000 (Intel 8254x, software developer's manual) send packets from
 * where it may not read. The controller works through its ring as fast as it
 * can: each descriptor is a refused access. A burst each 100 us.
 */
#include "pd.h"

/* 13.4: registers; 3.3.3: descriptors */
enum {
	CTRL = 0x0000,
	CTRL_LINK_UP = 1 << 6,
	TCTL = 0x0400,
	TCTL_ENABLE = 1 << 1,
	TDBAL = 0x3800,
	TDBAH = 0x3804,
	TDLEN = 0x3808,
	TDH = 0x3810,
	TDT = 0x3818,
	DESCRIPTORS = 512,
	DESCRIPTOR_SIZE = 16,
	DESCRIPTOR_END_OF_PACKET = 1 << 24,
	PACKET_SIZE = 4,
	BURSTS_PER_SECOND = 10000,
	STRAY = 0x98000000,
};

void pd_main(void)
{
	uint32_t burst = (uint32_t)pd_argument("burst", 0), tail = 0;
	uint64_t next = pd_now();

	for (uint64_t i = 0; i < DESCRIPTORS; i++) {
		pd_write64(PD_FLOODER_IO_BASE + i * DESCRIPTOR_SIZE, STRAY);
		pd_write64(PD_FLOODER_IO_BASE + i * DESCRIPTOR_SIZE + 8, DESCRIPTOR_END_OF_PACKET | PACKET_SIZE);
	}
	pd_barrier();
	pd_write32(PD_NET_BAR0 + CTRL, CTRL_LINK_UP);
	pd_write32(PD_NET_BAR0 + TDBAL, (uint32_t)PD_FLOODER_IO_IOVA);
	pd_write32(PD_NET_BAR0 + TDBAH, 0);
	pd_write32(PD_NET_BAR0 + TDLEN, DESCRIPTORS * DESCRIPTOR_SIZE);
	pd_write32(PD_NET_BAR0 + TDH, 0);
	pd_write32(PD_NET_BAR0 + TCTL, TCTL_ENABLE);
	for (;;) {
		tail = (tail + burst) % DESCRIPTORS;
		pd_write32(PD_NET_BAR0 + TDT, tail);
		next += pd_second() / BURSTS_PER_SECOND;
		while (pd_now() < next)
			;
	}
}
