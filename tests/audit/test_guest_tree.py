# SPDX-License-Identifier: Apache-2.0
"""What a PD's device tree says of its memory and of DMA is held against the table, whatever its digest."""
from types import SimpleNamespace

import libfdt
import pytest
from auditor.declaration import Declaration
from auditor.differences import Differences
from auditor.examine import audit_image
from auditor.fit import Fit
from auditor.guest_tree import check_guest_tree
from auditor.image import Elf, Image
from auditor.interrupts import watchdog_intid
from auditor.tree import Tree

MEMORY, PCI, GIC = "/memory@80000000", "/pcie@4010000000", "/interrupt-controller@8000000"
WATCHDOG = "/watchdog@a0002000"


def cells(*numbers):
    return b"".join(number.to_bytes(4, "big") for number in numbers)


# Node, property, value or what it becomes; None takes it away.
MISTAKES = {
    "memory": (MEMORY, "reg", cells(0, 0x80000000, 0, 0x00401000)),
    "memory of nobody": (MEMORY, "reg", cells(0, 0x80001000, 0, 0x00400000)),
    "CPUs": ("/cpus/cpu@1", "reg", cells(2)),
    "dma-ranges": (PCI, "dma-ranges", cells(3 << 24, 0, 0, 0, 0, 0, 0x00400000)),
    "dma-ranges, of everything": (PCI, "dma-ranges", None),
    "dma-ranges, elsewhere": (PCI, "dma-ranges", cells(3 << 24, 0, 0, 0, 0x80000000, 0, 0x00200000)),
    "configuration space": (PCI, "reg", cells(0x40, 0x10000000, 0, 0x00200000)),
    "interrupt controller": (GIC, "reg", cells(0, 0x08000000, 0, 0x10000, 0, 0x08030000, 0, 0x40000)),
    "MSI frame": (f"{GIC}/msi-controller@8010000", "reg", cells(0, 0x08020000, 0, 0x1000)),
    "watchdog": (WATCHDOG, "reg", cells(0, 0xA0003000, 0, 0x1000, 0, 0xA0002000, 0, 0x1000)),
    "watchdog, none": (WATCHDOG, "compatible", b"arm,sp805\0"),
    "watchdog, another's interrupt": (WATCHDOG, "interrupts", cells(0, 1, 4)),
    "watchdog, an edge": (WATCHDOG, "interrupts", lambda data: data[:8] + cells(1)),
    "initrd": ("/chosen", "linux,initrd-end", cells(0x80200000)),
}


@pytest.fixture(scope="module")
def system(builds):
    folder = builds["rich"]
    image = Image(Elf(folder / "mullion.elf"), Fit(folder / "appliance.itb"))
    subject, found = audit_image(image, Declaration(Tree(folder / "table.dtb")))
    assert found == []
    declared, built = next(pair for pair in subject.pds if pair[0].label == "system")
    images = {image.description: image.data for image in image.fit.loadables}
    return declared, images, watchdog_intid(declared, built)


def differences(system, data):
    declared, images, intid = system
    subject = SimpleNamespace(differences=Differences())
    check_guest_tree(subject, declared, images | {"system.dtb": data}, intid)
    return subject.differences


def test_as_built(system):
    assert differences(system, system[1]["system.dtb"]) == []


@pytest.mark.parametrize("mistake", MISTAKES)
def test_seen(system, mistake):
    path, name, value = MISTAKES[mistake]
    tree = libfdt.Fdt(system[1]["system.dtb"])
    tree.resize(tree.totalsize() + 4096)
    at = tree.path_offset(path)
    if value is None:
        tree.delprop(at, name)
    else:
        tree.setprop(at, name, value(bytes(tree.getprop(at, name))) if callable(value) else value)
    found = differences(system, bytes(tree.as_bytearray()))
    assert len(found) == 1 and mistake.partition(",")[0].partition(" of ")[0] in found[0]


def test_no_tree(system):
    assert len(differences(system, b"")) == 1
