# SPDX-License-Identifier: Apache-2.0
"""The auditor as a user meets it: what it writes, what it says of files that do not belong together, and of no files."""
import hashlib
import json
import re
import shutil
import struct
import subprocess
from pathlib import Path

import libfdt
import pytest
from auditor.declaration import Declaration
from auditor.examine import audit_image
from auditor.fit import Fit
from auditor.image import Elf, Image
from auditor.tree import Tree
from elftools.elf.elffile import ELFFile

AUDIT = Path(__file__).resolve().parent / "audit.py"
FILES = {"elf": "mullion.elf", "fit": "appliance.itb", "table": "table.dtb"}
# Members of the constants that decide nothing: words for people.
WORDS = {("table", "digest"), ("table_pci_register", "verdict")}


@pytest.fixture(scope="module")
def rich(builds):
    return builds["rich"]


@pytest.fixture(scope="module")
def elf(rich):
    return Elf(rich / FILES["elf"])


@pytest.fixture(scope="module")
def fit(rich):
    return Fit(rich / FILES["fit"])


@pytest.fixture(scope="module")
def declaration(rich):
    return Declaration(Tree(rich / FILES["table"]))


@pytest.fixture
def copies(rich, tmp_path):
    for name in FILES.values():
        shutil.copy(rich / name, tmp_path)
    return tmp_path


def run(folder, **other):
    words = [word for name, file in FILES.items() for word in (f"--{name}", str(other.get(name, folder / file)))]
    return subprocess.run(["/usr/bin/python3", str(AUDIT), *words, "--out", str(folder / "audit.json")],
                          capture_output=True, text=True, check=False)


def test_what_it_writes(copies):
    done = run(copies)
    assert done.returncode == 0 and done.stderr == ""
    found = json.loads((copies / "audit.json").read_text())
    assert found["sha256"] == {name: hashlib.sha256((copies / name).read_bytes()).hexdigest()
                               for name in FILES.values()}
    disk = found["functions"]["0000:00:01.0"]
    assert disk["pd"] == "nvme" and [(part["from"], part["to"], part["rights"]) for part in disk["reaches"]] == [
        ("0x1ff000", "0x600fff", "rw-"), ("0x8010000", "0x8010fff", "-w-"), ("0xa1000000", "0xa1000fff", "-w-")]
    assert found["functions"]["0000:04:01.0"]["stream"] == found["functions"]["0000:04:02.0"]["stream"] == "0x400"
    run_map = found["maps"]["run map of cpu@7"]["writes"]
    assert all(part["rights"] == "rw-" for part in run_map) and len(run_map) > 5


def difference(done):
    """The lines of a run that found some."""
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    return done.stderr


def fit_property(path, node, name, change):
    """Alters a property of the FIT, of the same size."""
    fdt = libfdt.Fdt(path.read_bytes())
    offset = fdt.path_offset(node)
    fdt.setprop(offset, name, change(bytes(fdt.getprop(offset, name))))
    path.write_bytes(fdt.as_bytearray())


def flipped(at):
    return lambda data: data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


FIT_CHANGES = {
    "code": ("/images/mullion", "data", 0x1000, r"FIT, \.text at .*: found .*, needed .*as in mullion\.elf"),
    "constants": ("/images/mullion", "data", 0x10000, "digest of the constants"),
    "hash of the hypervisor": ("/images/mullion/hash-1", "value", 3, "FIT, hash of mullion"),
    "load address": ("/images/mullion", "load", 7, "FIT, "),
    "entry": ("/images/mullion", "entry", 7, "FIT, entry of the hypervisor"),
    "a PD's image": ("/images/pd-2", "data", 5, "image of net, digest"),
    "hash of a PD's image": ("/images/pd-2/hash-1", "value", 0, "FIT, hash of pd-2"),
    "store of a PD's image": ("/images/pd-2", "load", 6, "image of net, stored at"),
    "whose a PD's image is": ("/images/pd-2", "description", 0, "FIT, images of PDs"),
}


@pytest.mark.parametrize("name", FIT_CHANGES)
def test_other_fit_is_seen(elf, declaration, copies, name):
    node, member, at, line = FIT_CHANGES[name]
    fit_property(copies / FILES["fit"], node, member, flipped(at))
    _, differences = audit_image(Image(elf, Fit(copies / FILES["fit"])), declaration)
    assert [found for found in differences if re.match(line, found)], differences


