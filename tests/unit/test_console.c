/* SPDX-License-Identifier: Apache-2.0 */
/* Rings from all PDs to the one UART, what is typed back to one PD, and the log and panic on top of them. */
#include "test.h"

#include <mullion/arch.h>
#include <mullion/console.h>
#include <mullion/log.h>
#include <mullion/percpu.h>
#include <mullion/request.h>
#include <mullion/section.h>
#include <mullion/uart.h>

/* The machine: CPU 1 has no PD and keeps house, CPUs 2 to 4 run a PD each. */
enum { HOUSEKEEPING = 1, CPUS = 5, PDS = 4, OUTPUT_MAX = 1 << 17, ESCAPE = 0x1d };

static struct pd_state states[PDS];
static struct percpu percpus[CPUS];
_Thread_local struct percpu *fake_percpu;
static const uint8_t cpus_of[PDS][1] = { { 0 }, { 2 }, { 3 }, { 4 } };
static const struct table_pd pds[PDS] = {
	{ .state = &states[0] },
	{ .label = "plc", .cpus = cpus_of[1], .cpu_count = 1, .state = &states[1] },
	{ .label = "gateway", .cpus = cpus_of[2], .cpu_count = 1, .state = &states[2] },
	{ .label = "rogue", .cpus = cpus_of[3], .cpu_count = 1, .state = &states[3] },
};
static const struct table_cpu cpus[CPUS] = { [2] = { .pd = 1 }, [3] = { .pd = 2 }, [4] = { .pd = 3 } };
const struct table table = {
	.digest = "0123", .housekeeping = HOUSEKEEPING, .cpus = cpus, .cpu_count = CPUS, .pds = pds, .pd_count = PDS,
};

/* Its UART. `room` is what it takes before it is full; `typed` waits in it. */
static char output[OUTPUT_MAX + 1];
static size_t output_size, room;
static bool wants_room;
static const char *typed;
static uint32_t requests[CPUS], request_count;
static bool locked;             /* the PD of the CPU that asked last, as it asked */
static bool endless;            /* rogue writes a character for each that goes out */
static jmp_buf *halted;

void uart_putc(char c)
{
	assert_true(output_size < OUTPUT_MAX);
	states[3].ring.head += endless;
	output[output_size++] = c;
	output[output_size] = '\0';
}

bool uart_try_putc(char c)
{
	if (!room)
		return false;
	room--;
	uart_putc(c);
	return true;
}

bool uart_try_getc(char *c)
{
	if (!*typed)
		return false;
	*c = *typed++;
	return true;
}

void uart_want_room(bool wanted) { wants_room = wanted; }
void uart_acknowledge(void) { }
uint64_t arch_ticks(void) { return 0; }

void arch_halt(void)
{
	if (halted)
		longjmp(*halted, 1);
	fail_msg("halted");
	__builtin_unreachable();
}

void request_send(uint32_t cpu, uint32_t request)
{
	assert_in_range(cpu, 1, CPUS - 1);
	requests[cpu] |= request;
	request_count++;
	locked = percpu()->state->lock.taken;
}

static void run_on(uint32_t cpu) { fake_percpu = &percpus[cpu]; }

static void say_on(uint32_t cpu, const char *text)
{
	run_on(cpu);
	lock_take(&percpu()->state->lock);
	console_pd_line(percpu()->pd->label, text, strlen(text));
	lock_release(&percpu()->state->lock);
}

/* The housekeeping CPU serves its requests and the UART's interrupt for as long as there are any. */
static void pump(void)
{
	run_on(HOUSEKEEPING);
	for (unsigned i = 0; requests[HOUSEKEEPING] & REQUEST_CONSOLE || (wants_room && room); i++) {
		assert_true(i < 100000);
		requests[HOUSEKEEPING] = 0;
		console_drain();
	}
}

static void type(const char *text)
{
	typed = text;
	run_on(HOUSEKEEPING);
	while (*typed)
		console_uart_interrupt();
	pump();
}

/*
 * What is written once stays in rings and shared page, as in the machine: all of it is read before each test, and the
 * focus set but before the first.
 */
