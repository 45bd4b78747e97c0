# SPDX-License-Identifier: Apache-2.0
"""
Functions behind a port, a switch and a bridge to conventional PCI: the same numbers, windows, streams, DMA and MSIs
whether firmware numbered the bridges its own way (U-Boot) or not at all. Judged by what QEMU says of its own devices.
"""
import re
import time

import bridges
import edu
import judge
import pytest
from appliance import Appliance, Window
from conftest import BUILD
from machine import Machine
from test_refusals import judge_machine, replace, without

TRACES = "-trace gicv3_its_translation_write -trace pci_cfg_write"
CLOSED = {"closed": None, "down-closed": "upstream"}
DECLARED = {"single": None, "switch": None, "slots": None, "upstream": "switch", "down-a": "upstream",
            "down-b": "upstream", "conventional": "slots"}
# By owner, in the order of its program, behind what.
OWNERS = {"single": {"edu-single": "single"}, "switched": {"edu-a": "down-a", "edu-b": "down-b"},
          "conventional": {"edu-slot-1": "conventional", "edu-slot-2": "conventional"},
          "neighbour": {"edu-neighbour": None}}
EDUS = {name: above for functions in OWNERS.values() for name, above in functions.items()}
QUARANTINED = set(OWNERS["conventional"])
# Where the program leaves what it saw: functions.c.
DONE, FUNCTIONS_SEEN, FIRST_SEEN = range(3)
COMMAND_BEFORE, ROUND_TRIP, MSIS, RAISED, COMMAND_AFTER, ROUND_TRIP_AFTER = range(6)
AGAIN, SIZE = 0xC00, 256
ACS_USED = 0x1F                         # source validation, translation blocking, redirects, upstream forwarding
ITS_WRITE = re.compile(r"gicv3_its_translation_write .*offset 0x40 data (\w+) size 4 requester_id (\w+)")
CFG_WRITE = re.compile(r"pci_cfg_write (\S+) (\w+):(\w+)\.(\d+) @(\w+) <- (\w+)")


@pytest.fixture(scope="module")
def bridged():
    return Appliance(BUILD / "bridges", "tests/boot/bridges/table.dts")


def windows_by_function(appliance):
    """What the report says that each function reaches, and its doorbell."""
    windows = {}
    for part in re.split(r"\n  function ", appliance.report)[1:]:
        name = part.split()[0]
        found = re.findall(r"reaches +I/O (\w+)-(\w+) -> host (\w+)-\w+ (\S+)", part)
        bell = re.search(r"doorbell +I/O (\w+)-(\w+) -> host (\w+)", part)
        windows[name] = [Window(int(a, 16), int(b, 16), int(c, 16), rights) for a, b, c, rights in found]
        windows[name].append(Window(*(int(word, 16) for word in bell.groups()), "-w-"))
    return windows


class Seen:
    """What a PD's program left."""

    def __init__(self, machine, owner):
        memory = machine.dump(machine.appliance.regions()[f"seen-{owner}"].pa, 0x1000)
        words = [int.from_bytes(memory[at:at + 8], "little") for at in range(0, len(memory), 8)]
        self.found = words[FIRST_SEEN:FIRST_SEEN + words[FUNCTIONS_SEEN]]
        self.functions = {name: words[32 * (n + 1):32 * (n + 2)] for n, name in enumerate(OWNERS[owner])}


class Run:
    def __init__(self, machine):
        self.machine, self.appliance = machine, machine.appliance
        machine.run_to("pci_deny")
        self.firmware = bridges.functions(machine)
        machine.run_to("pci_compare")
        self.denied = {name: bridges.command(machine, function.bdf) for name, function in self.firmware.items()}
        machine.run_to("pci_allow_dma")
        found = bridges.functions(machine)
        self.before_allow = {name: bridges.command(machine, function.bdf) for name, function in found.items()}
        machine.run_to("pd_run")
        self.sealed = bridges.functions(machine)
        self.seal_line = len(machine.trace())
        machine.go()
        self.wait()
        machine.gdb.interrupt()
        self.functions = bridges.functions(machine)
        self.seen = {owner: Seen(machine, owner) for owner in OWNERS}
        self.words = {name: words for seen in self.seen.values() for name, words in seen.functions.items()}
        self.console = machine.console()
        self.trace = machine.trace()[self.seal_line:]

    def wait(self):
        places = [self.appliance.regions()[f"seen-{owner}"].pa + 8 * DONE for owner in OWNERS]
        end = time.monotonic() + 60
        while not all(self.machine.dump_int(place) for place in places):
            assert time.monotonic() < end, self.machine.console()
            time.sleep(0.2)

    def windows(self):
        """By stream, as QEMU's SMMU counts them."""
        declared = windows_by_function(self.appliance)
        return {self.functions[name].requester(): declared[self.functions[name].name()] for name in EDUS}


