# SPDX-License-Identifier: Apache-2.0
"""Refused DMA faster than edu can: an e1000 works through descriptors that name memory outside its window (flood/).

Time is the machine's own, from QEMU's trace of the worker's timer: on -icount a run is always alike.
"""
import re
import time

import pytest
import rogue
from appliance import Appliance
from conftest import BUILD
from judge import EVENTQ_CONS
from machine import Machine

PER_MILLISECOND = 32                            # docs/isolation.md, "CPU time of others' CPUs"
EVENTQ_COUNTER = 0xFF                           # of 128 entries, and the wrap bit
VIRTUAL_TIMER, TICKS_OF_MS, OFF = 1, 62500, 1 << 60
FLOODER, CODE_SIZE, WORKER_BACK = 0x08, 0x4000, 0x1000
MSR_TVAL_X0, MSR_TVAL_XZR = 0xD51CE200, 0xD51CE21F      # cnthp_tval_el2
SETTLED = 10            # first intervals: QEMU's one thread deals out its turns to CPUs that start, up to 0.13 ms late
ICOUNT = "-icount shift=2,sleep=off -trace arm_gt_recalc"
WRITE = re.compile(r"smmuv3_write_mmio addr: 0x(\w+) val:0x(\w+)")
TIMER = re.compile(r"arm_gt_recalc gt recalc: timer (\d) next tick 0x(\w+)")


def intervals(trace):
    """Between two deadlines of the worker's timer: milliseconds, and how many events were taken from the queue."""
    found, taken, cons, deadline = [], 0, None, None
    for line in trace:
        if (match := WRITE.search(line)) and int(match[1], 16) == EVENTQ_CONS:
            now = int(match[2], 16) & EVENTQ_COUNTER
            taken, cons = taken + (0 if cons is None else now - cons & EVENTQ_COUNTER), now
        elif (match := TIMER.search(line)) and int(match[1]) == VIRTUAL_TIMER and int(match[2], 16) < OFF:
            now = int(match[2], 16)
            if deadline:
                found.append(((now - deadline) / TICKS_OF_MS, taken))
            taken, deadline = 0, now
    return found


def over(found):
    """Intervals, and runs of ten, in which more events were taken than the bound: a turn may lie at either end."""
    bad = []
    for length in (1, 10):
        for at in range(len(found) - length + 1):
            time_ms, taken = (sum(column) for column in zip(*found[at:at + length]))
            if taken > PER_MILLISECOND * (int(time_ms) + 1):
                bad.append(f"{taken} events in {time_ms:.2f} ms")
    return bad


class Run:
    """Until the worker has moved its first word to its device and back, which takes 200 ms of the machine's time."""

    def __init__(self, appliance, folder, burst, edit=None):
        with Machine(appliance, folder, boot="kernel", extra=ICOUNT) as machine:
            machine.run_to("cpus_release")
            rogue.set_words(machine, appliance.regions()["flooder-code"].pa, CODE_SIZE, {"burst": burst})
            if edit:
                edit(machine)
            machine.go()
            done = appliance.regions()["worker-io"].pa + WORKER_BACK
            end = time.monotonic() + 60
            while not machine.dump_int(done) and time.monotonic() < end:
                time.sleep(0.2)
            machine.qmp.ask("stop")
            self.rounds, self.console, trace = machine.dump_int(done), machine.console(), machine.trace()
        self.intervals = intervals(trace)
        self.taken = sum(taken for _, taken in self.intervals)
        self.recorded = sum(f"sid={FLOODER:#x}" in line for line in trace if "smmuv3_record_event" in line)


@pytest.fixture(scope="module")
def appliance():
    return Appliance(BUILD / "flood", "tests/boot/flood/table.dts", config="qemu-virt-arm64_appliance_defconfig")


@pytest.fixture(scope="module", params=[8, 20])
def run(appliance, tmp_path_factory, request):
    """Every 100 us as many events as this: more than are taken, so that the queue of 128 overflows."""
    return Run(appliance, tmp_path_factory.mktemp("flood"), request.param)


def test_events_are_taken_at_a_bounded_rate(run):
    assert over(run.intervals) == []
    assert run.recorded > 2 * run.taken > PER_MILLISECOND * len(run.intervals)
    assert "events were lost" in run.console and "PANIC" not in run.console


def test_the_other_pd_goes_on(run):
    """Its DMA, and its timer: a tick that came late would make the next deadline late."""
    assert run.rounds >= 1 and len(run.intervals) >= 190
    assert max(time_ms for time_ms, _ in run.intervals[SETTLED:]) < 1.05


def test_a_timer_that_is_too_fast_is_seen(appliance, tmp_path):
    """The next turn follows at once instead of a millisecond later: in the hypervisor's code, which no digest covers."""
    def edit(machine):
        at = appliance.symbol("arch_timer_start")
        assert machine.dump_int(at) == MSR_TVAL_X0
        machine.gdb.write_int(at, MSR_TVAL_XZR, 4)
    assert over(Run(appliance, tmp_path, 20, edit).intervals) != []
