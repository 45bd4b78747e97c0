/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_pd.h"
#include "test.h"

#include <mullion/arch.h>
#include <mullion/console.h>
#include <mullion/exits.h>
#include <mullion/log.h>
#include <mullion/pci.h>
#include <mullion/request.h>
#include <mullion/section.h>

enum { HOUSEKEEPING = 1, FIRST_CPU = 4, CPUS = FIRST_CPU + VCPUS, FIRST_FUNCTION = 3, DEPTH = 4, LATER_MAX = 2 };

static const uint8_t cpus_of_pd[VCPUS] = { FIRST_CPU, FIRST_CPU + 1, FIRST_CPU + 2 };
static const struct table_cpu cpus[CPUS] = {
	[FIRST_CPU] = { .pd = FAKE_PD }, { .pd = FAKE_PD, .vcpu = 1 }, { .pd = FAKE_PD, .vcpu = 2 },
};
struct table_pd fake_pds[PDS];
const struct table table = { .cpus = cpus, .cpu_count = CPUS, .housekeeping = HOUSEKEEPING, .pds = fake_pds,
			     .pd_count = PDS };

struct pd_state fake_state;
struct percpu fake_cpus[VCPUS];
_Thread_local struct percpu *fake_percpu;
char fake_done[256], fake_said[1024];
uint64_t fake_now;
bool fake_quarantined;
uint32_t fake_calls;

static uint32_t requests[VCPUS];
static struct vcpu_state started[VCPUS];
static struct later {
	uint32_t call, vcpu;
	void (*act)(void);
} laters[LATER_MAX];
static jmp_buf ends[DEPTH];
static struct percpu *callers[DEPTH];
static unsigned depth;
static enum fake_end end;

int fake_pd_fresh(void **state)
{
	(void)state;
	memset(__start_shared_data, 0, (size_t)(__stop_shared_data - __start_shared_data));
	memset(fake_pds, 0, sizeof(fake_pds));
	memset(requests, 0, sizeof(requests));
	memset(started, 0, sizeof(started));
	memset(laters, 0, sizeof(laters));
	memset(fake_done, 0, sizeof(fake_done));
	memset(fake_said, 0, sizeof(fake_said));
	fake_pds[FAKE_PD] = (struct table_pd){ .label = "plc", .cpus = cpus_of_pd, .cpu_count = VCPUS,
					       .entry = { ENTRY }, .argument = { ARGUMENT },
					       .first_function = FIRST_FUNCTION, .function_count = FUNCTIONS };
	fake_state = (struct pd_state){ 0 };
	for (uint32_t i = 0; i < VCPUS; i++)
		fake_cpus[i] = (struct percpu){ .cpu = &cpus[FIRST_CPU + i], .pd = &fake_pds[FAKE_PD],
						.state = &fake_state, .vcpu = i };
	fake_quarantined = false;
	fake_now = 0;
	fake_calls = 0;
	depth = 0;
	return 0;
}

void fake_runs(uint32_t vcpu)
{
	fake_state.vcpus[vcpu].power = VCPU_ON;
	fake_cpus[vcpu].runs = true;
}

enum fake_end fake_do(uint32_t vcpu, void (*act)(void))
{
	assert_true(depth < DEPTH);
	callers[depth] = fake_percpu;
	fake_percpu = &fake_cpus[vcpu];
	if (!setjmp(ends[depth++])) {
		act();
		end = RETURNED;
	}
	fake_percpu = callers[--depth];
	return end;
}

static _Noreturn void ended(enum fake_end as)
{
	end = as;
	longjmp(ends[depth - 1], 1);
}

void fake_meanwhile(uint32_t call, uint32_t vcpu, void (*act)(void))
{
	struct later *later = laters[0].act ? &laters[1] : &laters[0];

	assert_null(later->act);
	*later = (struct later){ fake_calls + call, vcpu, act };
}

