/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The console's rings. A ring's writers are CPUs of its PD, one at a time by the
 * PD's lock; its reader is the housekeeping CPU. Each side publishes its end by
 * a release store and reads the other's by an acquire load; all of them are
 * sequentially consistent (C11 7.17.3), on which "told" below relies.
 *
 * A hijacked CPU can write its PD's ring and the shared page at any time: each
 * word is read once, checked, and then used; characters are filtered last, on
 * their way into the UART.
 */
#include <mullion/console.h>

#include <mullion/log.h>
#include <mullion/percpu.h>
#include <mullion/request.h>
#include <mullion/section.h>
#include <mullion/uart.h>

enum { CONSOLE_ESCAPE = 0x1d /* Ctrl-] */, CONSOLE_EXITS = 'x', CONSOLE_INPUT_PER_CALL = 64, CONSOLE_DIGIT_MAX = 9 };

static SHARED_DATA uint32_t tails[TABLE_PDS_MAX];       /* bytes ever read of each ring */
static SHARED_DATA uint32_t reported[TABLE_PDS_MAX];    /* of its dropped lines */
static SHARED_DATA uint32_t turn;                       /* the ring that is read first */
static SHARED_DATA uint32_t column;                     /* characters of its line that were read */
static SHARED_DATA struct {
	uint32_t head, tail;
	char data[CONSOLE_INPUT_SIZE];
} inputs[TABLE_PDS_MAX];
static SHARED_DATA uint32_t focus;                      /* index into pds; 0 as 1 */
static SHARED_DATA uint32_t escaped;                    /* the last character was CONSOLE_ESCAPE */

static uint32_t word_read(const uint32_t *word) { return __atomic_load_n(word, __ATOMIC_SEQ_CST); }
static void word_write(uint32_t *word, uint32_t value) { __atomic_store_n(word, value, __ATOMIC_SEQ_CST); }

/* ---- writers: the PD's lock is held ---- */

static uint32_t ring_append(struct console_ring *ring, uint32_t at, const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		ring->data[at++ % CONSOLE_RING_SIZE] = text[i];
	return at;
}

/*
 * "[label] text", without a label the text alone; all or nothing, leaving `reserve` bytes.
 *
 * The reader is told only if it had read all that came before, and no wake-up is
 * lost: here head (or dropped) is stored, then tail is read; the reader stores
 * tail, then reads head and dropped before it goes idle. In the one order of all
 * these accesses, either its read comes after our store and it sees the line, or
 * our read comes after its store and we see that it was done: tail == head. (A
 * tail that was overwritten is told of too: the reader mends it.)
 */
static void ring_line(const char *label, const char *text, size_t size, size_t reserve)
{
	struct console_ring *ring = &percpu()->state->ring;
	const uint32_t *tail = &tails[percpu()->cpu->pd];
	uint32_t head = ring->head, at = head;
	size_t label_size = 0;

	while (label[label_size])
		label_size++;
	if (head - word_read(tail) + label_size + size + 5 + reserve <= CONSOLE_RING_SIZE) {
		if (label_size) {
			at = ring_append(ring, at, "[", 1);
			at = ring_append(ring, at, label, label_size);
			at = ring_append(ring, at, "] ", 2);
		}
		at = ring_append(ring, at, text, size);
		word_write(&ring->head, ring_append(ring, at, "\r\n", 2));
	} else {
		word_write(&ring->dropped, ring->dropped + 1);
	}
	if (head - word_read(tail) - 1 >= CONSOLE_RING_SIZE)
		request_send(table.housekeeping, REQUEST_CONSOLE);
}

void console_pd_line(const char *label, const char *text, size_t size)
{
	ring_line(label, text, size, CONSOLE_RESERVE);
}

void console_log_line(const char *text, size_t size)
{
	lock_take(&percpu()->state->lock);
	ring_line("", text, size, 0);
	lock_release(&percpu()->state->lock);
}

void console_seal(void) { percpu()->sealed = true; }

/* ---- reader: the housekeeping CPU ---- */

/* The next character of a ring. Once there is none, reports how many lines were dropped: into this CPU's ring. */
static bool ring_peek(uint32_t pd, char *c)
{
	const struct console_ring *ring = &table.pds[pd].state->ring;
	uint32_t tail = word_read(&tails[pd]), waiting = word_read(&ring->head) - tail, dropped;

	if (waiting && waiting <= CONSOLE_RING_SIZE) {
		*c = *(const volatile char *)&ring->data[tail % CONSOLE_RING_SIZE];
		return true;
	}
	if (waiting)            /* no writer of ours left it so: nothing in it is worth a look */
		word_write(&tails[pd], tail + waiting);
	dropped = word_read(&ring->dropped) - word_read(&reported[pd]);
	if (dropped) {
		word_write(&reported[pd], word_read(&reported[pd]) + dropped);
		log_info("%s: %u lines of output dropped", pd ? table.pds[pd].label : "hypervisor", dropped);
	}
	return false;
}

