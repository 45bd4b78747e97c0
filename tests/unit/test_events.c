/* SPDX-License-Identifier: Apache-2.0 */
/* Reports of what the IOMMU refused: one line for what is alike, bounded for what never ends. */
#include "fake_console.h"
#include "test.h"

#include <mullion/arch.h>
#include <mullion/iommu.h>
#include <mullion/irqchip.h>
#include <mullion/pci.h>
#include <mullion/pd.h>
#include <mullion/request.h>

static const uint8_t cpus[] = { 7, 8 };
static const struct table_pd pds[] = {
	{ 0 }, { .label = "control" }, { .label = "camera" }, { .label = "press", .on_dma_fault = POLICY_QUARANTINE },
	{ .label = "lift", .on_dma_fault = POLICY_STOP, .cpus = cpus, .cpu_count = 2 },
};
static const struct table_function functions[] = {
	{ 0 },
	{ .name = "0000:00:01.0", .pd = 1, .stream = 0x08 },
	{ .name = "0000:00:02.0", .pd = 2, .stream = 0x10 },
	{ .name = "0000:00:03.0", .pd = 3, .stream = 0x18 },
	{ .name = "0000:00:04.0", .pd = 4, .stream = 0x20 },
	/* of one requester */
	{ .name = "0000:02:01.0", .pd = 3, .stream = 0x200 },
	{ .name = "0000:02:02.0", .pd = 3, .stream = 0x200 },
	{ .name = "0000:03:01.0", .pd = 4, .stream = 0x300 },
	{ .name = "0000:03:02.0", .pd = 4, .stream = 0x300 },
};

const struct table table = {
	.pds = pds, .pd_count = 5, .functions = functions, .function_count = ARRAY_SIZE(functions),
	.iommu = { .event_intid = 106, .error_intid = 109 },
};

/* The IOMMU's own queue: it holds no more events than this until some are retired. */
enum { POSTS_MAX = 64, QUEUE_SIZE = 128, TURN = 32, EVENT_INTID = 106, ERROR_INTID = 109 };

static const char translation[] = "F_TRANSLATION";
static const char permission[] = "F_PERMISSION";

static struct iommu_event posts[POSTS_MAX];
static uint32_t posted, taken, retired, errors, late;
/* The posted events come again and again. */
static bool is_endless;
static bool quarantined[ARRAY_SIZE(functions)];
static uint32_t asked_cpu, asked;
/* Interrupts that are active, and the timer. */
static bool event_active, error_active, timer_on;

static bool queue_is_empty(void)
{
	return is_endless ? taken - retired == QUEUE_SIZE : taken == posted;
}

bool iommu_event_take(struct iommu_event *event)
{
	if (queue_is_empty())
		return false;
	*event = posts[taken++ % (posted < POSTS_MAX ? posted : POSTS_MAX)];
	return true;
}

/* `late` events come just before their queue is given back: no interrupt tells of them. */
void iommu_events_retire(void)
{
	retired = taken;
	if (late) {
		late--;
		posts[posted % POSTS_MAX] = posts[0];
		posted++;
	}
}

uint32_t iommu_errors_take(void)
{
	uint32_t active = errors;

	errors = 0;
	return active;
}

bool pci_quarantine(uint32_t function)
{
	bool first = !quarantined[function];

	quarantined[function] = true;
	return first;
}

void request_send(uint32_t cpu, uint32_t requests)
{
	asked_cpu = cpu;
	asked |= requests;
}

void irqchip_hand_over(uint32_t intid) { *(intid == EVENT_INTID ? &event_active : &error_active) = true; }
void irqchip_deactivate(uint32_t intid)
{
	bool *active = intid == EVENT_INTID ? &event_active : &error_active;

	assert_true(*active);
	*active = false;
}

uint64_t arch_ticks_per_second(void) { return 1000000; }
void arch_timer_start(uint64_t ticks) { timer_on = ticks > 0; }
void arch_timer_stop(void) { timer_on = false; }

/* The interrupt, then the timer as often as it is wanted; at most `turns`. */
static void interrupt(uint32_t intid, uint32_t turns)
{
	events_interrupt(intid);
	while (timer_on && --turns)
		events_timer();
}

static void events_handle(void) { interrupt(EVENT_INTID, 10000); }
static void events_handle_errors(void) { interrupt(ERROR_INTID, 10000); }