static int fresh(void **state)
{
	static bool used;
	char c;

	(void)state;
	for (uint32_t i = 1; i < CPUS; i++) {
		percpus[i].cpu = &cpus[i];
		percpus[i].pd = &pds[cpus[i].pd];
		percpus[i].state = pds[cpus[i].pd].state;
		percpus[i].state->lock.taken = 0;
		run_on(i);
		console_seal();
	}
	typed = "";
	room = OUTPUT_MAX;
	if (used)
		type("\x1d\x31");
	used = true;
	run_on(HOUSEKEEPING);
	console_flush();
	for (uint32_t pd = 1; pd < PDS; pd++)
		while (console_input_take(pd, &c))
			;
	memset(requests, 0, sizeof(requests));
	request_count = 0;
	output_size = 0;
	output[0] = '\0';
	wants_room = false;
	halted = NULL;
	return 0;
}

static uint32_t count_of(const char *part)
{
	uint32_t count = 0;

	for (const char *at = output; (at = strstr(at, part)); at++)
		count++;
	return count;
}

/* ---- lines ---- */

static void line_with_label(void **state)
{
	(void)state;
	say_on(2, "hello");
	assert_int_equal(requests[HOUSEKEEPING], REQUEST_CONSOLE);
	assert_string_equal(output, "");
	pump();
	assert_string_equal(output, "[plc] hello\r\n");
	assert_false(wants_room);
}

static void log_goes_into_the_ring(void **state)
{
	(void)state;
	run_on(3);
	log_warn("%s did %u", "it", 7u);
	assert_string_equal(output, "");
	assert_true(locked);
	assert_int_equal(states[2].lock.taken, 0);
	pump();
	assert_string_equal(output, "mullion: WARN it did 7\r\n");
}

static void log_before_the_seal_is_direct(void **state)
{
	(void)state;
	run_on(3);
	percpu()->sealed = false;
	log_info("one");
	fake_percpu = NULL;
	log_info("two");
	assert_string_equal(output, "mullion: one\r\nmullion: two\r\n");
	assert_int_equal(request_count, 0);
}

static void long_log_line_is_cut(void **state)
{
	char text[1000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	run_on(2);
	log_info("%s", text);
	log_info("next");
	pump();
	assert_int_equal(strcspn(output, "\r"), CONSOLE_LINE_SIZE - 2);
	assert_string_equal(output + CONSOLE_LINE_SIZE - 2, "\r\nmullion: next\r\n");
}

/* Many times round the ring, and round the counters' 32 bits. */
static void ring_wraps(void **state)
{
	char text[32], expected[64];

	(void)state;
	states[1].ring.head = 0xfffff000;       /* mended by the reader */
	say_on(2, "lost");
	pump();
	for (unsigned i = 0; i < 2000; i++) {
		output_size = 0;
		snprintf(text, sizeof(text), "line %u", i);
		snprintf(expected, sizeof(expected), "[plc] %s\r\n", text);
		say_on(2, text);
		pump();
		assert_string_equal(output, expected);
	}
	assert_true(states[1].ring.head < 0x10000000);
}

/* One request until the reader has read all of it: later lines are found without. */
static void one_request_while_the_reader_is_busy(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++)
		say_on(2, "busy");
	assert_int_equal(request_count, 1);
	pump();
	assert_int_equal(count_of("[plc] busy\r\n"), 5);
	say_on(2, "again");
	assert_int_equal(requests[HOUSEKEEPING], REQUEST_CONSOLE);
}

/* ---- full rings ---- */

static void pd_leaves_the_reserve(void **state)
{
	uint32_t start = states[1].ring.head;

	(void)state;
	for (int i = 0; i < 200; i++)
		say_on(2, "flood, flood, flood");
	assert_in_range(states[1].ring.head - start, CONSOLE_RING_SIZE - CONSOLE_RESERVE - 30,
			CONSOLE_RING_SIZE - CONSOLE_RESERVE);
	run_on(2);
	for (int i = 0; i < 6; i++)
		log_warn("the hypervisor's own word %u", 1u);
	pump();
	assert_int_equal(count_of("own word 1\r\n"), 6);
}

static void full_ring_drops_and_counts(void **state)
{
	uint32_t kept, start = states[1].ring.head;
	char expected[64];

	(void)state;
	run_on(2);
	for (int i = 0; i < 100; i++)
		log_info("a line of the hypervisor");
	assert_in_range(states[1].ring.head - start, CONSOLE_RING_SIZE - 40, CONSOLE_RING_SIZE);
	pump();
	kept = count_of("mullion: a line of the hypervisor\r\n");
	snprintf(expected, sizeof(expected), "mullion: plc: %u lines of output dropped\r\n", 100 - kept);
	assert_in_range(kept, 20, 40);
	assert_int_equal(count_of(expected), 1);
	assert_string_equal(output + output_size - strlen(expected), expected);
	output_size = 0;
	say_on(2, "later");
	pump();
	assert_string_equal(output, "[plc] later\r\n");
}

