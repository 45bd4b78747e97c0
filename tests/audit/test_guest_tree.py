# SPDX-License-Identifier: Apache-2.0
"""What a PD's device tree says of its memory and of DMA is held against the table, whatever its digest."""
from types import SimpleNamespace

import libfdt
import pytest
from auditor.declaration import Declaration
from auditor.differences import Differences
from auditor.fit import Fit
from auditor.guest_tree import check_guest_tree
from auditor.tree import Tree

MEMORY, PCI, GIC = "/memory@80000000", "/pcie@4010000000", "/interrupt-controller@8000000"


def cells(*numbers):
    return b"".join(number.to_bytes(4, "big") for number in numbers)


# Node, property, value; None takes it away.
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
    "initrd": ("/chosen", "linux,initrd-end", cells(0x80200000)),
}


@pytest.fixture(scope="module")
def system(builds):
    declaration = Declaration(Tree(builds["rich"] / "table.dtb"))
    images = {image.description: image.data for image in Fit(builds["rich"] / "appliance.itb").loadables}
    return next(pd for pd in declaration.pds if pd.label == "system"), images


def differences(system, data):
    declared, images = system
    subject = SimpleNamespace(differences=Differences())
    check_guest_tree(subject, declared, images | {"system.dtb": data})
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
        tree.setprop(at, name, value)
    found = differences(system, bytes(tree.as_bytearray()))
    assert len(found) == 1 and mistake.partition(",")[0].partition(" of ")[0] in found[0]


def test_no_tree(system):
    assert len(differences(system, b"")) == 1
