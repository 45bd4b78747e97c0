# SPDX-License-Identifier: Apache-2.0
"""
What an image, or a machine that was dumped, gives to whom: everything from raw words. `Anchors` says where each
structure begins; of an image these are the members of `table` that the hypervisor itself loads into the registers, of a
machine the registers (live.py).
"""
from typing import NamedTuple

from .code import Code, Regime
from .its import Its
from .smmu import StreamTable
from .typed import constants
from .vmsa import Walk, decode_stage1, decode_stage2


class Anchors(NamedTuple):
    streams: int                # STRTAB_BASE
    stream_bits: int            # STRTAB_BASE_CFG.LOG2SIZE
    pds: tuple                  # (root, VMID) by entry of table.pds: VTTBR_EL2
    pd_bits: int                # VTCR_EL2.T0SZ
    runs: tuple                 # TTBR0_EL2 by entry of table.cpus
    events: tuple               # of the CPUs that have one, else 0
    reloads: tuple              # likewise
    boot: int
    commands: tuple             # base and size: GITS_CBASER, GITS_CWRITER
    lpi_config: int             # GICR_PROPBASER
    lpi_id_bits: int


def image_anchors(table, symbols):
    cpus = table.array("cpus", table.cpu_count)[1:]
    return Anchors(
        table.iommu.device_root, table.iommu.id_bits,
        tuple((pd.memory_root, pd.vmid) for pd in table.array("pds", table.pd_count)[1:]), table.ipa_bits,
        tuple(cpu.run_root for cpu in cpus), tuple(cpu.event_root for cpu in cpus),
        tuple(cpu.reload_root for cpu in cpus), symbols["boot_root"],
        (table.irqchip.its_commands, table.irqchip.its_commands_size), table.irqchip.lpi_config,
        table.irqchip.lpi_id_bits)


class Rebuilt:
    def __init__(self, memory, elf, differences, anchors=image_anchors, walk=Walk):
        """`anchors`: makes them; `walk`: walks one map, or knows what that came to (test_mutations.py)."""
        self.memory, self.elf, self.walk = memory, elf, walk
        self.table, self.places = constants(elf.unit, memory, elf.symbols["table"], "table")
        self.code = Code(memory, elf)
        self.regime = Regime(self.code, differences)
        self.anchors = anchors(self.table, elf.symbols)
        self._walk_all(differences)
        self.tables = set()             # pages that are part of some table
        for part in (self.stream_table, *self.all_walks()):
            self.tables |= part.tables
        for walk in self.all_walks():
            differences.extend(walk.differences)

    def _walk_all(self, differences):
        anchors, stage1 = self.anchors, decode_stage1(tuple(self.regime.types))
        cpus = [cpu.string("name") for cpu in self.table.array("cpus", self.table.cpu_count)[1:]]
        labels = [pd.string("label") for pd in self.table.array("pds", self.table.pd_count)[1:]]
        self.stream_table = StreamTable(self.memory, anchors.streams, anchors.stream_bits, differences, self.walk)
        self.streams = self.stream_table.streams
        self.pds = self._walks("memory of", labels, [root for root, _ in anchors.pds], anchors.pd_bits, decode_stage2)
        self.runs = self._walks("run map of", cpus, anchors.runs, self.regime.bits, stage1)
        self.events = self._walks("event map of", cpus, anchors.events, self.regime.bits, stage1)
        self.reloads = self._walks("reload map of", cpus, anchors.reloads, self.regime.bits, stage1)
        self.boot, = self._walks("boot", ["map"], [anchors.boot], self.regime.bits, stage1)
        self.its = Its(self.memory, *anchors.commands, differences) if anchors.commands[1] else None

    def _walks(self, what, names, roots, bits, decode):
        return [self.walk(self.memory, f"{what} {name}", root, bits, decode) if root else None
                for name, root in zip(names, roots)]

    def all_walks(self):
        walks = [*(stream.walk for stream in self.streams.values()), self.boot, *self.pds]
        return [walk for walk in walks if walk] + self.hypervisor_maps()

    def hypervisor_maps(self):
        """All that are loaded after the seal."""
        return [walk for walk in (*self.runs, *self.events, *self.reloads) if walk]