/* Whatever the lines' size, none is written over what was not read. */
static void full_is_never_overrun(void **state)
{
	char text[CONSOLE_LINE_SIZE];

	(void)state;
	memset(text, 'x', sizeof(text));
	for (size_t size = 0; size < sizeof(text); size++) {
		uint32_t start = states[1].ring.head;

		run_on(2);
		for (unsigned i = 0; i < CONSOLE_RING_SIZE; i++)
			console_log_line(text, size);
		assert_true(states[1].ring.head - start <= CONSOLE_RING_SIZE);
		pump();
		output_size = 0;
	}
}

/* The reader had drained the ring before the drop was counted: it is told. */
static void late_drop_is_reported(void **state)
{
	char text[CONSOLE_RING_SIZE];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	say_on(2, text);
	pump();
	assert_string_equal(output, "mullion: plc: 1 lines of output dropped\r\n");
}

static void own_drops_have_a_name(void **state)
{
	(void)state;
	run_on(HOUSEKEEPING);
	for (int i = 0; i < 100; i++)
		log_info("a line of nobody's");
	pump();
	assert_int_equal(count_of("mullion: hypervisor: "), 1);
}

/* ---- the reader ---- */

/* Round robin by whole lines: a flood of one PD's delays another's line by a line at most. */
static void flood_delays_by_a_line(void **state)
{
	const char *plc;

	(void)state;
	for (int i = 0; i < 200; i++)
		say_on(4, "flood");
	say_on(2, "one");
	say_on(2, "two");
	pump();
	plc = strstr(output, "[plc] one\r\n");
	assert_non_null(plc);
	assert_in_range(plc - output, 0, 2 * strlen("[rogue] flood\r\n"));
	assert_int_equal(strncmp(plc, "[plc] one\r\n[rogue] flood\r\n[plc] two\r\n[rogue] flood\r\n", 51), 0);
}

/* However little room there is at a time, lines stay whole. */
static void lines_are_never_mixed(void **state)
{
	(void)state;
	room = 0;
	for (int i = 0; i < 10; i++) {
		say_on(2, "aaaaaaaaaaaaaaaa");
		say_on(3, "bbbbbbbbbbbbbbbb");
	}
	pump();
	assert_true(wants_room);
	for (int i = 0; wants_room; i++) {
		assert_true(i < 1000);
		room = 1 + (size_t)i % 5;
		pump();
	}
	assert_int_equal(count_of("[plc] aaaaaaaaaaaaaaaa\r\n"), 10);
	assert_int_equal(count_of("[gateway] bbbbbbbbbbbbbbbb\r\n"), 10);
}

/* One call does a line's worth, and asks for another. */
static void work_is_bounded(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++)
		say_on(2, "0123456789012345678901234567890123456789");
	run_on(HOUSEKEEPING);
	requests[HOUSEKEEPING] = 0;
	console_drain();
	assert_in_range(output_size, 1, CONSOLE_LINE_SIZE);
	assert_int_equal(requests[HOUSEKEEPING], REQUEST_CONSOLE);
	assert_false(wants_room);
}

/* A head that no writer leaves: skipped, and the ring works on. */
static void corrupt_head_is_skipped(void **state)
{
	static const uint32_t jumps[] = { CONSOLE_RING_SIZE + 1, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffff0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(jumps); i++) {
		fresh(NULL);
		states[1].ring.head += jumps[i];
		run_on(HOUSEKEEPING);
		console_drain();
		assert_string_equal(output, "");
		say_on(2, "well");
		pump();
		assert_string_equal(output, "[plc] well\r\n");
	}
}

/* The same when a writer comes first: its line is lost, the reader is told, and later ones are not. */
static void corrupt_head_is_told_of(void **state)
{
	(void)state;
	states[1].ring.head += 0x80000000;
	say_on(2, "lost");
	assert_int_equal(requests[HOUSEKEEPING], REQUEST_CONSOLE);
	pump();
	say_on(2, "well");
	pump();
	assert_int_equal(count_of("[plc] well\r\n"), 1);
}