@pytest.fixture(scope="module", params=["u-boot", "kernel"])
def run(request, bridged, tmp_path_factory):
    with Machine(bridged, tmp_path_factory.mktemp("bridges"), boot=request.param, extra=TRACES) as machine:
        result = Run(machine)
        result.boot = request.param
        yield result


def test_firmware_left_other_numbers(run):
    """U-Boot numbers all, the closed ones first; without it nobody does. What it reached was denied by its numbers."""
    found = bridges.numbers(run.firmware)
    if run.boot == "kernel":
        assert found == dict.fromkeys(["closed", "single", "switch", "slots"], (0, 0, 0))
    else:
        assert set(run.firmware) == set(CLOSED) | set(DECLARED) | set(EDUS) | {"edu-closed", "edu-down-closed"}
        assert all(secondary and found[name] != bridges.numbers(run.functions)[name]
                   for name, (_, secondary, _) in found.items())
    assert not any(command & bridges.DECODES for command in run.denied.values())


def test_everybody_has_the_number_of_the_table(run):
    assert bridges.misplaced(run.functions, CLOSED | DECLARED | EDUS) == []
    for name in EDUS:
        assert f"function {run.functions[name].name()} " in run.appliance.report


def test_undeclared_bridges_are_closed(run):
    assert bridges.open_although_undeclared(run.machine, run.functions, CLOSED) == []
    assert re.findall("undeclared bridge (.*)\r", run.console) == [
        "00:01.0 id 1b36:000c class 060400: closed", "03:00.0 id 104c:8233 class 060400: closed"]


def test_windows_lead_to_the_functions_and_nowhere_else(run):
    assert bridges.misrouted(run.machine, run.functions, EDUS) == []


def test_bus_mastering_comes_last(run):
    assert set(run.before_allow) == set(CLOSED | DECLARED | EDUS)
    assert not any(command & bridges.MASTER for command in run.before_allow.values())
    for name in DECLARED:
        command = bridges.command(run.machine, run.functions[name].bdf)
        assert command & bridges.DECODES == bridges.MEMORY | bridges.MASTER


def test_acs_is_on_where_the_table_says(run):
    for name in ("single", "switch", "slots"):
        able, enabled = bridges.acs(run.machine, run.functions[name].bdf)
        assert able & ACS_USED == ACS_USED and enabled == ACS_USED
    assert bridges.acs(run.machine, run.functions["down-a"].bdf) is None
    assert bridges.acs(run.machine, run.functions["closed"].bdf)[1] == 0


def test_pds_see_functions_on_the_first_bus_and_no_bridge(run):
    assert {owner: seen.found for owner, seen in run.seen.items()} == {
        "single": [0], "switched": [0, 8], "conventional": [0, 8], "neighbour": [run.functions["edu-neighbour"].bdf]}


def test_dma_reaches_the_windows_and_nothing_else(run):
    assert judge.reach(run.trace, run.windows()) == []
    for name, function in run.functions.items():
        if name in EDUS:
            assert judge.grants(run.trace, function.requester())
            assert run.words[name][ROUND_TRIP] == 1
            assert run.words[name][ROUND_TRIP_AFTER] == (name not in QUARANTINED)


