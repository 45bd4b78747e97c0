/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands of a GICv3 ITS (IHI 0069H, 5.3): pure builders. The compiler makes
 * the whole queue with them, the hypervisor only points the ITS at it.
 * Host-buildable. Redistributors are named by number (GITS_TYPER.PTA = 0).
 */
#ifndef GICV3_ITS_CMD_H
#define GICV3_ITS_CMD_H

#include <mullion/bits.h>

enum { ITS_CMD_WORDS = 4 };

struct its_cmd {
	uint64_t word[ITS_CMD_WORDS];
};
_Static_assert(sizeof(struct its_cmd) == 32, "IHI 0069H 5.3");

/* Word 0 */
#define ITS_CMD0_OPCODE  GENMASK(7, 0)
#define ITS_CMD0_DEVICE  GENMASK(63, 32)
enum its_opcode { ITS_SYNC = 0x05, ITS_MAPD = 0x08, ITS_MAPC = 0x09, ITS_MAPTI = 0x0a, ITS_INVALL = 0x0d };
/* Word 1 */
#define ITS_CMD1_EVENT   GENMASK(31, 0)
#define ITS_CMD1_INTID   GENMASK(63, 32)
#define ITS_CMD1_SIZE    GENMASK(4, 0)          /* bits of EventID, less one */
/* Word 2 */
#define ITS_CMD2_COLLECTION GENMASK(15, 0)
#define ITS_CMD2_TARGET  GENMASK(31, 16)        /* the low bits of RDbase, 51:16 */
#define ITS_CMD2_ITT     GENMASK(51, 8)
#define ITS_CMD2_VALID   BIT(63)
enum { ITS_ITT_ALIGN = 256 };

/* Interrupts of a collection go to a redistributor (5.3.11). */
static inline struct its_cmd its_mapc(unsigned collection, unsigned target)
{
	return (struct its_cmd){ {
		ITS_MAPC, 0,
		ITS_CMD2_VALID | FIELD_PREP(ITS_CMD2_TARGET, target) | FIELD_PREP(ITS_CMD2_COLLECTION, collection),
	} };
}

/* A device has a translation table for EventIDs below 2^bits (5.3.12). */
static inline struct its_cmd its_mapd(uint32_t device, unsigned bits, uint64_t itt)
{
	return (struct its_cmd){ {
		FIELD_PREP(ITS_CMD0_DEVICE, device) | ITS_MAPD, FIELD_PREP(ITS_CMD1_SIZE, bits - 1),
		ITS_CMD2_VALID | (itt & ITS_CMD2_ITT),
	} };
}

/* An event of a device is this LPI (5.3.14). */
static inline struct its_cmd its_mapti(uint32_t device, uint32_t event, uint32_t intid, unsigned collection)
{
	return (struct its_cmd){ {
		FIELD_PREP(ITS_CMD0_DEVICE, device) | ITS_MAPTI,
		FIELD_PREP(ITS_CMD1_INTID, intid) | FIELD_PREP(ITS_CMD1_EVENT, event),
		FIELD_PREP(ITS_CMD2_COLLECTION, collection),
	} };
}

/* The redistributor's copy of the LPI configuration of a collection is what memory has (5.3.8). */
static inline struct its_cmd its_invall(unsigned collection)
{
	return (struct its_cmd){ { ITS_INVALL, 0, FIELD_PREP(ITS_CMD2_COLLECTION, collection) } };
}

/* The redistributor has all that the commands before mean to it (5.3.17). */
static inline struct its_cmd its_sync(unsigned target)
{
	return (struct its_cmd){ { ITS_SYNC, 0, FIELD_PREP(ITS_CMD2_TARGET, target) } };
}

/* A byte of the LPI configuration table (5.1.1), bit 1 RES1: always enabled; a PD's mask is its virtual interrupt's. */
enum { LPI_PRIORITY = 0xa0, LPI_RES1 = 0x02, LPI_ENABLED = 0x01 };

#endif