/* A hijacked writer publishes what it likes: no control character, and no turn longer than a line. */
static void hijacked_ring_is_filtered(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CONSOLE_RING_SIZE; i++)
		states[3].ring.data[i] = (char)(i % 256 == '\n' ? 0x1b : i % 256);
	states[3].ring.head += CONSOLE_RING_SIZE;
	run_on(HOUSEKEEPING);
	console_drain();
	say_on(2, "one");
	pump();
	assert_true(output_size >= CONSOLE_RING_SIZE);
	for (size_t i = 0; i < output_size; i++)
		assert_true((output[i] >= ' ' && output[i] <= '~') || output[i] == '\r' || output[i] == '\n');
	assert_non_null(strstr(output, "[plc] one\r\n"));
	assert_in_range(strstr(output, "[plc] one\r\n") - output, 0, 2 * CONSOLE_LINE_SIZE);
}

/* Heads that grow for ever do not hold the machine up when it powers off. */
static void flush_is_all_and_bounded(void **state)
{
	(void)state;
	room = 0;
	say_on(2, "plc");
	say_on(3, "gateway");
	run_on(HOUSEKEEPING);
	console_flush();
	assert_int_equal(count_of("[plc] plc\r\n"), 1);
	assert_int_equal(count_of("[gateway] gateway\r\n"), 1);
	assert_true(output_size < 100);
	states[3].ring.head += 10;
	endless = true;
	console_flush();
	endless = false;
	assert_in_range(output_size, CONSOLE_RING_SIZE, PDS * CONSOLE_RING_SIZE + 100);
}

/* ---- input ---- */

static void take_all(uint32_t pd, const char *expected)
{
	char c;

	for (; *expected; expected++) {
		assert_true(console_input_take(pd, &c));
		assert_int_equal(c, *expected);
	}
	assert_false(console_input_take(pd, &c));
}

static void input_goes_to_the_first(void **state)
{
	(void)state;
	type("ls\r");
	assert_int_equal(requests[2], REQUEST_INPUT);
	assert_int_equal(requests[3] | requests[4], 0);
	take_all(1, "ls\r");
	take_all(2, "");
}

static void focus_switches(void **state)
{
	(void)state;
	type("a\x1d\x32" "b");
	assert_string_equal(output, "mullion: console input goes to gateway\r\n");
	assert_int_equal(requests[3], REQUEST_INPUT);
	type("\x1d\x33" "c");
	assert_int_equal(requests[4], REQUEST_INPUT);
	take_all(1, "a");
	take_all(2, "b");
	take_all(3, "c");
}

/* Digits without a PD and anything else: the list, and the focus stays. */
static void other_keys_list(void **state)
{
	static const char *const keys[] = {
		"\x1d?", "\x1d\x30", "\x1d\x34", "\x1d\x39", "\x1d:", "\x1d\x1d", "\x1d\xff"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		fresh(NULL);
		type("\x1d\x32");
		output_size = 0;
		type(keys[i]);
		assert_string_equal(output, "mullion: console 1 plc\r\nmullion: console 2 gateway, has the input\r\n"
				    "mullion: console 3 rogue\r\n");
		type("x");
		take_all(1, "");
		take_all(2, "x");
	}
}

/* A paste longer than what is kept: the first of it, then nothing, and no other PD's. */
static void full_input_drops(void **state)
{
	char text[100], kept[CONSOLE_INPUT_SIZE + 1] = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(text) - 1; i++)
		text[i] = (char)('0' + i % 64);
	text[sizeof(text) - 1] = '\0';
	memcpy(kept, text, CONSOLE_INPUT_SIZE);
	type(text);
	take_all(1, kept);
	type("more");
	take_all(1, "more");
	take_all(2, "");
}

static void input_wraps(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++) {
		type("0123456789");
		take_all(1, "0123456789");
	}
}

/* All that reaches the PDs, bounded by what is kept for them. */
static uint32_t take_count(void)
{
	uint32_t count = 0;
	char c;

	for (uint32_t pd = 1; pd < PDS; pd++)
		for (uint32_t taken = 0; console_input_take(pd, &c); taken++, count++)
			assert_true(taken < CONSOLE_INPUT_SIZE);
	return count;
}

/*
 * A hijacked CPU can write the shared page: focus, counters, characters. Whichever word is whatever, input goes to a PD
 * of the table or nowhere (the sanitizers watch), and once the word is right again all is well.
 */