static void come_in(uint32_t until)
{
	for (uint32_t i = 0; i < LATER_MAX; i++) {
		struct later later = laters[i];

		if (!later.act || later.call > until)
			continue;
		laters[i].act = NULL;
		fake_do(later.vcpu, later.act);
	}
}

void fake_meanwhile_rest(void) { come_in(UINT32_MAX); }

static void called(void)
{
	assert_int_equal(fake_state.lock.taken, 0);
	come_in(fake_calls++);
}

static void did(char letter)
{
	size_t length = strlen(fake_done);

	assert_true(length < sizeof(fake_done) - 1);
	fake_done[length] = letter;
	called();
}

static void serve_one(void)
{
	uint32_t bits = requests[percpu()->vcpu];

	requests[percpu()->vcpu] = 0;
	if (bits & REQUEST_VCPU)
		pd_serve_stop();
	if (bits & REQUEST_STOP)
		pd_stop_by_policy();
}

void fake_serve(void)
{
	bool served = true;

	while (served) {
		served = false;
		for (uint32_t i = 0; i < VCPUS; i++) {
			served |= requests[i] != 0;
			fake_do(i, serve_one);
			if (!fake_cpus[i].runs)
				fake_do(i, pd_start_vcpu);
		}
	}
}

uint8_t *fake_status(uint32_t pd) { return (uint8_t *)&__start_shared_data[pd]; }
uint64_t fake_entry(uint32_t vcpu) { return started[vcpu].entry; }
uint64_t fake_argument(uint32_t vcpu) { return started[vcpu].argument; }

uint32_t fake_count(char letter)
{
	uint32_t count = 0;

	for (const char *done = fake_done; *done; done++)
		count += *done == letter;
	return count;
}

void request_send(uint32_t cpu, uint32_t bits)
{
	if (cpu == HOUSEKEEPING) {
		assert_int_equal(bits, REQUEST_POWER);
		did('P');
		return;
	}
	assert_in_range(cpu, FIRST_CPU, CPUS - 1);
	requests[cpu - FIRST_CPU] |= bits;
	if (bits == REQUEST_RELOAD)
		assert_int_equal(cpu, FIRST_CPU);
	else
		assert_int_equal(bits, REQUEST_VCPU);
	did(bits == REQUEST_RELOAD ? 'R' : (char)('0' + cpu - FIRST_CPU));
}

static void say(const char *format, va_list args)
{
	size_t length = strlen(fake_said);

	vsnprintf(fake_said + length, sizeof(fake_said) - length, format, args);
	called();
}

void log_info(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
}

void log_warn(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
}

void pci_stop_dma(uint32_t function)
{
	assert_int_equal(function, FIRST_FUNCTION + fake_count('x') % FUNCTIONS);
	did('x');
}

bool pci_is_quarantined(uint32_t function)
{
	called();
	return fake_quarantined && function == FIRST_FUNCTION + 1;
}

void arch_vcpu_run(const struct table_pd *pd, uint64_t entry, uint64_t argument)
{
	assert_ptr_equal(pd, percpu()->pd);
	assert_true(percpu()->runs);
	started[percpu()->vcpu] = (struct vcpu_state){ VCPU_ON, entry, argument };
	called();
	ended(RAN);
}

void arch_park(void)
{
	assert_int_equal(fake_state.lock.taken, 0);
	ended(PARKED);
}

void arch_system_off(void) { ended(POWERED_OFF); }
void arch_system_reset(void) { ended(RESET); }
uint64_t arch_ticks(void) { return fake_now; }
uint64_t arch_ticks_per_second(void) { return TICKS_PER_SECOND; }
void vgic_reset(void) { did('v'); }
void vuart_reset(void) { did('u'); }
void vgic_cpu_init(void) { called(); }
void vgic_cpu_off(void) { did('g'); }
void vuart_flush(void) { did('f'); }
void exits_finish(void) { did('e'); }
void events_finish(void) { did('E'); }
void console_flush(void) { did('C'); }
