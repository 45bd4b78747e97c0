# SPDX-License-Identifier: Apache-2.0
"""That a proof can fail: each of these mistakes in a copy of the hypervisor leaves an alarm or an assertion open."""
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
TABLES = Path(os.environ["PROVE_TABLES"])

# Proof, file, what is there, the mistake, what must be found.
MISTAKES = {
    "a register of an MSR that is counted from 1": (
        "traps", "hv/arch/arm64/trap.c", "vgic_send_sgi(regs->x[FIELD_GET(ESR_SYSREG_RT, esr)]",
        "vgic_send_sgi(regs->x[FIELD_GET(ESR_SYSREG_RT, esr) + 1]",
        r"trap\.c:\d+: accessing out of bounds index"),
    "a vCPU one past the last": (
        "traps", "hv/arch/arm64/psci.c", "if (target >= percpu()->pd->cpu_count)\n\t\treturn INVALID_PARAMETERS;\n\treturn results",
        "if (target > percpu()->pd->cpu_count)\n\t\treturn INVALID_PARAMETERS;\n\treturn results", r"pd\.c:\d+: out of bounds read"),
    "a PD's mistake that panics": (
        "traps", "hv/arch/arm64/trap.c", "\tguest_fault(reason, esr);\n", '\tpanic("%s", reason);\n', r"no_panic"),
    "an interrupt past the PD's last": (
        "vgic", "hv/vdev/vgic_registers.c", "intid >= pd->intid_end", "intid > pd->intid_end", r"vgic_registers\.c:\d+: out of bounds"),
    "a route to any vCPU": (
        "vgic", "hv/vdev/vgic_registers.c", "affinity < percpu()->pd->cpu_count ? affinity", "affinity < 100 ? affinity",
        r"target_is_a_vcpu"),
    "an SGI to vCPUs that the PD does not have": (
        "sgi", "hv/vdev/vgic_lr.c", "FIELD_GET(ICC_SGI1R_TARGETS, value) & all", "FIELD_GET(ICC_SGI1R_TARGETS, value)",
        r"interrupt_of_the_pd|out of bounds"),
    "a function past the PD's last": (
        "config", "hv/vdev/vpci.c", "i < (uint32_t)pd->first_function + pd->function_count",
        "i <= (uint32_t)pd->first_function + pd->function_count", r"vpci\.c:\d+: out of bounds"),
    "a line one character longer": (
        "uart", "hv/vdev/vuart.c", "vuart->length >= VUART_LINE_SIZE", "vuart->length > VUART_LINE_SIZE", r"vuart\.c:\d+: accessing out of"),
    "a call's argument that no register has": (
        "traps", "hv/arch/arm64/psci.c", "psci_call((uint32_t)regs->x[0], argument(regs, 1)",
        "psci_call((uint32_t)regs->x[0], argument(regs, 32)", r"psci\.c:\d+: accessing out of bounds index"),
    "an exit that no class counts": (
        "traps", "hv/arch/arm64/trap.c", "exit_count(EXIT_SGI)", "exit_count(EXIT_CLASSES)",
        r"exits\.h:\d+: accessing out of bounds index"),
    "the watchdog of a PD that has none": (
        "traps-restart", "hv/arch/arm64/guest_device.c", "if (pd->has_watchdog && ipa - ", "if (ipa - ", r"pd_with_a_watchdog"),
    "a vCPU that the last run turned on": (
        "traps-restart", "hv/core/pd.c", "state->vcpus[i].power = VCPU_OFF", "state->vcpus[i].entry = 0", r"others_are_off"),
    "a restart more than declared": (
        "traps-restart", "hv/core/pd.c", "state->restarts >= pd->restart_count", "state->restarts > pd->restart_count",
        r"restarts_as_declared"),
    "a restart beside a vCPU that runs": (
        "restart", "hv/core/reload.c", "cpu->state->vcpus[i].power == VCPU_ON", "cpu->state->vcpus[i].power == VCPU_STARTING",
        r"nothing_runs"),
    "a restart by another CPU": ("restart", "hv/core/reload.c", "cpu->vcpu || cpu->state", "cpu->state", r"first_cpu"),
    "a restart that zeroes what is shared": (
        "restart", "hv/core/load.c", "if (shared || !region->shared)\n\t\t\tarch_scrub", "if (region->size)\n\t\t\tarch_scrub", r"own_memory"),
    "a function past the last that is restarted": (
        "restart", "hv/core/reload.c", "pci_restore(pd->first_function + i)", "pci_restore(pd->first_function + i + 1)",
        r"ecam_run\.c:\d+: out of bounds read"),
    "a watchdog's time that no timer has": (
        "watchdog", "hv/vdev/vwatchdog.c", "left < WATCHDOG_TIMER_MAX ? left : WATCHDOG_TIMER_MAX", "left", r"ticks_of_the_timer"),
    "a watchdog's offset of more bits than it has": (
        "watchdog", "hv/vdev/vwatchdog.c", "dog->offset &= WATCHDOG_WOR_MASK", "dog->offset &= UINT64_MAX", r"watchdog_offset"),
    "a watchdog that expires on any CPU": (
        "watchdog", "hv/vdev/vwatchdog.c", "!cpu->pd->has_watchdog || cpu->vcpu", "!cpu->pd->has_watchdog", r"its_own"),
    "a table that ends outside of the constants": (
        "audit", "hv/drivers/iommu/smmuv3_audit.c", "range_within(pa, size,", "range_within(pa, 0,", r"smmuv3_audit\.c:\d+: out of bounds"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_seen(mistake, tmp_path):
    proof, name, old, new, message = MISTAKES[mistake]
    shutil.copytree(TOP / "hv", tmp_path / "hv")
    shutil.copytree(TOP / "tests/prove", tmp_path / "tests/prove")
    path = tmp_path / name
    assert path.read_text().count(old) == 1, f"{name} has changed: {old}"
    path.write_text(path.read_text().replace(old, new))
    done = subprocess.run(["/usr/bin/python3", "-B", tmp_path / "tests/prove/prove.py", "--tables", TABLES, "--out",
                           tmp_path / "out", "--top", tmp_path, proof], capture_output=True, text=True)
    assert done.returncode == 1
    assert re.search(message, done.stderr), done.stderr
