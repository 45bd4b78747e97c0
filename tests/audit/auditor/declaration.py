# SPDX-License-Identifier: Apache-2.0
"""What a table declares (docs/table.md): PDs with memory, devices, functions. Placements are not in it."""
from typing import NamedTuple

from .board import Board, Range, interrupts

MEM64 = 64                              # type of a BAR
MSI_64, MSI_MASK = 1, 2                 # third cell of `msi`
FRAME, REDISTRIBUTORS = 0x10000, 0x20000        # of a PD's interrupt controller, from its distributor on
DRAIN_US = 100000                       # `drain-us` of a function that has none


class Region(NamedTuple):
    name: str
    pd: str
    base: int
    size: int
    access: str         # as "rw-"
    dma: str            # as "r--"; "---" without the D bit
    iova: int
    phys: int           # None: placed by the compiler
    node: object
    shared_with: tuple  # nodes


class Bar(NamedTuple):
    idx: int
    is_64bit: bool
    size: int


class Function(NamedTuple):
    name: str
    pd: str
    bdf: int            # None: behind a bridge whose bus the compiler numbers
    devfn: int
    bridge: object      # node of the bridge above; None on the first bus
    vendor: int
    device: int
    klass: int
    bars: tuple
    windows: tuple      # of Region
    msi: tuple          # offset, vectors, flags; () without
    msix: tuple         # offset, vectors
    pcie: int           # offset; None without
    pm: int
    vendors: tuple      # (offset, length) of each capability of theirs
    reset: str          # "flr", "bus", "writes"; "" without
    reset_writes: tuple         # (BAR, offset, bits, value)
    drain_us: int
    node: object

    @property
    def vectors(self):
        return sum(capability[1] for capability in (self.msi, self.msix) if capability)


class Bridge(NamedTuple):
    name: str
    bdf: int            # as a function's
    devfn: int
    bridge: object
    type: str
    vendor: int
    device: int
    klass: int
    bars: tuple
    acs: int            # offset; None without
    node: object


class Device(NamedTuple):
    name: str
    ranges: tuple
    interrupts: tuple


class PdImage(NamedTuple):
    name: str           # label; label.initrd, label.dtb
    load: int
    node: object


class Pd(NamedTuple):
    label: str
    cpus: tuple         # nodes
    console: int        # PD address; None without
    irqchip: int
    ecam: int
    on_dma_fault: str
    on_crash: str
    restart_limit: tuple        # times, seconds; () of a PD that never starts anew
    watchdog: int       # PD address; None without
    images: tuple       # the program first
    regions: tuple
    functions: tuple
    devices: tuple

    @property
    def vectors(self):
        return sum(function.vectors for function in self.functions)


def letters(text, order):
    return "".join(letter if letter in text else "-" for letter in order)


class Declaration:
    def __init__(self, tree):
        self.tree, self.board = tree, Board(tree)
        root = tree.node("/partitions")
        self.root = root
        self._regions = {}              # by node
        nodes = [node for node in root.children if node.is_compatible("mullion,pd")]
        for node in nodes:
            for child in node.children:
                if child.has("reg"):
                    self._regions[child.path] = self._region(node.full_name, child)
        self.pds = [self._pd(node) for node in nodes]
        self.bridges = [self._bridge(node) for node in root.children if node.has("type")]
        self.housekeeping = tree.phandles(root, "housekeeping")[0] if root.has("housekeeping") else \
            self.pds[0].cpus[0]

    def _region(self, pd, node):
        base, size = node.ranges()[0]
        dma = node.text("dma")
        return Region(node.name, pd, base, size, letters(node.text("access"), "rwx"), letters(dma, "rw") + "-",
                      node.number("iova", base), node.number("phys") if node.has("phys") else None, node.path,
                      tuple(other.path for other in self.tree.phandles(node, "shared-with")))

    def _place(self, node):
        """bdf or None, devfn, the bridge above or None."""
        if node.has("bdf"):
            bus, device, function = node.cells("bdf")
            return bus << 8 | device << 3 | function, device << 3 | function, None
        device, function = node.cells("devfn")
        return None, device << 3 | function, self.tree.phandles(node, "bridge")[0]

    @staticmethod
    def _bars(node):
        cells = node.cells("bars")
        return tuple(Bar(cells[i], cells[i + 1] == MEM64, cells[i + 2]) for i in range(0, len(cells) - 2, 3))

    def _bridge(self, node):
        return Bridge(node.full_name, *self._place(node), node.text("type"), *node.cells("id"), node.number("class"),
                      self._bars(node), node.number("acs") if node.has("acs") else None, node)

    def _function(self, pd, node):
        windows = tuple(self._regions[other.path] for other in self.tree.phandles(node, "windows"))
        return Function(node.full_name, pd, *self._place(node), *node.cells("id"), node.number("class"),
                        self._bars(node), windows, tuple(node.cells("msi")), tuple(node.cells("msix")),
                        node.number("pcie") if node.has("pcie") else None,
                        node.number("pm") if node.has("pm") else None,
                        tuple(zip(node.cells("vendor")[::2], node.cells("vendor")[1::2])), node.text("reset"),
                        tuple(zip(*[iter(node.cells("reset-writes"))] * 4)), node.number("drain-us", DRAIN_US), node)

    def _pd(self, node):
        label, children = node.full_name, node.children
        images = tuple(PdImage(label if kind == "image" else f"{label}.{kind}", child.number("load"), child)
                       for kind in ("image", "initrd", "dtb") for child in children if child.full_name == kind)
        devices = []
        for child in children:
            if child.has("device"):
                board_node = self.tree.phandles(child, "device")[0]
                devices.append(Device(child.full_name, tuple(Range(*pair) for pair in board_node.ranges()),
                                      tuple(interrupts(board_node))))
        return Pd(label, tuple(self.tree.phandles(node, "cpus")),
                  node.number("console") if node.has("console") else None,
                  node.number("irqchip", self.board.gicd.base), node.number("ecam", self.board.ecam.base),
                  node.text("on-dma-fault", "report"), node.text("on-crash", "stop"),
                  tuple(node.cells("restart-limit")), node.number("watchdog") if node.has("watchdog") else None, images,
                  tuple(self._regions[child.path] for child in children if child.has("reg")),
                  tuple(self._function(label, child) for child in children if child.has("bdf") or child.has("devfn")),
                  tuple(devices))

    def sharers(self, region):
        """Regions of other PDs that are the same host memory."""
        return [self._regions[path] for path in region.shared_with]
