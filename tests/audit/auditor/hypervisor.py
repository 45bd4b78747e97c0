# SPDX-License-Identifier: Apache-2.0
"""
The hypervisor's own maps (hv/README.md, "The seal"): what each can write, that none can write what the seal denies, and
that maps which follow each other on a CPU agree.
"""
from .ranges import PAGE, Part, Span, coalesce, compare, overlaps, place
from .subject import as_part, pages_of

NORMAL, DEVICE = ("normal", "inner"), ("device",)


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

    def run(self, idx, event=False):
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
        return coalesce(spans)

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


def forbidden(subject, idx, event):
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
    if not event:
        named.append(("IOMMU's registers", board.iommu))
    if idx != subject.housekeeping:
        named.append(("console", board.console))
    parts += [Part(*pages_of(*registers)[:1], pages_of(*registers).end, name) for name, registers in named]
    for ram in board.ram:
        parts += [Part(start, end, "RAM of PDs and of nobody") for start, end in
                  ((ram.base, min(ram.end, board.hypervisor.base)), (max(ram.base, board.hypervisor.end), ram.end))
                  if start < end]
    config = sorted(board.config_page(built.bdf) for built in subject.table_functions if own and built.pd == own)
    at = board.ecam.base
    for page in (*config, board.ecam.end):
        if page > at:
            parts.append(Part(at, page, "configuration space of others"))
        at = page + PAGE
    return parts


def writes(walk):
    """What a map can write."""
    return [span for span in walk.spans() if "w" in span.what[0]]


def check_seal(subject, name, walk, idx, event):
    """Returns what it found, so that it is not said twice."""
    broken = set()
    for part in forbidden(subject, idx, event):
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
        name = cpu.string("name")
        for walk, event in ((subject.rebuilt.runs[idx], False), (subject.rebuilt.events[idx], True)):
            kind = f"{'event' if event else 'run'} map of {name}"
            if walk is None:
                if not event or idx == subject.housekeeping:
                    subject.differences.add(kind, "none", "one")
                continue
            if event and idx != subject.housekeeping:
                subject.differences.add(kind, "one", "none: it is not the housekeeping CPU's")
                continue
            said = check_seal(subject, kind, walk, idx, event)
            check_map(subject, kind, walk, needed.run(idx, event), said)
    check_agreement(subject)
    if subject.rebuilt.boot:
        check_map(subject, "boot map", subject.rebuilt.boot, needed.boot())
