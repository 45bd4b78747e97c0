# SPDX-License-Identifier: Apache-2.0
"""`make table-from-machine`, and its table built and booted. Judged by what QEMU says of its own devices."""
import re
import shutil
import subprocess

import bridges
import pytest
from appliance import TOP, Appliance
from conftest import BUILD
from machine import Machine

DEVICES = [
    "edu,id=alone,addr=1.0",
    "pcie-root-port,id=single,addr=2.0,chassis=1", "nvme,id=disk,serial=1,bus=single",
    "pcie-root-port,id=switch,addr=3.0,chassis=2", "x3130-upstream,id=up,bus=switch",
    "xio3130-downstream,id=down-a,bus=up,chassis=3,slot=1", "xio3130-downstream,id=down-b,bus=up,chassis=4,slot=2",
    "edu,id=edu-a,bus=down-a", "e1000e,id=nic,romfile=,bus=down-b",
    "pcie-root-port,id=slots,addr=4.0,chassis=5", "pcie-pci-bridge,id=conventional,bus=slots",
    "edu,id=edu-slot,bus=conventional,addr=2.0",
    "pcie-root-port,id=empty,addr=5.0,chassis=6",
]
FUNCTIONS = {"alone", "nic", "edu-a", "disk", "edu-slot"}
OPEN = {"single", "switch", "up", "down-a", "down-b", "slots", "conventional"}
RESETS = {"alone": "none", "nic": "bus", "edu-a": "bus", "disk": "FLR, bus", "edu-slot": "none"}
NODE = re.compile(r"/\*([^{};]*?(\w{4}:\w\w:\w\w\.\d)[^{}]*?)\*/\s*(?:\w+: )?(\S+) \{(.*?)\n\t+\};", re.S)


def make(build, *words):
    return subprocess.run(["make", "-C", str(TOP), "--no-print-directory", f"O={build}", *words], capture_output=True,
                          text=True)


def probe(build, *words):
    shutil.rmtree(build / "skeleton", ignore_errors=True)
    return make(build, "table-from-machine", f"QEMU_DEVICES={' '.join('-device ' + d for d in DEVICES)}", *words)


def numbers(text, word):
    found = re.search(rf"\b{word} = (.*?);", text, re.S)
    return [int(cell, 0) for cell in re.findall(r"0x\w+|\b\d+\b", found[1])] if found else []


class Declared:
    def __init__(self, comment, bdf, body):
        self.comment, self.id, self.klass = comment, numbers(body, "id"), numbers(body, "class")[0] >> 8
        self.bdf = int(bdf[5:7], 16) << 8 | int(bdf[8:10], 16) << 3 | int(bdf[11])
        bars = re.findall(r"<(\d) MEM\d\d (0x\w+)>", body)
        self.bars = {int(index): int(size, 16) for index, size in bars}


@pytest.fixture(scope="module")
def skeleton():
    result = probe(BUILD / "skeleton-of")
    assert result.returncode == 0, result.stdout + result.stderr
    return BUILD / "skeleton-of" / "skeleton" / "table.dts"


def declared(table):
    found = [Declared(comment, bdf, body) for comment, bdf, _, body in NODE.findall(table.read_text())]
    return {node.bdf: node for node in found}


@pytest.fixture(scope="module")
def sealed(skeleton, tmp_path_factory):
    """What QEMU has, under the numbers of the table."""
    appliance = Appliance(BUILD / "skeleton-built", skeleton)
    with Machine(appliance, tmp_path_factory.mktemp("skeleton"), boot="kernel") as machine:
        machine.run_to("pd_run")
        devices, raw = bridges.functions(machine), {}

        def collect(found):
            for device in found:
                raw[device["qdev_id"]] = device
                collect(device.get("pci_bridge", {}).get("devices", []))
        for bus in machine.qmp.ask("query-pci"):
            collect(bus["devices"])
        machine.go()
        machine.wait_console("is there")
        yield devices, raw, machine.console()


def test_it_boots_as_it_is(sealed):
    assert "sealed" in sealed[2] and "FAILED" not in sealed[2]


def test_everything_is_in_it_and_nothing_else(skeleton, sealed):
    devices, raw, _ = sealed
    nodes = declared(skeleton)
    assert {name for name in devices if devices[name].bdf in nodes} == FUNCTIONS | OPEN
    assert len(nodes) == len(FUNCTIONS | OPEN)
    for name in FUNCTIONS | OPEN:
        node, device = nodes[devices[name].bdf], raw[name]
        assert node.id == [device["id"]["vendor"], device["id"]["device"]]
        assert node.klass == device["class_info"]["class"]
        assert node.bars == {bar["bar"]: bar["size"] for bar in device["regions"]
                             if bar["type"] == "memory" and bar["bar"] < 6}


def test_resets_and_groups(skeleton, sealed):
    devices, nodes = sealed[0], declared(skeleton)
    for name, resets in RESETS.items():
        assert f"reset: {resets};" in nodes[devices[name].bdf].comment
    together = {name for name in FUNCTIONS if "isolation group 1" in nodes[devices[name].bdf].comment}
    assert together == {"edu-a", "nic"}


def test_the_node_in_the_readme_is_as_written(skeleton):
    shown = re.search(r"(    /\* 0000:.*?\n    \};\n)", (TOP / "README.md").read_text(), re.S)[1]
    assert shown.split() in [skeleton.read_text().split()[at:at + len(shown.split())]
                             for at in range(len(skeleton.read_text().split()))]


def test_memory_and_cpus_and_what_is_closed(skeleton):
    head = skeleton.read_text().partition("#include")[0]
    assert "RAM that answered: 0x40000000-0x7fffffff" in head
    assert "CPUs that answered: cpu0 cpu1 cpu2 cpu3 cpu4 cpu5 cpu6 cpu7." in head
    assert re.findall(r"Bridge (\S+) is closed: (.*)", head) == [("pci-05-0", "nothing is behind it.")]


def test_an_existing_table_stays(skeleton):
    before = skeleton.read_text()
    result = make(BUILD / "skeleton-of", "table-from-machine")
    assert result.returncode and "table.dts exists: remove it" in result.stderr and skeleton.read_text() == before


def test_the_machine_is_asked(skeleton, tmp_path):
    """QEMU_EXTRA counts: fewer CPUs, one function more, other RAM."""
    words = [f"SKELETON={tmp_path / 'other'}", "QEMU_EXTRA=-smp 2 -device edu,addr=9.0"]
    assert make(BUILD / "skeleton-of", "table-from-machine", "QEMU_DEVICES=", *words).returncode == 0
    text = (tmp_path / "other" / "table.dts").read_text()
    assert "cpus = <&cpu0 &cpu1>;" in text and "pci-09-0 {" in text and len(NODE.findall(text)) == 1
    result = make(BUILD / "skeleton-of", "table-from-machine", f"SKELETON={tmp_path / 'small'}", "QEMU_EXTRA=-m 512")
    assert result.returncode and "is not the board" in result.stderr and "ram.last-page" in result.stderr
