# SPDX-License-Identifier: Apache-2.0
"""The declaration beside what was built: which PD, CPU and function of the one is which of the other, and where all lie."""
from typing import NamedTuple

from .board import Range
from .bridges import Bridges
from .memory import Outside
from .ranges import PAGE, Part, page_down, page_up


class Subject:
    def __init__(self, declaration, rebuilt, differences):
        self.declaration, self.board, self.rebuilt, self.differences = \
            declaration, declaration.board, rebuilt, differences
        table = self.table = rebuilt.table
        self.cpus = table.array("cpus", table.cpu_count)[1:]
        self.table_pds = table.array("pds", table.pd_count)[1:]
        self.table_functions = table.array("functions", table.function_count)[1:]
        self._check_indices()
        self.pds = self._match(declaration.pds, self.table_pds, "PD", lambda pd: pd.label, "label")
        self.housekeeping = table.housekeeping - 1
        self.slots = Slots(self)
        self.bridges = Bridges(self)
        self.functions = []             # (declared, built): functions.match_functions()
        self.hosts, self.frames = {}, set()     # host address of each region, by node; of MSI frames: pds.find_hosts()

    def _check_indices(self):
        """What the constants name by number is there: else nothing else can be read."""
        table, pds = self.table, range(self.table.pd_count)
        indices = [(f"cpus[{i}].pd", cpu.pd, pds) for i, cpu in enumerate(self.cpus, 1)]
        indices += [(f"functions[{i}].pd", function.pd, pds) for i, function in enumerate(self.table_functions, 1)]
        indices += [("housekeeping", table.housekeeping, range(1, table.cpu_count))]
        for i, pd in enumerate(self.table_pds, 1):
            cpus = pd.array("cpus", pd.cpu_count)
            indices += [(f"pds[{i}].cpu_count", len(cpus), range(1, table.cpu_count))]
            indices += [(f"pds[{i}].cpus[{vcpu}]", cpu, range(1, table.cpu_count)) for vcpu, cpu in enumerate(cpus)]
        for name, value, within in indices:
            if value not in within:
                raise Outside(f"{name} = {value}")

    def _match(self, declared, built, what, name, member):
        """Pairs by name; what only one side has is a difference."""
        by_name = {value.string(member): value for value in built}
        pairs = []
        for item in declared:
            if name(item) in by_name:
                pairs.append((item, by_name.pop(name(item))))
            else:
                self.differences.add(f"{what} {name(item)}", "nothing in the image", "as declared")
        for rest in by_name:
            self.differences.add(f"{what} {rest}", "in the image", "no such declaration")
        return pairs

    def pd_index(self, built):
        return self.table_pds.index(built)

    def region_host(self, region):
        """Where the PD's own table puts the first byte of a region; None if nowhere."""
        return self.hosts.get(region.node)


class Slot(NamedTuple):
    start: int
    end: int
    name: str


class Slots:
    """The hypervisor's own memory: sections of the ELF, and places that the table's constants point at."""

    def __init__(self, subject):
        sections, table = subject.rebuilt.elf.sections, subject.table
        base = {name: section.base for name, section in sections.items()}
        self.text = Slot(base[".text"], base[".rodata"], "text")
        self.rodata = Slot(base[".rodata"], base[".tables.cpu"], "constants")
        self.tables = Slot(base[".tables.cpu"], base[".boot_root"], "tables")
        self.boot_root = self._page(base[".boot_root"], "boot map's root")
        self.boot = Slot(base[".boot"], base[".shared"], "boot data")
        self.shared = self._page(base[".shared"], "shared page")
        self.events = self._page(base[".event_queue"], "event queue")
        self.percpu = [self._page(cpu.percpu, f"page of {cpu.string('name')}") for cpu in subject.cpus]
        states = table.array("pds", table.pd_count)
        self.states = [self._page(pd.state, f"state of {pd.string('label')}") for pd in states]
        self.stacks = self._stacks(subject)
        its = table.irqchip.its_memory
        self.its = Slot(its.base, its.base + its.size, "ITS memory") if its.size else None

    @staticmethod
    def _page(base, name):
        return Slot(base, base + PAGE, name)

    @staticmethod
    def _stacks(subject):
        """Each as large as its CPU's own map has it below the top."""
        stacks = []
        for cpu, walk in zip(subject.cpus, subject.rebuilt.runs):
            top, pages = cpu.stack_top, {leaf.start for leaf in walk.leaves if leaf.size == PAGE} if walk else set()
            start = top
            while start - PAGE in pages:
                start -= PAGE
            stacks.append(Slot(start, top, f"stack of {cpu.string('name')}"))
        return stacks

    def all(self):
        return [self.text, self.rodata, self.tables, self.boot_root, self.boot, self.shared, self.events, *self.percpu,
                *self.states, *self.stacks, *([self.its] if self.its else [])]

    def constant(self):
        return [self.text, self.rodata, self.tables]


def as_part(slot):
    return Part(slot.start, slot.end, slot.name)


def pages_of(base, size):
    return Range(page_down(base), page_up(base + size) - page_down(base))