static int fresh(void **state)
{
	(void)state;
	is_endless = false;
	errors = late = 0;
	posted = taken;
	events_timer();         /* ends what an earlier test left */
	assert_false(event_active || error_active || timer_on);
	posted = taken = retired = asked = 0;
	memset(quarantined, 0, sizeof(quarantined));
	console_reset();
	return 0;
}

static void post(uint32_t stream, const char *reason, unsigned access, uint64_t iova)
{
	assert_true(posted < POSTS_MAX);
	posts[posted++] = (struct iommu_event){ .stream = stream, .reason = reason, .access = (uint8_t)access,
						.has_addr = true, .addr = { iova } };
}

static void assert_lines(uint32_t count)
{
	assert_int_equal(console.count, count);
	assert_int_equal(taken, posted);
	assert_int_equal(retired, taken);
	assert_false(event_active || error_active || timer_on);
}

static void none(void **state)
{
	(void)state;
	events_handle();
	assert_lines(0);
}

static void one(void **state)
{
	(void)state;
	post(0x10, translation, ACCESS_W, 0x40001008);
	events_handle();
	assert_lines(1);
	assert_says(console.line[0], "0000:00:02.0");
	assert_says(console.line[0], "camera");
	assert_says(console.line[0], "write");
	assert_says(console.line[0], "0x40001008");
	assert_says(console.line[0], "F_TRANSLATION");
	assert_says(console.line[0], "1 times");
}

/* Addresses of one page are one denial; the first is reported. */
static void alike_are_one_line(void **state)
{
	(void)state;
	post(0x08, translation, ACCESS_R, 0x40001000);
	post(0x08, translation, ACCESS_R, 0x40001040);
	post(0x08, translation, ACCESS_R, 0x40001fff);
	events_handle();
	assert_lines(1);
	assert_says(console.line[0], "read");
	assert_says(console.line[0], "0x40001000");
	assert_says(console.line[0], "3 times");
}

static void other_page_is_another(void **state)
{
	(void)state;
	post(0x08, translation, ACCESS_R, 0x40001fff);
	post(0x08, translation, ACCESS_R, 0x40002000);
	post(0x08, translation, ACCESS_R, 0x40002000);
	events_handle();
	assert_lines(2);
	assert_says(console.line[0], "1 times");
	assert_says(console.line[1], "0x40002000");
	assert_says(console.line[1], "2 times");
}

/* Pages that differ above bit 32 alone. */
static void high_page_is_another(void **state)
{
	(void)state;
	post(0x08, translation, ACCESS_R, 0x0000000040001000);
	post(0x08, translation, ACCESS_R, 0x0001000040001000);
	events_handle();
	assert_lines(2);
	assert_says(console.line[1], "0x1000040001000");
}

static void other_rights_are_another(void **state)
{
	(void)state;
	post(0x08, translation, ACCESS_R, 0x40001000);
	post(0x08, translation, ACCESS_W, 0x40001000);
	post(0x08, translation, ACCESS_X, 0x40001000);
	events_handle();
	assert_lines(3);
	assert_says(console.line[0], "read");
	assert_says(console.line[1], "write");
	assert_says(console.line[2], "fetch");
}

static void other_stream_is_another(void **state)
{
	(void)state;
	post(0x08, translation, ACCESS_R, 0x40001000);
	post(0x10, translation, ACCESS_R, 0x40001000);
	events_handle();
	assert_lines(2);
	assert_says(console.line[0], "control");
	assert_says(console.line[1], "camera");
}

static void other_reason_is_another(void **state)
{
	(void)state;
	post(0x08, translation, ACCESS_W, 0x40001000);
	post(0x08, permission, ACCESS_W, 0x40001000);
	events_handle();
	assert_lines(2);
	assert_says(console.line[0], "F_TRANSLATION");
	assert_says(console.line[1], "F_PERMISSION");
}

static void undeclared_stream(void **state)
{
	(void)state;
	post(0xbeef, translation, ACCESS_W, 0x1000);
	events_handle();
	assert_lines(1);
	assert_says(console.line[0], "undeclared");
}

/* Entry 0 of functions is null: stream 0 is nobody's unless declared. */
static void stream_zero_is_undeclared(void **state)
{
	(void)state;
	post(0, translation, ACCESS_W, 0x1000);
	events_handle();
	assert_lines(1);
	assert_says(console.line[0], "undeclared");
}

