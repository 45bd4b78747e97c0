/* SPDX-License-Identifier: Apache-2.0 */
/* MSIs, real ones, at every state that their interrupt can be in. */
#include "tester.h"

static uint32_t take(void)
{
	uint32_t intid = acknowledge_soon();

	end(intid);
	return intid;
}

/* It comes once, and no more. */
static void comes_once(enum result name)
{
	result(name, take());
	result(name, acknowledge_never());
}

static void disabled(uint32_t intid)
{
	bit_write(ICENABLER, intid);
	device_raise(0);
	result(MSI_DISABLED, acknowledge_never());
	result(MSI_DISABLED, bit_read(ISPENDR, intid));
	bit_write(ISENABLER, intid);
	comes_once(MSI_DISABLED);
	result(MSI_DISABLED, bit_read(ISPENDR, intid));
}

static void pending(void)
{
	priority_mask(0);
	device_raise(0);
	pause();
	device_raise(0);
	pause();
	priority_mask(0xff);
	comes_once(MSI_PENDING);
}

static void active(uint32_t intid)
{
	device_raise(0);
	result(MSI_ACTIVE, acknowledge_soon());
	result(MSI_ACTIVE, bit_read(ISPENDR, intid));
	device_raise(0);
	result(MSI_ACTIVE, acknowledge_never());
	result(MSI_ACTIVE, bit_read(ISPENDR, intid));
	result(MSI_ACTIVE, bit_read(ISACTIVER, intid));
	end(intid);
	comes_once(MSI_ACTIVE);
	result(MSI_ACTIVE, bit_read(ISACTIVER, intid));
}

/* It is in a list register, as nothing else is there, when it is disabled. */
static void pulled_back(uint32_t intid)
{
	priority_mask(0);
	device_raise(0);
	pause();
	bit_write(ICENABLER, intid);
	priority_mask(0xff);
	result(MSI_PULLED_BACK, acknowledge_never());
	result(MSI_PULLED_BACK, bit_read(ISPENDR, intid));
	bit_write(ISENABLER, intid);
	comes_once(MSI_PULLED_BACK);
}

static void disabled_active(uint32_t intid)
{
	device_raise(0);
	result(MSI_DISABLED_ACTIVE, acknowledge_soon());
	bit_write(ICENABLER, intid);
	device_raise(0);
	end(intid);
	result(MSI_DISABLED_ACTIVE, acknowledge_never());
	result(MSI_DISABLED_ACTIVE, bit_read(ISACTIVER, intid));
	bit_write(ISENABLER, intid);
	comes_once(MSI_DISABLED_ACTIVE);
}

static void set_and_clear_pending(uint32_t intid)
{
	priority_mask(0);
	device_raise(0);
	pause();
	bit_write(ICPENDR, intid);
	result(SET_AND_CLEAR_PENDING, bit_read(ISPENDR, intid));
	priority_mask(0xff);
	result(SET_AND_CLEAR_PENDING, acknowledge_never());
	bit_write(ISPENDR, intid);
	comes_once(SET_AND_CLEAR_PENDING);
	bit_write(ICENABLER, intid);
	bit_write(ISPENDR, intid);
	result(SET_AND_CLEAR_PENDING, bit_read(ICPENDR, intid));
	bit_write(ICPENDR, intid);
	bit_write(ISENABLER, intid);
	result(SET_AND_CLEAR_PENDING, acknowledge_never());
}

static void set_and_clear_active(uint32_t intid)
{
	bit_write(ISACTIVER, intid);
	result(SET_AND_CLEAR_ACTIVE, bit_read(ICACTIVER, intid));
	device_raise(0);
	result(SET_AND_CLEAR_ACTIVE, acknowledge_never());
	result(SET_AND_CLEAR_ACTIVE, bit_read(ISPENDR, intid));
	bit_write(ICACTIVER, intid);
	comes_once(SET_AND_CLEAR_ACTIVE);
	result(SET_AND_CLEAR_ACTIVE, bit_read(ISACTIVER, intid));
}

void msi_run(void)
{
	uint32_t intid = device_intid(0);

	disabled(intid);
	pending();
	active(intid);
	pulled_back(intid);
	disabled_active(intid);
	set_and_clear_pending(intid);
	set_and_clear_active(intid);
}