@pytest.mark.parametrize("section", [".text", ".digest", ".rodata", ".tables.cpu", ".tables.iommu", ".boot_root"])
def test_other_elf_is_seen(copies, section):
    path = copies / FILES["elf"]
    with open(path, "rb") as file:
        at = ELFFile(file).get_section_by_name(section)["sh_offset"] + 16
    path.write_bytes(flipped(at)(path.read_bytes()))
    assert f"audit: FIT, {section} at " in difference(run(copies))
    assert not (copies / "audit.json").exists()


def cells(*numbers):
    return struct.pack(f">{len(numbers)}I", *numbers)


def phandle(fdt, path):
    return bytes(fdt.getprop(fdt.path_offset(path), "phandle"))


P, HYPERVISOR = "/partitions", "/reserved-memory/hypervisor@40200000"
# What another table declares, and what then differs from it.
OTHER_TABLES = {
    "access": (f"{P}/nvme/constants@84000000", "access", b"rw\0", "memory of nvme, constants .*r-- .*needed rw-"),
    "size": (f"{P}/nvme/constants@84000000", "reg", cells(0, 0x84000000, 0, 0x2000), "memory of nvme, .*needed not mapped"),
    "place": (f"{P}/nvme/jumps@84010000", "reg", cells(0, 0x84020000, 0, 0x1000), "memory of nvme, jumps .*found not mapped"),
    "phys": (f"{P}/net/code@80000000", "phys", cells(0, 0x62000000), "code of net, host address"),
    "D bit": (f"{P}/net/lists@91000000", "dma", b"rw\0", "DMA of port of net, lists .*found r--.*needed rw-"),
    "I/O address": (f"{P}/nvme/queues@901ff000", "iova", cells(0, 0x3FF000), "DMA of disk of nvme"),
    "not shared": (f"{P}/wires/common@89000000", "shared-with", b"", ".* of .*: found over .*, needed memory of its own"),
    "windows": (f"{P}/net/port", "windows", lambda fdt: phandle(fdt, f"{P}/net/lists@91000000"), "DMA of port of net"),
    "vendor": (f"{P}/net/port", "id", cells(0x8087, 0x10D3), "function port of net, vendor"),
    "class": (f"{P}/net/port", "class", cells(0x020001), "function port of net, class"),
    "bdf": (f"{P}/net/port", "bdf", cells(0, 3, 0), "function port of net: found nothing at 0000:00:03.0"),
    "BAR size": (f"{P}/net/port", "bars", cells(0, 32, 0x40000, 1, 32, 0x20000), "function port of net, BAR 0, size"),
    "MSI vectors": (f"{P}/net/port", "msi", cells(0xD0, 2, 3), "configuration space of port"),
    "capability": (f"{P}/nvme/disk", "pm", cells(0x70), "configuration space of disk"),
    "CPUs": (f"{P}/wires", "cpus", lambda fdt: phandle(fdt, "/cpus/cpu@1"), "constants of cpu@1"),
    "housekeeping": (P, "housekeeping", lambda fdt: phandle(fdt, "/cpus/cpu@1"), "housekeeping CPU"),
    "console": (f"{P}/wires", "console", cells(0, 0xA0001000), "constants of wires, console"),
    "policy": (f"{P}/net", "on-crash", b"stop\0", "constants of net, on-crash"),
    "restart": (f"{P}/wires", "on-dma-fault", b"stop\0", "constants of wires, on-dma-fault"),
    "restarts": (f"{P}/nvme", "restart-limit", cells(6, 3600), "restarts of nvme, times"),
    "restarts' time": (f"{P}/wires", "restart-limit", cells(1, 60), "restarts of wires, seconds"),
    "reset": (f"{P}/nvme/card1", "reset", b"flr\0", r"reset 8 of nvme .*found nothing, needed .*0x8000, 0x186a0"),
    "reset's writes": (f"{P}/nvme/quiet", "reset-writes", cells(2, 0x1002, 16, 0x8000, 2, 3, 8, 1),
                       r"reset 2 of nvme .*0xdeadbeef, 0x0, needed .*0x8000, 0x0"),
    "reset's place": (f"{P}/nvme/quiet", "reset-writes", cells(2, 0x2002, 16, 0),
                      r"reset 2 of nvme: found 2 bytes at \w+2002, needed aligned, in registers that its reload map"),
    "port's reset": (f"{P}/nvme/card1", "bridge", lambda fdt: phandle(fdt, f"{P}/bare"),
                     "bare, reset with wires: found card1 of nvme behind it"),
    "drain": (f"{P}/nvme/quiet", "drain-us", cells(250001), "restarts of nvme, drained after"),
    "watchdog": (f"{P}/nvme", "watchdog", cells(0, 0xA0006000), "constants of nvme, watchdog"),
    "interrupt controller": (f"{P}/net", "irqchip", cells(0, 0x0B000000), "memory of net"),
    "configuration space": (f"{P}/net", "ecam", cells(0, 0xD0000000), "constants of net, configuration space"),
    "image's place": (f"{P}/net/image", "load", cells(0, 0x80001000), "image of net, copied to"),
    "device": (f"{P}/wires/clock", "device", lambda fdt: phandle(fdt, f"{P}/nvme/queues@901ff000"), "memory of wires"),
    "bridge's type": (f"{P}/slots", "type", b"upstream\0", "function old0 of wires, stream"),
    "bridge's ACS": (f"{P}/port", "acs", cells(0x150), "register 0x148"),
    "bridge's BAR": (f"{P}/slots", "bars", cells(0, 64, 0x1000), "bridge slots, BAR 0, size"),
    "RAM": ("/memory@40000000", "reg", cells(0, 0x40000000, 0, 0x20000000), "constants of the board, RAM"),
    "hypervisor's memory": (HYPERVISOR, "reg", lambda fdt: bytes(fdt.getprop(fdt.path_offset(HYPERVISOR), "reg"))[:8]
                            + cells(0, 0x1000), "hypervisor, "),
}


