# SPDX-License-Identifier: Apache-2.0
"""The board of a table, from the bindings that Linux uses and the two of ours (platform/*/README.md)."""
from typing import NamedTuple

FIRST_SPI, FIRST_PPI = 32, 16
SPI_CELL, PPI_CELL = 0, 1                       # first cell of an interrupt (arm,gic-v3)
EDGE_FLAG = 1                                   # third cell: rising edge; 4 is high level
ITS_DOORBELL = 0x10000                          # page of GITS_TRANSLATER in an ITS's registers (IHI 0069, 12.18)
TIMER_VIRTUAL, TIMER_HYPERVISOR = 2, 3          # places in the `interrupts` of arm,armv8-timer
MEM32_SPACE, MEM64_SPACE = 2, 3                 # bits 25:24 of the first cell of a PCI range


class Range(NamedTuple):
    base: int
    size: int

    @property
    def end(self):
        return self.base + self.size

    def contains(self, start, end):
        return self.base <= start and end <= self.end


def range_of(node, idx=0, name="reg"):
    return Range(*node.ranges(name)[idx])


def interrupts(node):
    """(INTID, whether an edge) of each."""
    cells = node.cells("interrupts")
    first = {SPI_CELL: FIRST_SPI, PPI_CELL: FIRST_PPI}
    return [(first[cells[i]] + cells[i + 1], cells[i + 2] == EDGE_FLAG) for i in range(0, len(cells) - 2, 3)]


def interrupt_named(node, name):
    names = node.texts("interrupt-names")
    return interrupts(node)[names.index(name)][0] if name in names else None


class Board:
    def __init__(self, tree):
        self.tree, root = tree, tree.node("/")
        self.model = root.text("model")
        self.ram = [Range(*pair) for node in tree.nodes
                    if node.text("device_type") == "memory" and node.is_enabled() for pair in node.ranges()]
        self.hypervisor = range_of(tree.compatible("mullion,hypervisor")[0])
        self.bootloader = [range_of(node) for node in tree.compatible("mullion,bootloader-reserved")]
        cpus = [node for node in tree.node("/cpus").children if node.text("device_type") == "cpu" and node.is_enabled()]
        self.cpus = cpus
        console = tree.node(self._alias(root, tree.node("/chosen").text("stdout-path").partition(":")[0]))
        self.console, self.console_intid = range_of(console), interrupts(console)[0][0]
        self._read_interrupts(tree)
        self._read_pci(tree)
        self.flash = [range_of(node) for node in tree.compatible("cfi-flash")]

    @staticmethod
    def _alias(root, path):
        return path if path.startswith("/") else root.tree.node("/aliases").text(path)

    def _read_interrupts(self, tree):
        gic, timer = tree.compatible("arm,gic-v3")[0], tree.compatible("arm,armv8-timer")[0]
        self.gicd, self.gicr = range_of(gic), range_of(gic, 1)
        self.maintenance_intid = interrupts(gic)[0][0]
        places = {"virt": TIMER_VIRTUAL, "hyp-phys": TIMER_HYPERVISOR}
        self.timer_intid, self.hyp_timer_intid = (
            interrupt_named(timer, name) if timer.has("interrupt-names") else interrupts(timer)[place][0]
            for name, place in places.items())
        its = tree.compatible("arm,gic-v3-its")
        self.its = range_of(its[0]) if its else None
        self.doorbell = self.its.base + ITS_DOORBELL if its else None

    def _read_pci(self, tree):
        smmu, pci = tree.compatible("arm,smmu-v3")[0], tree.compatible("pci-host-ecam-generic")[0]
        self.iommu = range_of(smmu)
        self.event_intid, self.error_intid = (interrupt_named(smmu, name) for name in ("eventq", "gerror"))
        self.ecam = range_of(pci)
        self.segment = pci.number("linux,pci-domain")
        self.bus_first, self.bus_last = pci.cells("bus-range") or (0, self.ecam.size // (1 << 20) - 1)
        cells, self.pci_windows = pci.cells("ranges"), {}
        for i in range(0, len(cells) - 6, 7):
            space, bus, size = cells[i] >> 24 & 3, cells[i + 1] << 32 | cells[i + 2], cells[i + 5] << 32 | cells[i + 6]
            if space in (MEM32_SPACE, MEM64_SPACE):
                self.pci_windows[space] = Range(bus, size)
        _, _, self.stream_base, self.requesters = pci.cells("iommu-map")
        self.device_base = pci.cells("msi-map")[2] if pci.has("msi-map") else None

    def config_page(self, bdf):
        """Host address of a function's configuration space."""
        return self.ecam.base + (bdf - (self.bus_first << 8) << 12)

    def bdf_name(self, bdf):
        return f"{self.segment:04x}:{bdf >> 8:02x}:{bdf >> 3 & 31:02x}.{bdf & 7}"
