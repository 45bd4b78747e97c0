/* SPDX-License-Identifier: Apache-2.0 */
/* arm64: VMSAv8-64 tables by the hypervisor's own builders. */
#include <arch/asm.h>

#include "target.h"
#include "vmsa_s1.h"

static enum vmsa_memory memory(bool device) { return device ? VMSA_DEVICE : VMSA_NORMAL; }

static uint64_t s1_leaf(unsigned level, uint64_t pa, unsigned access, bool device)
{
	return vmsa_s1_leaf(level, pa, access, memory(device));
}

static uint64_t s2_leaf(unsigned level, uint64_t pa, unsigned access, bool device)
{
	return vmsa_s2_leaf(level, pa, access, memory(device));
}

const struct radix_format cpu_format = { s1_leaf, VMSA_VALID | VMSA_TABLE, VMSA_FIRST_BLOCK_LEVEL, VMSA_LAST_LEVEL,
					 vmsa_shift };
const struct radix_format pd_format = { s2_leaf, VMSA_VALID | VMSA_TABLE, VMSA_FIRST_BLOCK_LEVEL, VMSA_LAST_LEVEL,
					vmsa_shift };
const struct radix_format window_format = { s2_leaf, VMSA_VALID | VMSA_TABLE, VMSA_FIRST_BLOCK_LEVEL, VMSA_LAST_LEVEL,
					    vmsa_shift };

const uint64_t target_stack_block = UINT64_C(2) << STACK_BIT;

unsigned target_start_level(unsigned bits) { return vmsa_start_level(bits); }
uint64_t target_address_control(unsigned va_bits, unsigned pa_bits) { return vmsa_tcr(va_bits, pa_bits); }
