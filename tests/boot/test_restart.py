# SPDX-License-Identifier: Apache-2.0
"""
PDs that start anew (restart/): by their own wish, by a crash, by a refused DMA, by their watchdog; 20 times, beside one
that goes on. What is judged is memory, QEMU's traces, and what the auditor says of the machine each time.
"""
import re
import time

import judge
import pytest
from appliance import Appliance
from audited import Audit, audit_image
from conftest import BUILD
from machine import Machine

# restart/log.h
WORDS = ["starts", "unclean", "dirty", "msis", "landed", "wires", "vcpus", "unasked", "settled", "own_msis", "works",
         "signals", "done"]
RESETS, WAYS = 20, 4                    # restart/asks.c
TIMEOUT = 120
RET = 0xD65F03C0
PDS = ["", "asks", "asks", "crashes", "strays", "watched", "watched", "steady"]        # by CPU


def log(machine, name):
    place = machine.appliance.regions()[f"{name}-log"].pa
    data = machine.dump(place, 8 * len(WORDS))
    return {word: int.from_bytes(data[8 * i:8 * i + 8], "little") for i, word in enumerate(WORDS)}


def ticks(machine):
    return machine.dump_int(machine.appliance.regions()["ticks"].pa, 8)


class Run:
    """Until all have come to their end; with an audit each time that a PD is about to start anew, or an edit at first."""

    def __init__(self, machine, edit=None):
        self.appliance = machine.appliance
        self.audits = []
        machine.run_to("cpus_release")
        if edit:
            edit(machine)
        else:
            self._audit_restarts(machine, Audit(self.appliance))
        machine.go()
        end = time.monotonic() + TIMEOUT
        while not all(log(machine, name)["done"] for name in ("asks", "strays", "watched")):
            assert time.monotonic() < end, machine.console()
            time.sleep(0.2)
        before, start = ticks(machine), time.monotonic()
        time.sleep(1)
        self.rate = (ticks(machine) - before) / (time.monotonic() - start)
        machine.qmp.ask("stop")
        self.log = {name: log(machine, name) for name in ("asks", "crashes", "strays", "watched")}
        self.console, self.trace = machine.console(), machine.trace()
        self.left = {name: machine.dump(region.pa, region.size) for name, region in self.appliance.regions().items()
                     if name.endswith("-io")}

    def _audit_restarts(self, machine, audit):
        machine.run_to("reload_quiet", TIMEOUT)         # the first restart: reload_load() is called at boot too
        while machine.console().count("asks restarts") < RESETS:
            machine.run_to("pd_begin", TIMEOUT)
            self._audit(machine, audit)
            machine.run_to("vgic_reset")

    def _audit(self, machine, audit):
        """The PD that is about to start is what it was at boot; another one may be between its reset and that."""
        found, differences = audit.machine(machine)
        own = PDS[int(re.search(r"thread:0*(\d+)", machine.gdb.last_stop)[1]) - 1]
        away = [name for name in PDS if name not in (own, "") and is_away(machine.console(), name)]
        if differences and all(any(f" of {name}:" in difference for name in away) for difference in differences):
            return
        self.audits.append((found == audit.needed, differences))


def is_away(console, name):
    """It was stopped, to start anew, and did not yet."""
    return console.rfind(f"{name} restarts,") > console.rfind(f"{name} starts at")


@pytest.fixture(scope="module")
def appliance():
    return Appliance(BUILD / "restart", "tests/boot/restart/table.dts")


@pytest.fixture(scope="module")
def run(appliance, tmp_path_factory):
    with Machine(appliance, tmp_path_factory.mktemp("restart"), boot="kernel") as machine:
        yield Run(machine)


def test_machine_is_its_image_each_time(run):
    assert len(run.audits) >= RESETS
    assert [differences for same, differences in run.audits if differences or not same] == []


def test_asked_for_itself(run):
    log = run.log["asks"]
    assert log["starts"] == RESETS + 1 and log["vcpus"] == RESETS + 1
    assert len(re.findall(r"mullion: asks restarts, \d+ of", run.console)) == RESETS
    assert f"asks restarts, {RESETS} of {RESETS}" in run.console


