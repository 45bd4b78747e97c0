# SPDX-License-Identifier: Apache-2.0
"""The console: whose the keyboard is, whole lines with their label, and a flood that costs nobody else a line."""
import re
import subprocess
import time

import pytest
from appliance import Appliance
from conftest import BUILD
from machine import Machine

ESCAPE = "\x1d"         # Ctrl-]
IN_TIME = 5             # seconds for a line of others, during the flood


def type_text(machine, text):
    """The board's UART has few places, and what overflows them is lost: a person does not type faster."""
    for c in text:
        machine.process.stdin.write(c.encode())
        machine.process.stdin.flush()
        time.sleep(0.02)


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    appliance = Appliance(BUILD / "console", "tests/boot/console/table.dts")
    with Machine(appliance, tmp_path_factory.mktemp("console"), boot="kernel", stdin=subprocess.PIPE) as machine:
        machine.go()
        for name in ("first", "second", "flood"):
            machine.wait_console(f"[{name}] listens")
        yield machine


def test_focus_follows_the_digit(machine):
    type_text(machine, "one\r")
    machine.wait_console("[first] typed: one")          # without a choice, the first
    type_text(machine, ESCAPE + "2two\r")
    machine.wait_console("mullion: console input goes to second")
    machine.wait_console("[second] typed: two")
    type_text(machine, ESCAPE + "1three\r")
    machine.wait_console("[first] typed: three")
    assert len(re.findall(r"typed: ", machine.console())) == 3


def test_other_keys_list_the_pds(machine):
    type_text(machine, ESCAPE + "2" + ESCAPE + "?")
    for line in ("console 1 first", "console 2 second, has the input", "console 3 flood"):
        machine.wait_console("mullion: " + line + "\r\n")
    type_text(machine, ESCAPE + "9four\r")              # there is none: a list, and the focus stays
    machine.wait_console("[second] typed: four")


def test_flood_drops_its_own_lines_only(machine):
    type_text(machine, ESCAPE + "3x" + ESCAPE + "1")
    machine.wait_console("lines of output dropped")     # it fills its ring; any one line may be among them
    for word in ("alpha", "beta", "gamma"):
        type_text(machine, word + "\r")
        machine.wait_console("[first] typed: " + word, timeout=IN_TIME)
    type_text(machine, ESCAPE + "2delta\r")
    machine.wait_console("[second] typed: delta", timeout=IN_TIME)
    type_text(machine, ESCAPE + "3x")
    machine.wait_console("lines of output dropped")
    time.sleep(1)                                       # what the ring still holds
    console = machine.console()
    assert set(re.findall(r"(\w+): \d+ lines of output dropped", console)) == {"flood"}
    written = machine.dump_int(machine.appliance.regions()["written"].pa, 8)
    seen = len(re.findall(r"^\[flood\] line \d+ of the flood goes on to here\r?$", console, re.M))
    assert seen + sum(int(n) for n in re.findall(r"flood: (\d+) lines", console)) == written


def test_lines_are_whole(machine):
    for line in machine.console().replace("\r", "").splitlines():
        assert re.match(r"(mullion: |\[(first|second|flood)\] (listens|typed: \w*|line \d+ of the flood goes on to here)$)",
                        line), line
