/* SPDX-License-Identifier: Apache-2.0 */
/* Reports of what the IOMMU refused: one line for what is alike, bounded for what never ends. */
#include "fake_console.h"
#include "test.h"

#include <mullion/pci.h>
#include <mullion/pd.h>

static const struct table_pd pds[] = { { 0 }, { .label = "control" }, { .label = "camera" } };
static const struct table_function functions[] = {
	{ 0 },
	{ .name = "0000:00:01.0", .pd = 1, .stream = 0x08 },
	{ .name = "0000:00:02.0", .pd = 2, .stream = 0x10 },
};

const struct table table = { .pds = pds, .pd_count = 3, .functions = functions, .function_count = 3 };

/* The IOMMU's own queue: it holds no more events than this until some are retired. */
enum { POSTS_MAX = 16, QUEUE_SIZE = 128, ENDLESS_MAX = 100000 };

static const char translation[] = "F_TRANSLATION";
static const char permission[] = "F_PERMISSION";

static struct iommu_event posts[POSTS_MAX];
static uint32_t posted, taken, retired, errors, late;
/* The posted events come again and again, until DMA is stopped where `is_stoppable`. */
static bool is_endless, is_stoppable;
static const struct table_function *stopped;

static bool is_empty(void)
{
	if (is_endless && !(is_stoppable && stopped))
		return taken - retired == QUEUE_SIZE;
	return is_endless || taken == posted;
}

bool iommu_event_take(struct iommu_event *event)
{
	if (is_empty())
		return false;
	if (taken == ENDLESS_MAX)
		fail_msg("%u events were taken in one call", taken);
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

bool pci_stop_dma(const struct table_function *function)
{
	static bool is_off[3];

	if (!stopped)
		memset(is_off, 0, sizeof(is_off));
	stopped = function;
	if (is_off[function - functions])
		return false;
	return is_off[function - functions] = true;
}

static int fresh(void **state)
{
	(void)state;
	posted = taken = retired = errors = late = 0;
	is_endless = is_stoppable = false;
	stopped = NULL;
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
		const char *last = strrchr(console.line[i], strstr(console.line[i], "not listed") ? ':' : ',');
		unsigned count = 0;

		if (last && sscanf(last + 1, " %u times", &count) == 1)
			sum += count;
	}
	return sum;
}

/* A device that never stops must not keep the CPU; all that was taken is reported and retired. */
static void assert_endless_ends(void)
{
	is_endless = true;
	events_handle();
	assert_true(taken > 0);
	assert_int_equal(retired, taken);
	assert_int_equal(reported(), taken);
}

static void endless_alike_ends(void **state)
{
	(void)state;
	post(0x08, translation, ACCESS_W, 0x40001000);
	assert_endless_ends();
}

static void endless_different_ends(void **state)
{
	(void)state;
	post(0x08, translation, ACCESS_W, 0x40001000);
	post(0x10, translation, ACCESS_W, 0x40001000);
	post(0x08, permission, ACCESS_R, 0x40003000);
	assert_endless_ends();
}

static void endless_undeclared_ends(void **state)
{
	(void)state;
	post(0xbeef, translation, ACCESS_W, 0x40001000);
	post(0xbeef, translation, ACCESS_W, 0x40002000);
	assert_endless_ends();
	assert_null(stopped);
}

/* Its source loses bus mastering, and no other function. */
static void flood_stops_its_function(void **state)
{
	(void)state;
	post(0x10, translation, ACCESS_W, 0x40001000);
	post(0x10, translation, ACCESS_W, 0x40002000);
	is_stoppable = true;
	assert_endless_ends();
	assert_ptr_equal(stopped, &functions[2]);
}

/* One transfer that covers a few pages is no flood. */
static void few_denials_stop_nothing(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < POSTS_MAX; i++)
		post(0x10, translation, ACCESS_W, 0x40000000 + i * PAGE_SIZE);
	events_handle();
	assert_lines(POSTS_MAX);
	assert_null(stopped);
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
		TEST(undeclared_stream), TEST(stream_zero_is_undeclared), TEST(endless_alike_ends),
		TEST(endless_different_ends), TEST(endless_undeclared_ends), TEST(flood_stops_its_function),
		TEST(few_denials_stop_nothing), TEST(late_events_are_taken), TEST(errors_are_reported),
		TEST(errors_come_with_events), TEST(no_errors),
	};

	return cmocka_run_group_tests(events, NULL, NULL);
}
