/* SPDX-License-Identifier: Apache-2.0 */
/* The PD's view of distributor and redistributors (IHI 0069H, 12.9 to 12.11). */
#include "fake_vgic.h"
#include "test.h"

#include <mullion/vdev.h>

enum { CTLR = 0x0, TYPER = 0x4, IIDR = 0x8, TYPER2 = 0xc, PIDR2 = 0xffe8 };

static uint64_t gicr_read_first(uint32_t vcpu, uint64_t offset, unsigned bytes)
{
	uint64_t value;

	assert_true(vgic_redistributor_read(vcpu, offset, bytes, &value));
	return value;
}

static void distributor_identifies(void **state)
{
	(void)state;
	assert_int_equal(gicd_read(CTLR), 0x52);        /* DS, ARE, EnableGrp1 */
	assert_int_equal(gicd_read(TYPER), 1 | 9 << 19 | 1 << 25);
	assert_int_equal(gicd_read(IIDR) | gicd_read(TYPER2), 0);
	assert_int_equal(gicd_read(PIDR2), 0x30);
	gicd_write(TYPER, UINT32_MAX);
	assert_int_equal(gicd_read(TYPER), 1 | 9 << 19 | 1 << 25);
}

static void redistributors_identify(void **state)
{
	(void)state;
	assert_int_equal(gicr_read_first(0, 0x8, 8), 0);
	assert_int_equal(gicr_read_first(1, 0x8, 8), UINT64_C(1) << 32 | 1 << 8);
	assert_int_equal(gicr_read_first(2, 0x8, 8), UINT64_C(2) << 32 | 2 << 8 | 1 << 4);
	assert_int_equal(gicr_read_first(2, 0x8, 4), 2 << 8 | 1 << 4);
	assert_int_equal(gicr_read_first(2, 0xc, 4), 2);
	assert_int_equal(gicr_read_first(0, PIDR2, 4), 0x30);
	assert_int_equal(gicr_read_first(0, 0x0, 4), 0);
}

static void waker_reads_back(void **state)
{
	(void)state;
	assert_int_equal(gicr_read_first(1, 0x14, 4), 6);
	assert_true(vgic_redistributor_write(1, 0x14, 4, 0));
	assert_int_equal(gicr_read_first(1, 0x14, 4), 0);
	assert_int_equal(gicr_read_first(0, 0x14, 4), 6);
	assert_true(vgic_redistributor_write(1, 0x14, 4, 2));
	assert_int_equal(gicr_read_first(1, 0x14, 4), 6);
}

/* Bits of INTIDs 32 to 63 that the PD has. */
enum { OWNED = (1u << (UNOWNED - 32)) - 1 };

static void spis_of_others_are_not_there(void **state)
{
	(void)state;
	for (uint32_t offset = 0x104; offset < 0x400; offset += 0x80)
		gicd_write(offset, ~(uint32_t)OWNED);
	assert_int_equal(gicd_read(0x84), OWNED);
	assert_int_equal(gicd_read(0x104), OWNED);
	assert_int_equal(gicd_read(0x204), 0);
	assert_int_equal(gicd_read(0x304), 0);
	assert_int_equal(gicd_read(0x400 + UNOWNED - 3), 0x00808080);
	gicd_write(0x6000 + 8 * UNOWNED, 1);
	assert_int_equal(gicd_read(0x6000 + 8 * UNOWNED), 0);
	assert_int_equal(guest_ack(), NONE);
}

static void beyond_the_last_is_nothing(void **state)
{
	(void)state;
	for (uint32_t offset = 0x80; offset < 0xffc0; offset += 4) {
		bool exists = offset < 0xe00 && (offset & 0x7c) == 4 && offset < 0x400;

		if (exists || (offset >= 0x400 + 32 && offset < 0x400 + 64) || (offset >= 0x6100 && offset < 0x6200) ||
		    (offset >= 0xc08 && offset < 0xc10))
			continue;
		gicd_write(offset, UINT32_MAX);
		assert_int_equal(gicd_read(offset), 0);
	}
	assert_int_equal(guest_ack(), NONE);
}