/* Of all lines that report denials, the sum of what they count. */
static uint32_t reported(void)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < console.count; i++) {
		const char *last = strrchr(console.line[i], ',');
		unsigned count = 0;

		if (last && sscanf(last + 1, " %u times", &count) == 1)
			sum += count;
	}
	return sum;
}

/* A flood costs a bounded number of events each turn, and the interrupt stays active, so masked, in between. */
static void flood_is_bounded(void **state)
{
	(void)state;
	post(0x08, translation, ACCESS_W, 0x40001000);
	is_endless = true;
	events_interrupt(EVENT_INTID);
	assert_int_equal(taken, TURN);
	assert_int_equal(retired, taken);
	assert_true(event_active && timer_on);
	events_timer();
	assert_int_equal(taken, 2 * TURN);
	assert_true(event_active && timer_on);
}

/* Nor do many small ones, each of which finds the queue empty again. */
static void bursts_are_bounded(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < POSTS_MAX; i++) {
		post(0x08, translation, ACCESS_W, 0x40001000);
		if (!event_active)
			events_interrupt(EVENT_INTID);
	}
	assert_true(taken <= TURN && event_active && timer_on);
	for (uint32_t i = 0; i <= POSTS_MAX / TURN + 1; i++)
		events_timer();
	assert_lines(1);
	assert_int_equal(reported(), POSTS_MAX);
}

/* Nor does an overflow, which is an error, bring a turn of its own, before or during the flood. */
static void overflow_is_bounded(void **state)
{
	(void)state;
	post(0x08, translation, ACCESS_W, 0x40001000);
	is_endless = true;
	events_interrupt(ERROR_INTID);
	assert_int_equal(taken, TURN);
	events_interrupt(EVENT_INTID);
	assert_int_equal(taken, TURN);
	assert_true(event_active && error_active && timer_on);
	events_timer();
	assert_int_equal(taken, 2 * TURN);
	is_endless = false;
	posted = taken;
	events_timer();
	assert_false(event_active || error_active || timer_on);
}

/* An error that comes during the flood is told of by the next turn. */
static void errors_wait_for_the_turn(void **state)
{
	(void)state;
	post(0x08, translation, ACCESS_W, 0x40001000);
	is_endless = true;
	events_interrupt(EVENT_INTID);
	errors = 0x100;
	events_interrupt(ERROR_INTID);
	assert_int_equal(console.count, 0);
	events_timer();
	assert_int_equal(console.count, 1);
	assert_says(console.line[0], "0x100");
	is_endless = false;
	posted = taken;
	events_timer();
}

/* A flood of equal ones is told of while it lasts, and nothing of it is lost once it ends. */
static void flood_is_reported(void **state)
{
	(void)state;
	post(0x08, translation, ACCESS_W, 0x40001000);
	is_endless = true;
	interrupt(EVENT_INTID, 2000);
	assert_true(console.count > 0 && console.count < 10);
	is_endless = false;
	posted = taken;
	events_timer();
	assert_int_equal(reported(), taken);
	assert_false(event_active || timer_on);
}

static void full_turn_goes_on(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < TURN + 1; i++)
		post(0x08, translation, ACCESS_W, 0x40001000);
	events_handle();
	assert_lines(1);
	assert_int_equal(reported(), TURN + 1);
}

static void policy_report_stops_nothing(void **state)
{
	(void)state;
	post(0x08, translation, ACCESS_W, 0x40001000);
	events_handle();
	assert_false(quarantined[1] || quarantined[2]);
	assert_int_equal(asked, 0);
}

static void policy_quarantine(void **state)
{
	(void)state;
	post(0x18, translation, ACCESS_W, 0x40001000);
	post(0x18, translation, ACCESS_W, 0x40009000);
	events_handle();
	assert_lines(3);
	assert_says(console.line[1], "0000:00:03.0 of press loses bus mastering");
	assert_true(quarantined[3] && !quarantined[1]);
	assert_int_equal(asked, 0);
}

static void policy_stop(void **state)
{
	(void)state;
	post(0x20, translation, ACCESS_W, 0x40001000);
	events_handle();
	assert_true(quarantined[4]);
	assert_int_equal(asked, REQUEST_STOP);
	assert_int_equal(asked_cpu, 7);
}