def test_each_window_has_what_its_function_brought(run):
    """The round trips, from outside: the function's own pattern, copied, in its own host memory."""
    for owner, names in OWNERS.items():
        for n, name in enumerate(names):
            window = windows_by_function(run.appliance)[run.functions[name].name()][0]
            memory = run.machine.dump(window.pa, window.size)
            if name == "edu-slot-1":    # its neighbour has the same window, and came later
                continue
            assert int.from_bytes(memory[:8], "little") == ((n + 1) * 0x9E3779B97F4A7C15 + AGAIN) % 2**64
            copied = memory[AGAIN:AGAIN + SIZE] == memory[:SIZE]
            assert copied == (name not in QUARANTINED)


def test_denials_are_reported_as_qemu_recorded_them(run):
    recorded = judge.events(run.trace)
    names = {run.functions[name].requester(): run.functions[name].name() for name in reversed(EDUS)}
    reported = judge.reported(run.machine.console())
    assert {(names[stream], kind): count for (stream, kind), count in recorded.items()} == reported
    assert {name for name, _ in reported} == set(names.values())
    assert {kind for _, kind in reported} == {"F_TRANSLATION"}


def test_msis_arrive_at_the_owner_and_nowhere_else(run):
    """What the ITS was told, by requester and data, is what the PDs counted."""
    written = {}
    for line in run.trace:
        if match := ITS_WRITE.search(line):
            key = int(match[2], 0), int(match[1], 0)
            written[key] = written.get(key, 0) + 1
    counted = {}
    for name, words in run.words.items():
        intid = pool_base(run.appliance, name) + list(OWNERS[owner_of(name)]).index(name)
        counted[run.functions[name].requester(), intid] = words[MSIS]
        assert words[RAISED] == 1
    assert written == counted


def owner_of(name):
    return next(owner for owner, names in OWNERS.items() if name in names)


def pool_base(appliance, name):
    part = next(part for part in appliance.report.split("\nPD ") if part.startswith(owner_of(name)))
    return int(re.search(r"interrupts (\d+) to (\d+) of", part)[1])


def test_one_requester_is_quarantined_as_one(run):
    """One of the two functions of the conventional bus went astray; nobody can tell which."""
    for name in EDUS:
        master = name not in QUARANTINED
        assert bool(run.words[name][COMMAND_BEFORE] & bridges.MASTER)
        assert bool(run.words[name][COMMAND_AFTER] & bridges.MASTER) == master
        assert bool(bridges.command(run.machine, run.functions[name].bdf) & bridges.MASTER) == master
        lost = f"{run.functions[name].name()} of {owner_of(name)} loses bus mastering (on-dma-fault)"
        assert (lost in run.console) == (not master)
    assert re.search(r"denied \w+ of \S+ or its neighbours \(conventional\)", run.console)


def test_bridges_stay_as_they_were_sealed(run):
    assert bridges.numbers(run.functions) == bridges.numbers(run.sealed)
    found = [match for line in run.trace if (match := CFG_WRITE.search(line))]
    written = {int(match[2], 16) << 8 | int(match[3], 16) << 3 | int(match[4]) for match in found}
    assert written == {run.functions[name].bdf for name in EDUS}


BAR, PORT_OPEN = 0x20000000, {0x18: 0x010100, 0x20: 0x20002000, 0x04: 0x0006}
CANARY = b"canary behind a bridge " * 16


@pytest.mark.parametrize("denied", [True, False])
def test_device_left_running_where_no_number_leads(bridged, tmp_path, denied):
    """Firmware armed it, then took the number of the bridge away: nobody silences it. Without a hypervisor it fires."""
    free = bridged.reg("mullion,hypervisor")[0] + 0x10000000
    with Machine(bridged, tmp_path, boot="kernel") as machine:
        machine.run_to("entry")
        for register, value in PORT_OPEN.items():
            machine.gdb.write_int(bridged.config_page(0, 1) + register, value, 4)
        edu.enable(machine.gdb, bridged.config_page(1, 0), BAR)
        edu.arm_write(machine.gdb, BAR, free)
        machine.gdb.write_int(bridged.config_page(0, 1) + 0x18, 0, 4)
        assert machine.dump_int(bridged.config_page(1, 0)) == 0xFFFFFFFF
        machine.gdb.write(free, CANARY)
        if not denied:          # a wait for ever, in place of the first instruction
            machine.gdb.write_int(bridged.symbol("entry"), 0x14000000, 4)
        machine.go()
        if denied:
            machine.wait_console("loses bus mastering")
            assert judge.aborts(machine.trace(), 0) > 0
        end = time.monotonic() + 5
        while not denied and machine.dump(free, len(CANARY)) == CANARY and time.monotonic() < end:
            time.sleep(0.1)
        assert (machine.dump(free, len(CANARY)) == CANARY) == denied