@pytest.mark.parametrize("name", OTHER_TABLES)
def test_other_table_is_seen(rich, elf, fit, tmp_path, name):
    path, member, value, line = OTHER_TABLES[name]
    fdt = libfdt.Fdt((rich / FILES["table"]).read_bytes())
    fdt.resize(fdt.totalsize() + 64)
    value = value(fdt) if callable(value) else value
    assert fdt.path_offset(path) and bytes(fdt.getprop(fdt.path_offset(path), member)) != value
    fdt.setprop(fdt.path_offset(path), member, value)
    (tmp_path / "other.dtb").write_bytes(fdt.as_bytearray())
    _, differences = audit_image(Image(elf, fit), Declaration(Tree(tmp_path / "other.dtb")))
    assert [found for found in differences if re.match(line, found)], differences


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("kind", ["missing", "empty", "short", "another"])
def test_what_is_no_build_is_one_line(copies, name, kind):
    path = copies / FILES[name]
    contents = {"empty": b"", "short": path.read_bytes()[:len(path.read_bytes()) // 2], "another": AUDIT.read_bytes()}
    path.unlink()
    if kind in contents:
        path.write_bytes(contents[kind])
    lines = difference(run(copies)).splitlines()
    assert len(lines) == 1 and lines[0].startswith("audit: ") and FILES[name] in lines[0], lines


def test_every_constant_is_read(elf, fit, declaration):
    """Each member of each structure that the constants are made of, so that none can be added unseen."""
    _, differences = audit_image(Image(elf, fit), declaration)
    assert differences == []
    unread = members(elf.unit) - elf.unit.asked - WORDS
    assert unread == set()


def members(unit):
    """(structure, member) of all that `table` holds and points at."""
    todo, seen = [unit.variable], set()
    while todo:
        kind = todo.pop()
        while kind.kind in ("pointer", "array"):
            kind = unit.pointed(kind) if kind.kind == "pointer" else kind.of
        # An address with a type of its own is read as a number; what is written at run time is no constant.
        if kind.kind == "struct" and len(kind.members) > 1 and kind.name.startswith("table"):
            new = {(kind.name, name) for name in kind.members} - seen
            seen |= new
            todo += [kind.members[name][1] for _, name in new]
    return seen
