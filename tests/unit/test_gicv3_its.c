/* SPDX-License-Identifier: Apache-2.0 */
/* GICv3 and ITS: commands (IHI 0069H, 5.3), what is compared, what is written and in which order. */
#include "fake_console.h"
#include "fake_gic.h"
#include "fake_verdict.h"
#include "test.h"

#include <mullion/irqchip.h>

#include "../../partitions/ptc/gicv3_its_cmd.h"

static const uint8_t one_cpus[] = { 1 };
static const struct table_spi one_spis[] = {
	{ 34, SPI_LEVEL }, { 35, SPI_MSI }, { 40, SPI_EDGE }, { 200, SPI_VIRTUAL },
};
static const struct table_pd pds[] = {
	{ 0 },
	{ .label = "one", .cpus = one_cpus, .cpu_count = 1, .spis = one_spis, .spi_count = 4 },
};
static const struct table_cpu cpus[] = {
	{ 0 },
	{ .name = "one", .hw_id = 0x0, .pd = 1, .its_target = 0, .lpi_pending = { 0x40250000 } },
	{ .name = "housekeeping", .hw_id = 0x1, .its_target = 1 },
};
static const struct table_cpu far_cpu = { .hw_id = 0x1200340502 };

const struct table table = {
	.console_intid = 33, .timer_intid = 27, .hyp_timer_intid = 26, .housekeeping = 2,
	.irqchip = {
		.distributor = { FAKE_GICD }, .redistributors = { FAKE_GICR },
		.redistributors_size = FAKE_GICRS * FAKE_FRAME, .maintenance_intid = 25, .intid_end = 110,
		.its = { FAKE_GITS }, .doorbell = { FAKE_GITS + 0x10000 },
		.its_commands = { 0x40215000 }, .its_commands_size = 0x1000,
		.its_devices = { 0x40260000 }, .its_devices_size = 0x20000,
		.its_collections = { 0x40280000 }, .its_collections_size = 0x10000,
		.its_memory = { { 0x40250000 }, 0x41000 },
		.its_entry_size = 16, .its_event_bits = 6, .its_device_bits = 14,
		.lpi_config = { 0x40213000 }, .lpi_id_bits = 14,
	},
	.iommu = { .event_intid = 106, .error_intid = 109 },
	.cpus = cpus, .cpu_count = 3, .pds = pds, .pd_count = 2, .lpi_count = 40,
};

static int fresh(void **state)
{
	(void)state;
	fake_gic_reset();
	verdicts_reset();
	console_reset();
	return 0;
}

static int no_breach(void **state)
{
	(void)state;
	if (gic.breach)
		print_error("breach: %s\n", gic.breach);
	return gic.breach ? -1 : 0;
}

static void assert_before(size_t a, size_t b) { assert_true(a < b); }

/* Commands */

static void assert_command(struct its_cmd command, uint64_t word0, uint64_t word1, uint64_t word2)
{
	assert_int_equal(command.word[0], word0);
	assert_int_equal(command.word[1], word1);
	assert_int_equal(command.word[2], word2);
	assert_int_equal(command.word[3], 0);
}

/* 5.3.8 INVALL, 5.3.11 MAPC, 5.3.12 MAPD, 5.3.14 MAPTI, 5.3.17 SYNC */
static void commands(void **state)
{
	(void)state;
	assert_command(its_mapc(3, 5), 0x09, 0, 0x8000000000050003);
	assert_command(its_mapd(0x1f8, 6, 0x40280100), 0x000001f800000008, 5, 0x8000000040280100);
	assert_command(its_mapd(0xffffffff, 32, 0x000fffffffffff00), 0xffffffff00000008, 31, 0x800fffffffffff00);
	assert_command(its_mapti(0x1f8, 40, 8195, 3), 0x000001f80000000a, 0x0000200300000028, 3);
	assert_command(its_invall(3), 0x0d, 0, 3);
	assert_command(its_sync(5), 0x05, 0, 0x50000);
}

static void lpi_configuration(void **state)
{
	(void)state;
	assert_int_equal(LPI_PRIORITY | LPI_RES1 | LPI_ENABLED, 0xa3);
}