static void shared_page_is_checked(void **state)
{
	static const uint32_t values[] = { 1, PDS - 1, PDS, TABLE_PDS_MAX, CONSOLE_INPUT_SIZE + 1, INT32_MAX,
					   (uint32_t)INT32_MAX + 1, UINT32_MAX };
	static char kept[PAGE_SIZE];
	size_t size = (size_t)(__stop_shared_data - __start_shared_data);

	(void)state;
	assert_in_range(size, 1, sizeof(kept));
	for (size_t at = 0; at + sizeof(values[0]) <= size; at += sizeof(values[0])) {
		for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
			memcpy(kept, __start_shared_data, size);
			memcpy(__start_shared_data + at, &values[i], sizeof(values[i]));
			type("xy");
			assert_true(take_count() <= CONSOLE_INPUT_SIZE + 2);
			say_on(2, "line");
			pump();
			memcpy(__start_shared_data, kept, size);
			fresh(NULL);
			type("z");
			take_all(1, "z");
		}
	}
}

/* ---- panic ---- */

static void panic_on(uint32_t cpu)
{
	jmp_buf here;

	run_on(cpu);
	halted = &here;
	if (!setjmp(here))
		panic("reason %u", 5u);
	halted = NULL;
}

/* Another CPU's goes into its ring, whoever holds the PD's lock, and all others are to halt. */
static void panic_of_a_pd_cpu(void **state)
{
	(void)state;
	states[1].lock.taken = 1;
	panic_on(2);
	assert_string_equal(output, "");
	assert_int_equal(requests[HOUSEKEEPING], REQUEST_CONSOLE | REQUEST_HALT);
	assert_int_equal(requests[2], 0);
	assert_int_equal(requests[3], REQUEST_HALT);
	assert_int_equal(requests[4], REQUEST_HALT);
	run_on(HOUSEKEEPING);
	console_flush();
	assert_string_equal(output, "mullion: PANIC reason 5\r\nmullion: of table 0123; every CPU is stopped\r\n");
}

static void panic_of_the_housekeeping_cpu(void **state)
{
	(void)state;
	room = 0;
	panic_on(HOUSEKEEPING);
	assert_string_equal(output, "\r\nmullion: PANIC reason 5\r\nmullion: of table 0123; every CPU is stopped\r\n");
	assert_int_equal(requests[HOUSEKEEPING], 0);
	for (uint32_t cpu = 2; cpu < CPUS; cpu++)
		assert_int_equal(requests[cpu], REQUEST_HALT);
}

/* At boot nobody else takes requests yet, and there is no percpu at first. */
static void panic_before_the_seal(void **state)
{
	(void)state;
	fake_percpu = NULL;
	percpus[2].sealed = false;
	panic_on(2);
	assert_int_equal(request_count, 0);
	assert_says(output, "mullion: PANIC reason 5\r\n");
}

/* Of those that come while it prints, the last says nothing: last of all tests. */
static void panics_end(void **state)
{
	(void)state;
	panic_on(2);
	fresh(NULL);
	panic_on(2);
	assert_int_equal(request_count, 0);
	run_on(HOUSEKEEPING);
	console_flush();
	assert_string_equal(output, "");
}

#define TEST(function) cmocka_unit_test_setup(function, fresh)

int main(void)
{
	const struct CMUnitTest console_tests[] = {
		TEST(input_goes_to_the_first), TEST(line_with_label), TEST(log_goes_into_the_ring),
		TEST(log_before_the_seal_is_direct),
		TEST(long_log_line_is_cut), TEST(ring_wraps), TEST(one_request_while_the_reader_is_busy),
		TEST(pd_leaves_the_reserve), TEST(full_ring_drops_and_counts), TEST(full_is_never_overrun),
		TEST(late_drop_is_reported),
		TEST(own_drops_have_a_name), TEST(flood_delays_by_a_line), TEST(lines_are_never_mixed),
		TEST(work_is_bounded), TEST(corrupt_head_is_skipped), TEST(corrupt_head_is_told_of),
		TEST(hijacked_ring_is_filtered), TEST(flush_is_all_and_bounded),
		TEST(focus_switches), TEST(other_keys_list), TEST(full_input_drops), TEST(input_wraps),
		TEST(shared_page_is_checked),
		TEST(panic_of_a_pd_cpu), TEST(panic_of_the_housekeeping_cpu), TEST(panic_before_the_seal),
		TEST(panics_end),
	};

	return cmocka_run_group_tests_name("console", console_tests, NULL, NULL);
}
