/* SPDX-License-Identifier: Apache-2.0 */
/* The CPU that a test, or a thread of it, is: it says which. */
#ifndef ARCH_PERCPU_H
#define ARCH_PERCPU_H

struct arch_percpu {
	int unused;
};

struct percpu;
extern _Thread_local struct percpu *fake_percpu;
static inline struct percpu *arch_percpu(void) { return fake_percpu; }

#endif
