# SPDX-License-Identifier: Apache-2.0
"""The device tree that a PD is given: its memory, where devices may reach, its registers, as the table declares them.

An operating system believes it. What it says too much ends in a fault of that PD; what it says of DMA decides which of
the PD's own memory devices get to see.
"""
import libfdt

from .board import FIRST_SPI, SPI_CELL
from .declaration import FRAME, REDISTRIBUTORS
from .ranges import PAGE
from .tree import Tree

BUS = 1 << 20
LEVEL_FLAG = 4                  # third cell of an interrupt: high level
REDISTRIBUTOR = 0x20000


def check_guest_tree(subject, declared, images, watchdog_intid):
    """`images`: by name, the bytes in the FIT; `watchdog_intid`: what the watchdog raises, if there is one."""
    data = images.get(f"{declared.label}.dtb")
    if data is None:
        return
    try:
        found = facts(Tree(data=data))
    except (ValueError, LookupError, libfdt.FdtException) as error:
        subject.differences.add(f"device tree of {declared.label}", error, "one")
        return
    subject.differences.fields(f"device tree of {declared.label}", found, expected(declared, images, watchdog_intid))


def spans(pairs):
    return ", ".join(f"{base:#x}+{size:#x}" for base, size in sorted(pairs)) or "none"


def reg(tree, *compatible):
    return spans(pair for node in tree.compatible(*compatible) for pair in node.ranges())


def dma_ranges(tree):
    """(bus address, PD address, size): phys.hi, two cells each."""
    found = []
    for node in tree.compatible("pci-host-ecam-generic"):
        cells = node.cells("dma-ranges")
        found += [tuple(cells[i] << 32 | cells[i + 1] for i in (at + 1, at + 3, at + 5))
                  for at in range(0, len(cells) - 6, 7)]
    return moves(found)


def watchdogs(tree):
    """Control frame, refresh frame, interrupt (arm,sbsa-gwdt): in this order."""
    return [(*node.ranges(), tuple(node.cells("interrupts"))) for node in tree.compatible("arm,sbsa-gwdt")]


def moves(found):
    return ", ".join(f"{bus:#x} to {base:#x}+{size:#x}" for bus, base, size in found) or "none"


def facts(tree):
    chosen = tree.node("/chosen")
    start = chosen.number("linux,initrd-start")
    return {"memory": spans(pair for node in tree.nodes if node.text("device_type") == "memory" for pair in node.ranges()),
            "CPUs": [node.number("reg") for node in tree.nodes if node.text("device_type") == "cpu"],
            "dma-ranges": dma_ranges(tree), "configuration space": reg(tree, "pci-host-ecam-generic"),
            "interrupt controller": reg(tree, "arm,gic-v3"), "MSI frame": reg(tree, "arm,gic-v2m-frame"),
            "watchdog": watchdogs(tree),
            "initrd": spans([(start, chosen.number("linux,initrd-end") - start)])}


def expected(declared, images, watchdog_intid):
    memory = [region for region in declared.regions if region.access == "rwx" and not region.shared_with]
    windows = {window.node: window for function in declared.functions for window in function.windows}
    initrd = next((image for image in declared.images if image.name.endswith(".initrd")), None)
    base, count, watchdog = declared.irqchip, len(declared.cpus), declared.watchdog
    return {"memory": spans((region.base, region.size) for region in memory), "CPUs": list(range(count)),
            "dma-ranges": moves((window.iova, window.base, window.size) for window in windows.values()),
            "configuration space": spans([(declared.ecam, BUS)] if declared.functions else []),
            "interrupt controller": spans([(base, FRAME), (base + REDISTRIBUTORS, count * REDISTRIBUTOR)]),
            "MSI frame": spans([(base + FRAME, 4096)] if declared.vectors else []),
            "watchdog": [] if watchdog is None else [((watchdog, PAGE), (watchdog + PAGE, PAGE),
                                                      (SPI_CELL, watchdog_intid - FIRST_SPI, LEVEL_FLAG))],
            "initrd": spans([(initrd.load, len(images[initrd.name]))] if initrd else [(0, 0)])}
