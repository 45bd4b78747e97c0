# SPDX-License-Identifier: Apache-2.0
"""
Linux starts anew 20 times while its disk is read: by reboot, by a panic of its kernel, by a watchdog that nobody feeds;
beside a controller that goes on. Each time the auditor reads the machine, and QEMU's traces tell what the disk's controller did.
"""
import os
import re
import time
from pathlib import Path

import pytest
import variant
from audited import Audit
from guest import TIMEOUT, Guest, said

RESTARTS = 20
WAYS = ["reboot", "panic", "reboot", "reboot", "hang", "reboot", "reboot"]
WORDS = [f"restarts={RESTARTS}", f"restart_by={','.join(WAYS)}", "watchdog_seconds=10", "steps=restart"]
COMMAND, MASTER = 0x04, 1 << 2
TRACES = ["pci_cfg_write", "pci_nvme_mmio_start_success", "pci_nvme_mmio_cfg"]
CONFIG_WRITE = re.compile(r"pci_cfg_write nvme .*@0x4 <- (0x\w+)")
REASONS = {"reboot": "linux asks for a reset", "panic": "linux asks for a reset",
           "hang": "WARN linux stopped: its watchdog expired"}


class Restarts(Guest):
    def __init__(self, build, kernel, guests):
        super().__init__(build, kernel, guests, variant.boot_words() + WORDS)
        self.audits, self.rates = [], []

    def run(self):
        audit = Audit(self.appliance)
        for trace in TRACES:
            self.machine.qmp.ask("trace-event-set-state", name=trace, enable=True)
        self.machine.run_to("cpus_release")
        self.machine.run_to("reload_quiet", TIMEOUT)    # the first restart: reload_load() is called at boot too
        for _ in range(RESTARTS):
            before, start = self.counts()["ticks"], time.monotonic()
            self.machine.run_to("pd_begin", TIMEOUT)
            self.rates.append((self.counts()["ticks"] - before) / (time.monotonic() - start))
            assert self.machine.console().count("linux restarts,") == len(self.audits) + 1
            found, differences = audit.machine(self.machine)
            self.audits.append((found == audit.needed, differences))
            self.machine.run_to("vgic_reset")
        self.machine.go()
        self.wait("mullion: linux is off")
        self.in_the_end = self.counts()
        self.machine.qmp.ask("stop")
        self.trace, self.console = self.machine.trace(), self.machine.console()


@pytest.fixture(scope="module")
def run():
    kernel = os.environ.get("KERNELS", "6.1").split()[0]
    build = Path(os.environ["BUILD"]).resolve() / f"{kernel}-restarts"
    with Restarts(build, kernel, Path(os.environ["GUESTS"]).resolve()) as restarts:
        restarts.run()
        yield restarts


def test_disk_network_and_usb_work_each_time(run):
    assert said(run.console, "restart") == [f"{n} restarts, disk, net and USB work" for n in range(RESTARTS + 1)]
    assert "init: done" in run.console


def test_each_way_restarts(run):
    reasons = re.findall("|".join(sorted(set(REASONS.values()))), run.console)
    assert reasons == [REASONS[WAYS[n % len(WAYS)]] for n in range(RESTARTS)]
    assert run.console.count("Kernel panic - not syncing: sysrq triggered crash") == \
        sum(WAYS[n % len(WAYS)] == "panic" for n in range(RESTARTS))
    assert f"linux restarts, {RESTARTS} of {RESTARTS}" in run.console


def test_machine_is_its_image_each_time(run):
    assert [audit for audit in run.audits if audit != (True, [])] == []
    assert len(run.audits) == RESTARTS


def dma_of_the_dead(trace, stream):
    """Accesses of the disk's controller that the SMMU granted after it lost bus mastering and before a driver started it."""
    found, on, number = [], True, rf"sid={stream:#x} "
    for line in trace:
        if match := CONFIG_WRITE.search(line):
            on = on and bool(int(match[1], 16) & MASTER)
        elif "pci_nvme_mmio_start_success" in line:
            on = True
        elif not on and "smmuv3_translate_success" in line and re.search(number, line):
            found.append(line)
    return found


def test_no_dma_outlives_its_run(run):
    """The disk was at work each time."""
    stream = run.stream("nvme")
    assert dma_of_the_dead(run.trace, stream) == []
    starts = sum("pci_nvme_mmio_start_success" in line for line in run.trace)
    assert starts >= RESTARTS + 1
    assert sum("smmuv3_translate_success" in line and f"sid={stream:#x} " in line for line in run.trace) > 1000 * RESTARTS


def test_dma_of_the_dead_is_seen(run):
    """The verdict can fail: without the starts of drivers in the trace, what they do is such DMA."""
    trace = [line for line in run.trace if "pci_nvme_mmio_start_success" not in line]
    assert dma_of_the_dead(trace, run.stream("nvme")) != []


def test_controller_goes_on(run):
    """A loaded host may halve its rate."""
    assert run.in_the_end["wrong"] == 0
    assert sorted(run.rates)[len(run.rates) // 2] > 500