def test_cpu_on_of_before_is_forgotten(run):
    """The last run asked for a vCPU that did not come to it: just before the reset, or while the PD stopped."""
    assert run.log["asks"]["unasked"] == 0


def test_nothing_of_a_run_is_left(run):
    """Neither in memory nor in the function's registers."""
    for name, log in run.log.items():
        assert (name, log["unclean"], log["dirty"]) == (name, 0, 0)


@pytest.mark.parametrize("name", ["asks", "strays"])
def test_dma_and_msis_of_before_never_arrive(run, name):
    log = run.log[name]
    assert log["landed"] == 0 and log["msis"] == 0
    assert not any(run.left[f"{name}-io"][0x1000:])


@pytest.mark.parametrize("name", ["asks", "strays"])
def test_functions_work_again(run, name):
    assert run.log[name]["works"] == 1 and run.log[name]["own_msis"] >= 2


def test_dma_of_a_pd_that_stays_off_never_arrives(run):
    assert not any(run.left["crashes-io"][0x1000:])


def test_wire_that_was_active_comes_again(run):
    """Its handler ended a fourth of the runs."""
    assert run.log["asks"]["wires"] >= RESETS // WAYS + 1


def test_crash_restarts_until_its_limit(run):
    assert run.log["crashes"]["starts"] == 4
    assert run.console.count("WARN crashes stopped: write outside its memory") == 4
    assert "crashes restarts, 3 of 3" in run.console
    assert "WARN crashes stays off: restart-limit = <3 3600> is reached" in run.console


def test_refused_dma_restarts_once(run):
    """However many events one transfer makes, and those that were read late."""
    assert run.log["strays"]["starts"] == 2
    assert run.console.count("WARN strays stopped: a function of its own was denied memory") == 1
    assert "strays restarts, 1 of 3" in run.console


def test_watchdog_restarts(run):
    """By each vCPU; its limit, one a second, is never reached."""
    log = run.log["watched"]
    assert log["starts"] == 3
    assert log["signals"] == 1              # of the run in which a vCPU took it
    assert run.console.count("WARN watched stopped: its watchdog expired") == 2
    assert run.console.count("watched restarts, 1 of 1") == 2


def test_dma_stays_in_the_windows(run):
    assert judge.reach(run.trace, run.appliance.windows_by_stream()) == []
    assert judge.sealed_registers(run.trace[sealed_at(run.trace):]) == []
    strays = {stream for stream, _ in judge.events(run.trace)}
    assert len(strays) == 1


def sealed_at(trace):
    """Behind the last write that turned the SMMU on."""
    return max(i for i, line in enumerate(trace) if re.search(r"smmuv3_write_mmio addr: 0x20 ", line)) + 1


def test_others_go_on(run):
    assert run.rate > 250                   # of 1000, on a loaded host
    assert "PANIC" not in run.console


def without_resets(machine):
    """Neither a wait nor a write: in the constants, which no digest covers any more."""
    audit = Audit(machine.appliance)
    places = audit_image(audit.image, audit.declaration)[0].rebuilt.places
    for member in ("drain_us", "reset_count"):
        address, size = places[f"table.pds[1].{member}"]
        machine.gdb.write_int(address, 0, size)


def without_scrub(machine):
    machine.gdb.write_int(machine.appliance.symbol("pd_scrub"), RET, 4)


def test_restart_without_resets_is_seen(appliance, tmp_path):
    """The DMA of the last run lands in the memory of the next."""
    with Machine(appliance, tmp_path, boot="kernel") as machine:
        run = Run(machine, without_resets)
    assert run.log["asks"]["landed"] and any(run.left["asks-io"][0x1000:])


def test_restart_without_scrub_is_seen(appliance, tmp_path):
    with Machine(appliance, tmp_path, boot="kernel") as machine:
        run = Run(machine, without_scrub)
    assert run.log["asks"]["unclean"] == RESETS
