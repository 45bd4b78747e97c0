# SPDX-License-Identifier: Apache-2.0
"""What a PD may not do, under each policy: on-crash and on-dma-fault. Six PDs on one machine, which goes on."""
import re
import time

import pytest
from appliance import Appliance
from conftest import BUILD
from machine import Machine

MASTER = 1 << 2
ILLEGAL, DATA_ABORT_SAME, DATA_ABORT_LOWER = 0x00, 0x25, 0x24
IL, WNR, EXTERNAL = 1 << 25, 1 << 6, 0x10
FLAGS = 0xF << 28


def words(data):
    return [int.from_bytes(data[at:at + 8], "little") for at in range(0, len(data), 8)]


class Run:
    def __init__(self, machine):
        appliance = machine.appliance
        self.memory = {name: words(machine.dump(region.pa, 0x1000))
                       for name, region in appliance.regions().items() if name != "code"}
        self.master = {slot: machine.dump_int(appliance.config_page(0, slot) + 4, 2) & MASTER for slot in (1, 2, 3)}
        self.console = machine.console()
        self.running = machine.qmp.ask("query-status")["status"]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    appliance = Appliance(BUILD / "contained", "tests/boot/contained/table.dts")
    with Machine(appliance, tmp_path_factory.mktemp("contained"), boot="kernel") as machine:
        machine.go()
        end = time.monotonic() + 30
        ends = [appliance.regions()[name].pa for name in ("faults", "seen-report", "seen-quarantine")]
        while not all(machine.dump_int(address) for address in ends) and time.monotonic() < end:
            time.sleep(0.2)
        yield Run(machine)


def faults(run):
    memory = run.memory["faults"]
    assert memory[0] == 1, "the PD did not come to its end"
    return [memory[8 + 6 * n:14 + 6 * n] for n in range(11)]


@pytest.mark.parametrize("n", range(11))
def test_faults_become_exceptions_of_the_pd(run, n):
    kind, mode = n % 5, n // 5          # at EL1 with SP_EL1, with SP_EL0; at EL0
    vector, esr, far, elr, spsr, at = faults(run)[n]
    assert vector == [4, 0, 8][mode]
    assert spsr & ~FLAGS == [0x3C5, 0x3C4, 0x3C0][mode]
    assert elr == at
    if kind < 2:
        cause = DATA_ABORT_LOWER if mode == 2 else DATA_ABORT_SAME
        assert esr == cause << 26 | IL | EXTERNAL | (WNR if kind == 0 else 0)
        assert far == [0x50000010, 0x50000020][kind]
    else:
        assert esr == ILLEGAL << 26 | IL


def test_policies_of_a_crash(run):
    assert re.search("WARN goes-on: write outside its memory", run.console)
    assert "goes-on stopped" not in run.console
    assert "WARN no-vectors stopped: fetch outside its memory" in run.console
    assert "WARN crashes stopped: write outside its memory" in run.console
    assert not any(run.memory["never-report"]) and not any(run.memory["never-stop"])
    assert run.running == "running" and "PANIC" not in run.console


def dma(run, name):
    """How far the program came; COMMAND before, after the fault, after it was set again; whether DMA worked then."""
    memory = run.memory[name]
    return memory[0], *[bool(word & MASTER) for word in memory[1:4]], memory[0x101] == 0xCAFE


def test_dma_fault_reported(run):
    assert "(reports) at 0x98000000: F_TRANSLATION" in run.console
    assert dma(run, "seen-report") == (1, True, True, True, True) and run.master[1]


def test_dma_fault_quarantines(run):
    assert "of quarantined loses bus mastering (on-dma-fault)" in run.console
    assert dma(run, "seen-quarantine") == (1, True, False, False, False) and not run.master[2]


def test_dma_fault_stops(run):
    assert "WARN stopped stopped: a function of its own was denied memory (on-dma-fault)" in run.console
    assert dma(run, "seen-stop") == (0, True, False, False, False) and not run.master[3]


def test_reports_are_of_the_pd_that_did_it(run):
    assert set(re.findall(r"WARN denied \w+ of \S+ \((\S+)\)", run.console)) == {"reports", "quarantined", "stopped"}
