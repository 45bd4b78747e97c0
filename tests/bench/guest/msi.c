/* SPDX-License-Identifier: Apache-2.0 */
/* MSIs: a PD's come by its v2m frame; on the bare machine one event of the ITS is one LPI (IHI 0069H, 5.3, 12.19). */
#include "gic.h"
#include "pd.h"

#ifdef BARE
enum { PAGE_64K = 0x10000, LPI = 8192, COMMANDS_MAX = PAGE_64K / 32 };
enum {
	GITS_CTLR = 0x0000, GITS_CTLR_ENABLED = 1,
	GITS_CBASER = 0x0080,
	GITS_CWRITER = 0x0088,
	GITS_CREADR = 0x0090,
	GITS_BASER0 = 0x0100,           /* QEMU: devices, then collections */
	GITS_BASER1 = 0x0108,
	GITS_TRANSLATER = 0x10040,
};
enum { ITS_SYNC = 0x05, ITS_MAPD = 0x08, ITS_MAPC = 0x09, ITS_MAPTI = 0x0a, ITS_INV = 0x0c };

#define VALID          (UINT64_C(1) << 63)
#define PENDBASER_ZERO (UINT64_C(1) << 62)
#define BASER_64K      (UINT64_C(2) << 8)
#define ID_BITS        13               /* LPIs up to 16383 */
#define LPI_ENABLED    0xa3             /* priority a0, RES1, enable */

static uint64_t memory[7][PAGE_64K / 8] __attribute__((aligned(PAGE_64K)));
static uint64_t *const devices = memory[0], *const collections = memory[2], *const commands = memory[3];
static uint64_t *const properties = memory[4], *const pending = memory[5], *const events = memory[6];
static unsigned command_count;

static void its_command(uint64_t first, uint64_t second, uint64_t third)
{
	uint64_t *command = &commands[4 * command_count++];

	command[0] = first;
	command[1] = second;
	command[2] = third;
	pd_barrier();
	pd_write64(BARE_ITS + GITS_CWRITER, 32u * command_count);
	while (pd_read64(BARE_ITS + GITS_CREADR) != 32u * command_count)
		;
}

static void its_start(void)
{
	*(uint8_t *)properties = LPI_ENABLED;
	pd_write64(PD_GICR + GICR_PROPBASER, (uint64_t)properties | ID_BITS);
	pd_write64(PD_GICR + GICR_PENDBASER, (uint64_t)pending | PENDBASER_ZERO);
	pd_write32(PD_GICR + GICR_CTLR, GICR_CTLR_LPIS);
	pd_write64(BARE_ITS + GITS_BASER0, VALID | (uint64_t)devices | BASER_64K | 1);
	pd_write64(BARE_ITS + GITS_BASER1, VALID | (uint64_t)collections | BASER_64K);
	pd_write64(BARE_ITS + GITS_CBASER, VALID | (uint64_t)commands);
	pd_write32(BARE_ITS + GITS_CTLR, GITS_CTLR_ENABLED);
}

struct doorbell msi_start(uint32_t device_id)
{
	uint64_t device = (uint64_t)device_id << 32;

	its_start();
	its_command(ITS_MAPC, 0, VALID);
	its_command(device | ITS_MAPD, 0, VALID | (uint64_t)events);
	its_command(device | ITS_MAPTI, (uint64_t)LPI << 32, 0);
	its_command(device | ITS_INV, 0, 0);
	its_command(ITS_SYNC, 0, 0);
	return (struct doorbell){ .addr = BARE_ITS + GITS_TRANSLATER, .data = 0, .intid = LPI };
}
#elif defined(PD_MSI_FRAME)
enum { V2M_SETSPI = 0x40 };

struct doorbell msi_start(uint32_t device_id)
{
	(void)device_id;
	gic_enable_spi(PD_MSI_BASE);
	return (struct doorbell){ .addr = PD_MSI_FRAME + V2M_SETSPI, .data = PD_MSI_BASE, .intid = PD_MSI_BASE };
}
#endif
