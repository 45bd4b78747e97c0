/* SPDX-License-Identifier: Apache-2.0 */
/* The second vCPU of gateway: answers SGIs, takes MSIs when they are routed to it, comes and goes by PSCI. */
#include "gateway.h"
#include "pd.h"

enum { WAIT_SECONDS = 5, SECOND = 1 };

struct second second;

void pd_vcpu_main(uint32_t vcpu)
{
	(void)vcpu;
	pd_timer_start((uint32_t)pd_argument("hz", 100));
	second.starts++;
	pd_barrier();
	while (!second.leave) {
		pd_wait();
		second.ticks = pd_timer_ticks();
	}
}

bool second_start(void)
{
	uint64_t begin = pd_now();
	uint64_t starts = second.starts;
	enum psci_result again;

	second.leave = false;
	if (pd_vcpu_on(SECOND) != PSCI_SUCCESS)
		return false;
	again = pd_vcpu_on(SECOND);     /* its CPU may not have come to it yet */
	if (again != PSCI_ALREADY_ON && again != PSCI_ON_WAITS)
		return false;
	while (second.starts == starts)
		if (pd_now() - begin > WAIT_SECONDS * pd_second())
			return false;
	return pd_vcpu_power(SECOND) == PSCI_ON && pd_vcpu_on(SECOND) == PSCI_ALREADY_ON;
}

bool second_stop(void)
{
	uint64_t begin = pd_now();

	second.leave = true;
	pd_sgi(SECOND, SGI_LEAVE);
	while (pd_vcpu_power(SECOND) != PSCI_OFF)
		if (pd_now() - begin > WAIT_SECONDS * pd_second())
			return false;
	return true;
}
