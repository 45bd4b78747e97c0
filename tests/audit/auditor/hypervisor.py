# SPDX-License-Identifier: Apache-2.0
"""
The hypervisor's own maps (hv/README.md, "The seal"): what each can write, that none can write what the seal denies, and
that maps which follow each other on a CPU agree.
"""
from .ranges import PAGE, Part, Span, coalesce, compare, overlaps, place
from .restarts import own_memory, reload_registers, restartable_on, stores
from .subject import as_part, pages_of

NORMAL, DEVICE = ("normal", "inner"), ("device",)
RUN, EVENT, RELOAD = "run", "event", "reload"           # maps that are loaded after the seal
NOBODYS = {EVENT: "not the housekeeping CPU's", RELOAD: "not the first CPU of a PD that may be restarted"}


def identity(start, end, rights, kind):
    return Span(start, end, start, (rights, *kind))


def check_slots(subject):
    """Everything of the hypervisor's is in the memory that the board reserves for it, each thing apart."""
    slots, hypervisor = subject.slots, subject.board.hypervisor
    for slot in slots.all():
        if not hypervisor.contains(slot.start, slot.end):
            subject.differences.add(f"hypervisor, {slot.name}", place(slot.start, slot.end),
                                    f"inside {place(hypervisor.base, hypervisor.end)}")
    for one, other in overlaps([as_part(slot) for slot in slots.all() if slot.end > slot.start]):
        subject.differences.add(f"hypervisor, {other.owner}", f"over {one.owner} at {other.start:#x}", "apart")
    inside = [name for name, section in subject.rebuilt.elf.sections.items()
              if section.size and slots.text.start <= section.base < slots.text.end]
    subject.differences.equal("hypervisor, sections that are executable", sorted(inside), [".digest", ".text"])
    sizes = [slot.end - slot.start for slot in slots.stacks]
    for slot, size in zip(slots.stacks, sizes):
        subject.differences.equal(f"hypervisor, {slot.name}, bytes", size, max(sizes))
        if size < PAGE or size & size - 1 or slot.start % (2 * size) != size:
            subject.differences.add(f"hypervisor, {slot.name}", place(slot.start, slot.end),
                                    "a power of two, above a guard of its size")


class Needed:
    """What each map must have: all of it, and nothing else."""

    def __init__(self, subject):
        self.subject, self.slots, self.board = subject, subject.slots, subject.board

    def _common(self):
        slots = self.slots
        rights = [(slots.text, "r-x"), (slots.rodata, "r--"), (slots.boot_root, "rw-"), (slots.shared, "rw-"),
                  (slots.events, "r--")]
        return [identity(slot.start, slot.end, right, NORMAL) for slot, right in rights]

    def of(self, idx, kind):
        """Of a map that is loaded after the seal."""
        return coalesce(self._run(idx, kind == EVENT) + (self._reload(idx) if kind == RELOAD else []))

    def _run(self, idx, event):
        subject, slots = self.subject, self.slots
        pd = subject.cpus[idx].pd
        spans = self._common() + [identity(slot.start, slot.end, "rw-", NORMAL)
                                  for slot in (slots.percpu[idx], slots.stacks[idx], slots.states[pd])
                                  if slot.end > slot.start]
        for built in subject.table_functions:
            if pd and built.pd == pd:
                page = self.board.config_page(built.bdf)
                spans.append(identity(page, page + PAGE, "rw-", DEVICE))
        if idx == subject.housekeeping:
            spans += self._device(self.board.console, "rw-") + self._device(self.board.iommu, "rw-" if event else "r--")
            spans += [identity(slot.start, slot.end, "r--", NORMAL)
                      for other, slot in enumerate(slots.states) if other != pd]
        return spans

    def _reload(self, idx):
        """What a restart takes: the PD's memory, what is copied into it, and what makes its functions forget."""
        declared, built = restartable_on(self.subject, idx)
        parts = [(own_memory(self.subject, declared), "rw-", NORMAL), (stores(built), "r--", NORMAL),
                 (reload_registers(self.subject, declared), "rw-", DEVICE)]
        return [identity(base, base + size, rights, kind) for ranges, rights, kind in parts for base, size in ranges]

    @staticmethod
    def _device(registers, rights):
        pages = pages_of(*registers)
        return [identity(pages.base, pages.end, rights, DEVICE)]

    def boot(self):
        slots, board = self.slots, self.board
        spans = self._common() + [identity(slots.tables.start, slots.tables.end, "r--", NORMAL)]
        writable = [slots.boot, *slots.percpu, *slots.states, *slots.stacks, *([slots.its] if slots.its else [])]
        spans += [identity(slot.start, slot.end, "rw-", NORMAL) for slot in writable]
        for ram in board.ram:
            for start, end in ((ram.base, min(ram.end, board.hypervisor.base)),
                               (max(ram.base, board.hypervisor.end), ram.end)):
                if start < end:
                    spans.append(identity(start, end, "rw-", NORMAL))
        registers = [board.console, board.iommu, board.gicd, board.gicr, board.ecam]
        if subject_has_msis(self.subject):
            registers.append(board.its._replace(size=board.doorbell - board.its.base))      # not what devices write to
        for one in registers:
            spans += self._device(one, "rw-")
        return coalesce(spans)