/* What goes out next, and the ring it is from; the operator's terminal must see no control sequence. */
static bool output_peek(uint32_t *pd, char *c)
{
	uint32_t first = word_read(&turn);

	for (uint32_t i = 0; i < table.pd_count; i++) {
		*pd = (first % table.pd_count + i) % table.pd_count;
		if (table.pds[*pd].state && ring_peek(*pd, c)) {
			if ((*c < ' ' || *c > '~') && *c != '\r' && *c != '\n')
				*c = '?';
			return true;
		}
	}
	return false;
}

/* It went out. At the end of a line, or of what no line of ours is longer than, it is the next ring's turn. */
static void output_taken(uint32_t pd, char c)
{
	bool ends = c == '\n' || word_read(&column) >= CONSOLE_LINE_SIZE;

	word_write(&tails[pd], word_read(&tails[pd]) + 1);
	word_write(&turn, ends ? pd + 1 : pd);
	word_write(&column, ends ? 0 : word_read(&column) + 1);
}

/* At most as much as a line, so that the housekeeping CPU's other work is not late. */
void console_drain(void)
{
	bool more, room = true;
	uint32_t pd;
	char c;

	for (uint32_t budget = CONSOLE_LINE_SIZE; (more = output_peek(&pd, &c)) && budget; budget--) {
		room = uart_try_putc(c);
		if (!room)
			break;
		output_taken(pd, c);
	}
	uart_want_room(!room);
	if (more && room)
		request_send(table.housekeeping, REQUEST_CONSOLE);
}

/* Bounded although PDs may still write: by what all rings hold. */
void console_flush(void)
{
	uint32_t pd;
	char c;

	for (uint32_t budget = table.pd_count * CONSOLE_RING_SIZE; budget && output_peek(&pd, &c); budget--) {
		uart_putc(c);
		output_taken(pd, c);
	}
}

/* ---- input ---- */

static uint32_t focus_pd(void)
{
	uint32_t pd = word_read(&focus);

	return pd && pd < table.pd_count ? pd : 1;
}

static void input_put(uint32_t pd, char c)
{
	uint32_t head = word_read(&inputs[pd].head);

	if (head - word_read(&inputs[pd].tail) >= CONSOLE_INPUT_SIZE)
		return;
	inputs[pd].data[head % CONSOLE_INPUT_SIZE] = c;
	word_write(&inputs[pd].head, head + 1);
	request_send(table.pds[pd].cpus[0], REQUEST_INPUT);
}

static void focus_choose(uint32_t digit)
{
	if (digit && digit < table.pd_count && digit <= CONSOLE_DIGIT_MAX) {
		word_write(&focus, digit);
		log_info("console input goes to %s", table.pds[digit].label);
		return;
	}
	for (uint32_t i = 1; i < table.pd_count && i <= CONSOLE_DIGIT_MAX; i++)
		log_info("console %u %s%s", i, table.pds[i].label, i == focus_pd() ? ", has the input" : "");
}

/* Each CPU prints its own. */
static void exits_ask(const struct table_pd *pd)
{
	for (uint32_t i = 0; i < pd->cpu_count; i++)
		request_send(pd->cpus[i], REQUEST_EXITS);
}

static void input_take(char c)
{
	if (word_read(&escaped)) {
		word_write(&escaped, false);
		if (c == CONSOLE_EXITS)
			exits_ask(&table.pds[focus_pd()]);
		else
			focus_choose((uint32_t)(c - '0'));
	} else if (c == CONSOLE_ESCAPE) {
		word_write(&escaped, true);
	} else {
		input_put(focus_pd(), c);
	}
}

void console_uart_interrupt(void)
{
	char c;

	uart_acknowledge();
	for (int i = 0; i < CONSOLE_INPUT_PER_CALL && uart_try_getc(&c); i++)
		input_take(c);
	console_drain();
}

bool console_input_take(uint32_t pd, char *c)
{
	uint32_t tail = word_read(&inputs[pd].tail), count = word_read(&inputs[pd].head) - tail;

	if (!count)
		return false;
	if (count <= CONSOLE_INPUT_SIZE) {
		*c = inputs[pd].data[tail % CONSOLE_INPUT_SIZE];
		count = 1;
	}
	word_write(&inputs[pd].tail, tail + count);
	return count == 1;
}