/* Behind a bridge to conventional PCI it may have been any of them: one line, and all of them are gated. */
static void policy_is_for_all_of_a_requester(void **state)
{
	(void)state;
	post(0x200, translation, ACCESS_W, 0x40001000);
	post(0x200, translation, ACCESS_W, 0x40001040);
	events_handle();
	assert_lines(4);
	assert_says(console.line[0], "denied write of 0000:02:01.0 or its neighbours (press) at 0x40001000");
	assert_says(console.line[1], "0000:02:01.0 of press loses bus mastering");
	assert_says(console.line[2], "0000:02:02.0 of press loses bus mastering");
	assert_int_equal(reported(), 2);
	assert_true(quarantined[5] && quarantined[6] && !quarantined[3] && !quarantined[7]);
	assert_int_equal(asked, 0);
	fresh(NULL);
	post(0x300, permission, ACCESS_R, 0x40001000);
	events_handle();
	assert_true(quarantined[7] && quarantined[8] && !quarantined[4]);
	assert_int_equal(asked, REQUEST_STOP);
	fresh(NULL);
	post(0x20, translation, ACCESS_W, 0x40001000);
	events_handle();
	assert_null(strstr(console.line[0], "neighbours"));
	assert_true(quarantined[4] && !quarantined[7]);
}

static void undeclared_has_no_policy(void **state)
{
	(void)state;
	post(0xbeef, translation, ACCESS_W, 0x1000);
	events_handle();
	for (size_t i = 0; i < ARRAY_SIZE(quarantined); i++)
		assert_false(quarantined[i]);
}

/* Before power off: all of it, without the timer. */
static void finish_takes_all(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < POSTS_MAX; i++)
		post(0x08, translation, ACCESS_W, 0x40001000);
	late = 10;
	events_finish();
	assert_int_equal(taken, POSTS_MAX + 10);
	assert_int_equal(reported(), taken);
}

static void finish_ends(void **state)
{
	(void)state;
	post(0x08, translation, ACCESS_W, 0x40001000);
	is_endless = true;
	events_finish();
	assert_true(taken >= QUEUE_SIZE);
}

/* However many come late, and whether lines are still printed or not. */
static void late_events_are_taken(void **state)
{
	(void)state;
	post(0x10, translation, ACCESS_W, 0x40001000);
	late = 300;
	events_handle();
	assert_int_equal(taken, 301);
	assert_int_equal(retired, taken);
	assert_int_equal(reported(), taken);
}

static void errors_are_reported(void **state)
{
	(void)state;
	errors = 0x104;
	events_handle_errors();
	assert_int_equal(console.count, 1);
	assert_says(console.line[0], "0x104");
}

/* An overflowing queue shows as an error first: the events that fitted are reported all the same. */
static void errors_come_with_events(void **state)
{
	(void)state;
	errors = 0x4;
	post(0x08, translation, ACCESS_W, 0x40001000);
	events_handle_errors();
	assert_lines(2);
	assert_says(console.line[1], "F_TRANSLATION");
}

static void no_errors(void **state)
{
	(void)state;
	events_handle_errors();
	assert_int_equal(console.count, 0);
}

#define TEST(function) cmocka_unit_test_setup(function, fresh)

int main(void)
{
	const struct CMUnitTest events[] = {
		TEST(none), TEST(one), TEST(alike_are_one_line), TEST(other_page_is_another),
		TEST(high_page_is_another),
		TEST(other_rights_are_another), TEST(other_stream_is_another), TEST(other_reason_is_another),
		TEST(undeclared_stream), TEST(stream_zero_is_undeclared), TEST(flood_is_bounded),
		TEST(bursts_are_bounded),
		TEST(overflow_is_bounded), TEST(errors_wait_for_the_turn),
		TEST(flood_is_reported), TEST(full_turn_goes_on), TEST(policy_report_stops_nothing),
		TEST(policy_quarantine), TEST(policy_stop), TEST(policy_is_for_all_of_a_requester),
		TEST(undeclared_has_no_policy), TEST(finish_takes_all),
		TEST(finish_ends), TEST(late_events_are_taken), TEST(errors_are_reported),
		TEST(errors_come_with_events), TEST(no_errors),
	};

	return cmocka_run_group_tests(events, NULL, NULL);
}