def subject_has_msis(subject):
    return any(pd.vectors for pd in subject.declaration.pds)


def forbidden(subject, idx, kind):
    """What the map of a CPU may never write, with what it is."""
    slots, board, own = subject.slots, subject.board, subject.cpus[idx].pd
    # The root of the boot map lies behind the tables, and is zero by then: it alone is written, once, at the seal.
    parts = [as_part(slot) for slot in (*slots.constant(), slots.boot, slots.events)]
    parts += [as_part(slot) for i, slot in enumerate(slots.percpu) if i != idx]
    parts += [as_part(slot) for i, slot in enumerate(slots.stacks) if i != idx]
    parts += [as_part(slot) for i, slot in enumerate(slots.states) if i != own]
    if slots.its:
        parts.append(as_part(slots.its))
    named = [("distributor", board.gicd), ("redistributors", board.gicr)] + [("flash", flash) for flash in board.flash]
    if board.its:
        named.append(("ITS", board.its))
    if kind != EVENT:
        named.append(("IOMMU's registers", board.iommu))
    if idx != subject.housekeeping:
        named.append(("console", board.console))
    parts += [Part(*pages_of(*registers)[:1], pages_of(*registers).end, name) for name, registers in named]
    memory = [(board.hypervisor.base, board.hypervisor.size)]
    config = [(board.config_page(built.bdf), PAGE) for built in subject.table_functions if own and built.pd == own]
    if kind == RELOAD:
        declared, _ = restartable_on(subject, idx)
        memory += own_memory(subject, declared)
        config += reload_registers(subject, declared)
    for ram in board.ram:
        parts += without(ram, memory, "RAM of others and of nobody")
    return parts + without(board.ecam, config, "configuration space of others")


def without(whole, pieces, name):
    """What is left of a range."""
    parts, at = [], whole.base
    for base, size in sorted(piece for piece in pieces if whole.base < piece[0] + piece[1] and piece[0] < whole.end):
        if at < base:
            parts.append(Part(at, base, name))
        at = max(at, base + size)
    return parts + ([Part(at, whole.end, name)] if at < whole.end else [])


def writes(walk):
    """What a map can write."""
    return [span for span in walk.spans() if "w" in span.what[0]]


def check_seal(subject, name, walk, idx, kind):
    """Returns what it found, so that it is not said twice."""
    broken = set()
    for part in forbidden(subject, idx, kind):
        for span in writes(walk):
            start, end = max(span.out, part.start), min(span.out + span.end - span.start, part.end)
            if start < end:
                subject.differences.add(f"seal, {name}, {part.owner} at {place(start, end)}", "writable", "not")
                broken.add(span.start + start - span.out)
    for span in writes(walk):
        if "x" in span.what[0]:
            subject.differences.add(f"seal, {name}, {place(span.start, span.end)}", "writable and executable",
                                    "one of them")
            broken.add(span.start)
    return broken


def check_map(subject, name, walk, needed, said=()):
    for one, other in overlaps(needed):
        subject.differences.add(name, f"two things at {place(other.start, min(one.end, other.end))}", "one")
    for start, end, found, need in compare(walk.spans(), needed):
        if any(start <= address < end for address in said):
            continue
        subject.differences.add(f"{name}, {place(start, end)}", found.words() if found else "not mapped",
                                need.words() if need else "not mapped")


def check_agreement(subject):
    """Maps loaded after the seal: where two have a page, output address, level and attributes are the same."""
    seen = {}
    walks = subject.rebuilt.hypervisor_maps()
    for walk in walks:
        for leaf in walk.leaves:
            what = leaf.size, leaf.out, leaf.kind
            first = seen.setdefault(leaf.start, (what, walk.name))
            if first[0] != what:
                subject.differences.add(f"{walk.name} and {first[1]}, {leaf.start:#x}",
                                        f"{leaf.size:#x} bytes, {leaf.out:#x}, {' '.join(leaf.kind)}",
                                        f"{first[0][0]:#x} bytes, {first[0][1]:#x}, {' '.join(first[0][2])} in both")
    starts = sorted((start, start + what[0]) for start, (what, _) in seen.items())
    for (_, end), (start, _) in zip(starts, starts[1:]):
        if start < end:
            subject.differences.add(f"{seen[start][1]}, {start:#x}", "inside a block of another map", "one level in all")


def check_hypervisor(subject):
    check_slots(subject)
    needed = Needed(subject)
    for idx, cpu in enumerate(subject.cpus):
        rebuilt = subject.rebuilt
        wanted = {RUN: True, EVENT: idx == subject.housekeeping, RELOAD: restartable_on(subject, idx) is not None}
        for kind, walk in ((RUN, rebuilt.runs[idx]), (EVENT, rebuilt.events[idx]), (RELOAD, rebuilt.reloads[idx])):
            name = f"{kind} map of {cpu.string('name')}"
            if walk is None:
                if wanted[kind]:
                    subject.differences.add(name, "none", "one")
            elif not wanted[kind]:
                subject.differences.add(name, "one", f"none: it is {NOBODYS[kind]}")
            else:
                check_map(subject, name, walk, needed.of(idx, kind), check_seal(subject, name, walk, idx, kind))
    check_agreement(subject)
    if subject.rebuilt.boot:
        check_map(subject, "boot map", subject.rebuilt.boot, needed.boot())