/* With affinity routing private interrupts are the redistributors' only. */
static void private_ones_are_the_redistributors(void **state)
{
	uint32_t has = 0xffff | 1u << TIMER;

	(void)state;
	assert_int_equal(gicd_read(0x100) | gicd_read(0x400) | gicd_read(0xc00), 0);
	assert_int_equal(gicr_read(0, 0x80), has);
	assert_int_equal(gicr_read(1, 0x100), has);
	gicr_write(1, 0x180, 0xff);
	assert_int_equal(gicr_read(1, 0x100), has & ~0xffu);
	assert_int_equal(gicr_read(0, 0x100), has);
	gicr_write(0, 0x200, ~has);
	assert_int_equal(gicr_read(0, 0x200), 0);
	assert_int_equal(gicr_read(0, 0x104), 0);
	assert_int_equal(gicr_read(0, 0x424), 0);
}

static void triggers_are_fixed(void **state)
{
	(void)state;
	for (uint32_t offset = 0xc08; offset < 0xc10; offset += 4)
		gicd_write(offset, offset & 4 ? UINT32_MAX : 0);
	assert_int_equal(gicd_read(0xc08), 0xaaaaaaaa);
	assert_int_equal(gicd_read(0xc0c), 2 << 0 | 2 << 2 | 2 << 4 | 2 << 6 | 2 << 10);
	gicr_write(0, 0xc00, 0);
	gicr_write(0, 0xc04, UINT32_MAX);
	assert_int_equal(gicr_read(0, 0xc00), 0xaaaaaaaa);
	assert_int_equal(gicr_read(0, 0xc04), 0);
}

static void priorities_have_five_bits(void **state)
{
	uint64_t value;

	(void)state;
	set_priority(33, 0xff);
	assert_int_equal(gicd_read(0x420), 0x8080f880);
	gicd_write(0x424, 0x12345678);
	assert_true(vgic_distributor_read(0x426, 1, &value));
	assert_int_equal(value, 0x30);
	gicr_write(1, 0x400 + TIMER - 3, 0x47000000);
	assert_int_equal(gicr_read(1, 0x400 + TIMER - 3), 0x40000000);
}

static void widths(void **state)
{
	uint64_t value;

	(void)state;
	assert_false(vgic_distributor_read(TYPER, 1, &value));
	assert_false(vgic_distributor_read(TYPER, 2, &value));
	assert_false(vgic_distributor_read(0x0, 8, &value));
	assert_false(vgic_distributor_read(0x420, 2, &value));
	assert_false(vgic_distributor_write(0x104, 1, 1));
	assert_false(vgic_distributor_write(0x106, 4, 1));
	assert_false(vgic_distributor_write(0x104, 8, 1));
	assert_false(vgic_distributor_write(0x6100, 2, 1));
	assert_false(vgic_redistributor_read(0, 0x8, 2, &value));
	assert_false(vgic_redistributor_read(0, 0x10100, 8, &value));
	assert_false(vgic_redistributor_write(0, 0x14, 1, 0));
	assert_false(vgic_redistributor_read(VCPUS, 0x8, 8, &value));
	assert_false(vgic_redistributor_write(VCPUS, 0x10100, 4, 1));
	assert_true(vgic_distributor_read(0x820, 1, &value));
	assert_int_equal(value, 0);
	assert_true(vgic_redistributor_read(0, 0x70, 8, &value));
	assert_int_equal(value, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(distributor_identifies, fake_vgic_fresh),
		cmocka_unit_test_setup(redistributors_identify, fake_vgic_fresh),
		cmocka_unit_test_setup(waker_reads_back, fake_vgic_fresh),
		cmocka_unit_test_setup(spis_of_others_are_not_there, fake_vgic_fresh),
		cmocka_unit_test_setup(beyond_the_last_is_nothing, fake_vgic_fresh),
		cmocka_unit_test_setup(private_ones_are_the_redistributors, fake_vgic_fresh),
		cmocka_unit_test_setup(triggers_are_fixed, fake_vgic_fresh),
		cmocka_unit_test_setup(priorities_have_five_bits, fake_vgic_fresh),
		cmocka_unit_test_setup(widths, fake_vgic_fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
