# SPDX-License-Identifier: Apache-2.0
"""
A random table that every rule accepts: 1 to 8 PDs, 0 to 32 functions, bridges, shared and fixed memory, devices,
restarts and watchdogs. The same seed makes the same bytes.

    generate.py SEED OUT    writes OUT/table.dts and its images
"""
import random
import sys
from pathlib import Path

from buses import Buses, function
from space import BOARD_DEVICES, BOARD_ECAM, BOARD_IRQCHIP, MIB, PAGE, PCI_WINDOWS, Space, cells, pages

HYPERVISOR_SIZE = 16 * MIB
RAM_PAGES = 600 * MIB // PAGE
ACCESSES = ("r", "rw", "rx", "rwx", "rw", "rw")


class Region:
    def __init__(self, pd, label, size, base):
        self.pd, self.label, self.size, self.base, self.iova = pd, label, size, base, base
        self.lines = []

    def text(self, name):
        return (f"\t\t\t{self.label}: {name}@{self.base:x} {{ reg = <{cells(self.base)} {cells(self.size)}>; "
                + " ".join(self.lines) + " };\n")


class Pd:
    """One PD; its address space, and that of its functions."""

    def __init__(self, dice, idx, cpus):
        self.dice, self.idx, self.cpus = dice, idx, cpus
        self.label = f"pd{idx}"
        self.regions, self.devices, self.functions = [], [], []
        self.named = 0
        self.vectors = 0
        self.restarts = dice.randrange(3) == 0
        self.watches = dice.randrange(3) == 0
        self.space = Space(dice, 0, dice.choice([1 << 32, 1 << 36, 1 << 39, 1 << 42]), *PCI_WINDOWS,
                           *BOARD_DEVICES.values())
        self.place_virtual()
        self.iovas = Space(dice, 0, self.space.high, *PCI_WINDOWS, (self.irqchip, 0x20000))

    def name(self, dice, stem):
        self.named += 1
        return stem + dice.choice(["-", "_", "", "X"]) + f"{self.named}"

    def place_virtual(self):
        """Interrupt controller, configuration space, console, watchdog: the board's places, or others."""
        size = 0x20000 + 0x20000 * len(self.cpus)
        self.lines = []
        self.irqchip = BOARD_IRQCHIP
        if self.dice.randrange(3) == 0 or not self.space.take(self.irqchip, size):
            self.irqchip = self.space.place(size, 0x10000)
            self.lines.append(f"irqchip = <{cells(self.irqchip)}>;")
        self.low_irqchip = self.irqchip + 0x20000 <= 1 << 32
        if self.dice.randrange(3) == 0 or not self.space.take(BOARD_ECAM, MIB):
            self.lines.append(f"ecam = <{cells(self.space.place(MIB, MIB))}>;")
        if self.dice.randrange(2):
            self.lines.append(f"console = <{cells(self.space.place(PAGE))}>;")
        if self.watches:
            self.lines.append(f"watchdog = <{cells(self.space.place(2 * PAGE))}>;")

    @property
    def windows(self):
        return [region for region in self.regions if any(line.startswith("dma") for line in region.lines)]

    def add_region(self, size):
        region = Region(self, f"r{self.idx}_{len(self.regions)}", size, self.space.place(size))
        self.regions.append(region)
        return region

    def add_image(self):
        region = self.add_region(pages(self.dice, 1024))
        region.lines.append(f'access = "{self.dice.choice(["rx", "rwx"])}";')
        page = self.dice.randrange(region.size // PAGE)
        self.image_size = self.dice.randint(1, min(region.size - page * PAGE, 40000))
        self.load = region.base + page * PAGE
        return region

    def add_memory(self, most):
        """A region, with or without the D bit."""
        region = self.add_region(pages(self.dice, most))
        region.lines.append(f'access = "{self.dice.choice(ACCESSES)}";')
        if self.dice.randrange(2):
            return region
        region.lines.append(f'dma = "{self.dice.choice(["r", "w", "rw"])}";')
        if self.dice.randrange(3) and self.iovas.take(region.base, region.size):
            return region
        region.iova = self.iovas.place(region.size)
        region.lines.append(f"iova = <{cells(region.iova)}>;")
        return region

    def text(self):
        image = f"image{self.idx}.bin"
        odd = "".join(self.dice.choice("abc =,'\\\"\t?*/;{}#<>&%$") for _ in range(self.dice.randrange(20)))
        quoted = odd.replace("\\", "\\\\").replace('"', '\\"')
        words = [f"#address-cells = <2>; #size-cells = <2>; cpus = <{' '.join(f'&cpu{cpu}' for cpu in self.cpus)}>;",
                 *self.lines]
        if odd:
            words.append(f'bootargs = "x{quoted}";')
        again = ["restart"] if self.restarts else []
        if self.restarts:
            words.append(f"restart-limit = <{self.dice.choice([1, 3, 1000000])} {self.dice.choice([0, 60, 1000000000])}>;")
        if self.dice.randrange(2):
            words.append(f'on-dma-fault = "{self.dice.choice(["report", "quarantine", "stop", *again])}";')
        if self.dice.randrange(2):
            report = [] if self.watches else ["report"]
            words.append(f'on-crash = "{self.dice.choice([*report, "stop", *again])}";')
        children = [region.text(self.name(self.dice, "m")) for region in self.regions]
        children += [f"\t\t\t{self.name(self.dice, 'd')} {{ device = <&{device}>; }};\n" for device in self.devices]
        children += self.functions
        children.append(f'\t\t\timage {{ file = "{image}"; load = <{cells(self.load)}>; }};\n')
        self.dice.shuffle(children)
        return (f'\t\t{self.label}: {self.label} {{\n\t\t\tcompatible = "mullion,pd";\n'
                + "".join(f"\t\t\t{word}\n" for word in words) + "".join(children) + "\t\t};\n")


class Table:
    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.cpu_count = 0
        self.pds = [Pd(self.dice, idx, self.take_cpus()) for idx in range(self.dice.randint(1, 8))]
        self.host = Space(self.dice, 0x48000000, 0x70000000, (0x48000000, PAGE))
        self.buses = Buses(self.dice, self.pds)
        self.make_memory()
        self.make_shared()
        for device in BOARD_DEVICES:
            if self.dice.randrange(2):
                self.dice.choice(self.pds).devices.append(device)
        self.make_functions()

    def take_cpus(self):
        first = self.cpu_count
        self.cpu_count += self.dice.choice([1, 1, 1, 2, 3])
        return list(range(first, self.cpu_count))

    def make_memory(self):
        for pd in self.pds:
            self.maybe_fix(pd.add_image())
            for _ in range(self.dice.randrange(8)):
                self.maybe_fix(pd.add_memory(RAM_PAGES // len(self.pds) // 8))

    def maybe_fix(self, region):
        """Some regions have their host memory; where placement finds room for the others is not in between."""
        if self.dice.randrange(6) == 0:
            region.lines.append(f"phys = <{cells(self.host.place(region.size))}>;")

    def make_shared(self):
        """Groups of PDs that have a piece of memory in common."""
        for _ in range(self.dice.randrange(4) if len(self.pds) > 1 else 0):
            parties = self.dice.sample(self.pds, self.dice.randint(2, min(4, len(self.pds))))
            size = pages(self.dice, 256)
            group = [pd.add_region(size) for pd in parties]
            for region in group:
                others = " ".join(f"&{other.label}" for other in group if other is not region)
                region.lines.append(f'access = "{self.dice.choice(["r", "rw"])}"; shared-with = <{others}>;')
            self.maybe_fix(self.dice.choice(group))

    def make_functions(self):
        count = self.dice.choice([0, 1, 2, 4, 8, 16, 32])
        if count:
            for _ in range(self.dice.randrange(4)):
                self.buses.root_port()
            self.buses.first_bus(self.dice.randint(1, count))
        slots, shared = list(self.buses.slots), {}
        self.dice.shuffle(slots)
        for slot in slots:
            for n in self.dice.sample(range(8), self.dice.choice([1, 1, 1, 2, 4])):
                if count:
                    slot.owner.functions.append(function(self.dice, slot.owner, slot, n, shared))
                    count -= 1

    def text(self):
        self.dice.shuffle(self.pds)
        housekeeping = ""
        if (any(pd.functions for pd in self.pds[1:]) or self.pds[0].restarts or self.pds[0].watches
                or self.dice.randrange(4) == 0):
            housekeeping = f"\t\thousekeeping = <&cpu{self.cpu_count}>;\n"
            self.cpu_count += 1
        cpus = "".join(f'\t\tcpu{n}: cpu@{n:x} {{ device_type = "cpu"; compatible = "arm,cortex-a57"; reg = <{n}>; '
                       'enable-method = "psci"; };\n' for n in range(8, self.cpu_count))
        nodes = [pd.text() for pd in self.pds]
        for bridge in self.buses.bridges:
            nodes.insert(self.dice.randint(0, len(nodes)), bridge)
        return ('// SPDX-License-Identifier: Apache-2.0\n#include "qemu-virt-arm64/board.dtsi"\n'
                '#include "bindings/table.h"\n\n/ {\n\tcpus {\n' + cpus + "\t};\n\n"
                "\treserved-memory {\n\t\thypervisor@40200000 { reg = <0x0 BOARD_HYPERVISOR_BASE "
                f"{cells(HYPERVISOR_SIZE)}>; }};\n\t}};\n\n"
                '\tpartitions {\n\t\tcompatible = "mullion,partitions";\n' + housekeeping + "".join(nodes) + "\t};\n};\n")

    def write(self, out):
        out.mkdir(parents=True, exist_ok=True)
        (out / "table.dts").write_text(self.text())
        for pd in self.pds:
            (out / f"image{pd.idx}.bin").write_bytes(self.dice.randbytes(pd.image_size))


def main():
    if len(sys.argv) != 3 or not sys.argv[1].isdigit():
        sys.exit("usage: generate.py SEED OUT")
    Table(int(sys.argv[1])).write(Path(sys.argv[2]))


if __name__ == "__main__":
    main()