/* Compare */

static void compare_good(void **state)
{
	(void)state;
	irqchip_compare();
	assert_all_good();
	assert_int_equal(gic.count, 0);
}

/* Every ability that the table needs, one at a time; the last one needed is interrupt 109. */
static void compare_each_ability(void **state)
{
	static const struct { uint64_t reg, clear, set; const char *what; } rows[] = {
		{ D_PIDR2, 0xf0, 0x20, "gic.version" },
		{ D_TYPER, 0x1f, 2, "gic.interrupts" },
		{ D_TYPER, 1u << 17, 0, "its.present" },
		{ D_TYPER, 0x1fu << 19, 12u << 19, "its.lpi-bits" },    /* none above 8191 */
		{ D_TYPER, 0, 4u << 11, "its.all-lpis" },               /* 32 of them */
		{ R_TYPER, 1, 0, "gic.lpis one" },
		{ R_TYPER, 0xffff00, 0x700, "gic.processor-number one" },
		{ R_TYPER, 0, UINT64_C(7) << 32, "gic.redistributor one" },
		{ R_TYPER, 0, 1u << 4, "gic.redistributor housekeeping" },      /* said to be the last */
		{ R_CTLR, 2, 1, "gic.lpis-go-off one" },
		{ R_CTLR + FAKE_FRAME, 2, 1, "gic.lpis-go-off housekeeping" },
		{ S_TYPER, 1, 0, "its.physical" },
		{ S_TYPER, 0, 1u << 19, "its.targets-by-number" },
		{ S_TYPER, 0, UINT64_C(0x10) << 0 | 0xf0, "" },
		{ S_TYPER, 0x1f00, 0x400, "its.event-bits" },           /* 5 */
		{ S_TYPER, 0x1fu << 13, 12u << 13, "its.device-bits" }, /* 13 */
		{ S_TYPER, UINT64_C(0xf) << 32, 0, "its.collections" }, /* 2 */
		{ S_BASER0, 0, UINT64_C(8) << 48, "its.table-room devices" },   /* 16 bytes: 256 KiB */
		{ S_BASER0, UINT64_C(7) << 56, 0, "its.table devices" },
		{ S_BASER1, UINT64_C(7) << 56, 0, "its.table collections" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		fresh(NULL);
		gic_set(rows[i].reg, (gic_get(rows[i].reg) & ~rows[i].clear) | rows[i].set);
		irqchip_compare();
		if (!*rows[i].what) {
			assert_all_good();              /* exactly enough: 16 bytes */
			continue;
		}
		assert_bad_of(rows[i].what);
		assert_int_equal(verdicts_bad(), 1);
	}
}

/* A machine with `its=off`, or a GICv2: verdicts, no fault. */
static void compare_absent(void **state)
{
	(void)state;
	gic.no_its = true;
	irqchip_compare();
	assert_bad_of("its.present");
	assert_int_equal(verdicts_bad(), 1);
	fresh(state);
	gic.no_gic = true;
	irqchip_compare();
	assert_bad_of("gic.version");
	assert_bad_of("gic.redistributor one");
	assert_bad_of("gic.redistributor housekeeping");
	assert_bad_of("its.present");
}

/* Firmware's LPIs that can be turned off are no difference. */
static void compare_lpis_on(void **state)
{
	(void)state;
	gic_set(R_CTLR, 3);
	irqchip_compare();
	assert_all_good();
}

/* Init */

static void init_turns_all_off_first(void **state)
{
	(void)state;
	gic_set(R_CTLR, 3);
	gic_set(R_CTLR + FAKE_FRAME, 3);
	gic_set(S_CTLR, 1);
	irqchip_init();
	assert_int_equal(gic_get(R_CTLR) & 1, 0);
	assert_int_equal(gic_get(R_CTLR + FAKE_FRAME) & 1, 0);
	assert_before(gic_wrote(R_CTLR), gic_did(GIC_SCRUB));
	assert_before(gic_wrote(R_CTLR + FAKE_FRAME), gic_did(GIC_SCRUB));
	assert_before(gic_wrote(S_CTLR), gic_did(GIC_SCRUB));
	assert_before(gic_did(GIC_SCRUB), gic_did(GIC_FLUSH));
	assert_int_equal(gic.trace[gic_did(GIC_SCRUB)].value, 0x41000);
	assert_int_equal(gic.trace[gic_did(GIC_FLUSH)].value, 0x41000);
}

static void init_its_never_quiet(void **state)
{
	(void)state;
	gic_set(S_CTLR, 1);
	gic.frozen = S_CTLR;
	assert_panics(irqchip_init, "GITS_CTLR");
}

static void init_cpu(const struct table_cpu *cpu)
{
	irqchip_init();
	irqchip_init_cpu(cpu);
}

/* PROPBASER (12.11.32): 14 bits, RaWaWb, inner shareable. PENDBASER (12.11.31): likewise, PTZ. */
static void init_cpu_of_pd(void **state)
{
	(void)state;
	init_cpu(&cpus[1]);
	assert_before(gic_wrote_value(R_PROPBASER, 0x4021378d), gic_wrote_value(R_CTLR, 1));
	assert_before(gic_wrote_value(R_PENDBASER, 0x4000000040250780), gic_wrote_value(R_CTLR, 1));
	assert_int_equal(gic_get(R_ISENABLER) & UINT32_MAX, 1u << 0 | 1u << 25 | 1u << 27);
	/* Requests go before all that a PD can raise without end: LPIs, and its private interrupts. */
	assert_in_range(gic_get(R_IPRIORITYR) & 0xff, 0, LPI_PRIORITY - 8);
	assert_in_range(gic_get(R_IPRIORITYR + 24) >> 24 & 0xff, LPI_PRIORITY, 0xff);
	/* So does the hypervisor's own timer, which is the PD's watchdog. */
	assert_in_range(gic_get(R_IPRIORITYR + 24) >> 16 & 0xff, 0, LPI_PRIORITY - 8);
	assert_int_equal(gic_sysreg("ICC_CTLR_EL1"), 2);
	assert_int_equal(gic_sysreg("ICC_IGRPEN1_EL1"), 1);
}

static void init_cpu_housekeeping(void **state)
{
	(void)state;
	init_cpu(&cpus[2]);
	assert_int_equal(gic_get(R_ISENABLER + FAKE_FRAME) & UINT32_MAX, 1u << 0 | 1u << 26);
	assert_int_equal(gic_writes(R_PROPBASER + FAKE_FRAME), 0);
	assert_int_equal(gic_get(R_CTLR + FAKE_FRAME) & 1, 0);
}

static void init_msis(void)
{
	init_cpu(&cpus[1]);
	irqchip_init_cpu(&cpus[2]);
	irqchip_init_msis();
}

/*
 * GITS_BASER (12.19.1): valid, RaWaWb at 61:59, type and entry size kept, inner
 * shareable at 11:10, 64 KiB pages at 9:8, two pages or one. GITS_CBASER
 * (12.19.2): two pages of 4 KiB, since one is full of commands.
 */
static void msis_values(void **state)
{
	(void)state;
	init_msis();
	assert_all_good();
	assert_int_equal(gic_get(S_BASER0), 0xb907000040260601);
	assert_int_equal(gic_get(S_BASER1), 0xbc07000040280600);
	assert_int_equal(gic_get(S_CBASER), 0xb800000040215401);
	assert_int_equal(gic_get(S_CREADR), 0x1000);
	assert_int_equal(gic_get(S_CTLR) & 1, 1);
	assert_before(gic_wrote_value(S_CTLR, 1), gic_wrote_value(S_CWRITER, 0x1000));
	assert_before(gic_wrote(S_CBASER), gic_wrote_value(S_CTLR, 1));
	assert_before(gic_did(GIC_PUBLISH), gic_wrote_value(S_CTLR, 1));
}

static void msis_stall(void **state)
{
	(void)state;
	gic.stall = 0x40;
	init_msis();
	assert_bad_of("its.commands");
	assert_int_equal(verdicts_bad(), 1);
}

static void msis_register_does_not_take(void **state)
{
	static const struct { uint64_t reg; const char *what; } rows[] = {
		{ S_BASER0, "its.base devices" }, { S_BASER1, "its.base collections" },
		{ R_PROPBASER, "lpi.configuration one" }, { R_PENDBASER, "lpi.pending one" },
		{ R_CTLR, "lpi.enabled one" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		fresh(state);
		gic.frozen = rows[i].reg;
		init_msis();
		assert_bad_of(rows[i].what);
	}
}

/* Run time */

/* ICFGR (12.9.9): bit 1 of two says edge. IROUTER: the affinity. */
static void enable(void **state)
{
	(void)state;
	gic_set(FAKE_GICD + 0xc08, 0xffffffff);
	irqchip_enable(34, true, &cpus[2]);
	irqchip_enable(35, false, &cpus[2]);
	assert_int_equal(gic_get(FAKE_GICD + 0xc08) & UINT32_MAX, 0xffffffdf);
	assert_int_equal(gic.trace[gic_wrote(FAKE_GICD + 0x6000 + 34 * 8)].value, 1);
	gic_wrote_value(FAKE_GICD + 0x104, 1u << 2);
	gic_wrote_value(FAKE_GICD + 0x104, 1u << 3);
}

/* Wires only: an MSI's number and a virtual one may be another's wire. */
static void enable_table(void **state)
{
	(void)state;
	irqchip_enable_table();
	gic_wrote_value(FAKE_GICD + 0x104, 1u << 2);
	gic_wrote_value(FAKE_GICD + 0x104, 1u << 8);
	assert_int_equal(gic_writes(FAKE_GICD + 0x104), 2);
	assert_int_equal(gic_writes(FAKE_GICD + 0x118), 0);
	gic_wrote_value(FAKE_GICD + 0xc08, 2u << 16);
}

static void ack(void **state)
{
	static const struct { uint64_t iar; uint32_t intid; } rows[] = {
		{ 0, 0 }, { 27, 27 }, { 1019, 1019 }, { 1020, IRQ_NONE }, { 1022, IRQ_NONE }, { 1023, IRQ_NONE },
		{ 8192, 8192 }, { 16383, 16383 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		gic.iar = rows[i].iar;
		assert_int_equal(irqchip_ack(), rows[i].intid);
	}
}

static void end(void **state)
{
	irqchip_end(33);
	assert_int_equal(gic_sysreg("ICC_EOIR1_EL1"), 33);
	assert_int_equal(gic_sysreg("ICC_DIR_EL1"), 33);
	fresh(state);
	irqchip_end(8192);
	assert_int_equal(gic_sysreg("ICC_EOIR1_EL1"), 8192);
	assert_int_equal(gic_sysreg_writes("ICC_DIR_EL1"), 0);
	fresh(state);
	irqchip_hand_over(27);
	assert_int_equal(gic_sysreg_writes("ICC_DIR_EL1"), 0);
	irqchip_deactivate(27);
	assert_int_equal(gic_sysreg("ICC_DIR_EL1"), 27);
}

/* ICC_SGI1R_EL1 (12.2.22): Aff3 55:48, Aff2 39:32, Aff1 23:16, targets 15:0. */
static void request(void **state)
{
	(void)state;
	irqchip_request(&cpus[2]);
	assert_int_equal(gic_sysreg("ICC_SGI1R_EL1"), 0x2);
	irqchip_request(&far_cpu);
	assert_int_equal(gic_sysreg("ICC_SGI1R_EL1"), 0x0012003400050004);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fresh, no_breach)

int main(void)
{
	const struct CMUnitTest gicv3_its[] = {
		TEST(commands), TEST(lpi_configuration),
		TEST(compare_good), TEST(compare_each_ability), TEST(compare_absent), TEST(compare_lpis_on),
		TEST(init_turns_all_off_first), TEST(init_its_never_quiet), TEST(init_cpu_of_pd),
		TEST(init_cpu_housekeeping), TEST(msis_values), TEST(msis_stall), TEST(msis_register_does_not_take),
		TEST(enable), TEST(enable_table), TEST(ack), TEST(end), TEST(request),
	};

	return cmocka_run_group_tests(gicv3_its, NULL, NULL);
}