def test_an_open_bridge_and_a_wrong_window_are_seen(bridged, tmp_path):
    """These tests can fail."""
    with Machine(bridged, tmp_path, boot="kernel") as machine:
        machine.run_to("pd_run")
        found = bridges.functions(machine)
        page = bridges.page(machine, found["closed"].bdf)
        machine.gdb.write_int(page + 0x18, 0x090900, 4)
        machine.gdb.write_int(page + bridges.COMMAND, bridges.MASTER, 2)
        machine.gdb.write_int(bridges.page(machine, found["single"].bdf) + 0x20, 0xFFF00000, 4)
        found = bridges.functions(machine)
        assert bridges.open_although_undeclared(machine, found, CLOSED) == [
            "closed has bus numbers (0, 9, 9)", "closed decodes or is bus master"]
        assert "edu-closed is reached" in bridges.misplaced(found, CLOSED | DECLARED | EDUS)
        assert "single forwards what is edu-neighbour's" in bridges.misrouted(machine, found, EDUS)


def missing(name):
    return {f"pci.vendor {name}": "found 0xffff, needed 0x1234", f"pci.device {name}": "found 0xffff, needed 0x11e8"}


def no_single_port(words):
    return without("-device", "id=single,")(without("-device", "bus=single,")(words))


PORT, BEHIND_PORT = "0000:00:02.0", "0000:01:00.0"
# How the machine differs, who loads the image, and all verdicts that must fail.
WRONG = {
    "bridge-missing": (no_single_port, "u-boot", missing(BEHIND_PORT) | {
        f"pci.vendor {PORT}": "found 0xffff, needed 0x1b36",
        f"pci.device {PORT}": "found 0xffff, needed 0xc",
        f"pci.bridge-buses {PORT}": "found 0xffffff, needed 0x10100"}),
    "another-bridge": (replace("pcie-root-port,chassis=2,", "ioh3420,chassis=2,"), "kernel", {
        f"pci.vendor {PORT}": "found 0x8086, needed 0x1b36",
        f"pci.device {PORT}": "found 0x3420, needed 0xc",
        f"pci.bar-size {PORT}": "found 0x0, needed 0x1000"}),
    "function-in-place-of-a-bridge": (lambda words: [*no_single_port(words), "-device", "edu,addr=2.0"], "u-boot",
                                      missing(BEHIND_PORT) | {
        f"pci.vendor {PORT}": "found 0x1234, needed 0x1b36",
        f"pci.device {PORT}": "found 0x11e8, needed 0xc",
        f"pci.class {PORT}": "found 0xff00, needed 0x60400",
        f"pci.header {PORT}": "found 0x0, needed 0x1",
        f"pci.bridge-buses {PORT}": "found 0x0, needed 0x10100"}),
    "function-behind-a-port-missing": (without("-device", "bus=single,"), "kernel", missing(BEHIND_PORT)),
    "function-behind-a-switch-missing": (without("-device", "bus=down-b,"), "u-boot", missing("0000:05:00.0")),
    "function-of-a-conventional-bus-missing": (without("-device", "id=edu-slot-2"), "kernel", missing("0000:07:02.0")),
    "no-acs": (replace("pcie-root-port,chassis=2,", "pcie-root-port,disable-acs=on,chassis=2,"), "kernel", {
        f"pci.acs-capability {PORT}": "found 0x0, needed 0xd"}),
}


@pytest.mark.parametrize("name", WRONG)
def test_machine_differs(bridged, tmp_path, name):
    judge_machine(bridged, tmp_path, *WRONG[name])
