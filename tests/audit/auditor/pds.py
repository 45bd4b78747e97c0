# SPDX-License-Identifier: Apache-2.0
"""PDs: what their CPUs reach by stage 2, and who owns which byte of the host."""
from .bridges import built_bridges
from .declaration import FRAME
from .ranges import PAGE, Part, Span, coalesce, compare, covering, overlaps, place
from .subject import pages_of

NORMAL, DEVICE = ("normal", "inner"), ("device",)


def find_hosts(subject):
    """Placements of regions, from the PDs' own tables: where the first byte of each leads."""
    for declared, built in subject.pds:
        walk = subject.rebuilt.pds[subject.pd_index(built)]
        spans = walk.spans() if walk else []
        for region in declared.regions:
            _, _, span = next(covering(spans, region.base, region.base + region.size), (0, 0, None))
            if span and span.start <= region.base:
                subject.hosts[region.node] = span.out + region.base - span.start
        subject.frames.add(msi_frame(subject, declared, built))


def msi_frame(subject, declared, built):
    """Host page that the PD has as its MSI frame; its place in the image is the compiler's."""
    walk = subject.rebuilt.pds[subject.pd_index(built)]
    return next((leaf.out for leaf in walk.leaves if leaf.start == declared.irqchip + FRAME), None) if walk else None


def needed_memory(subject, declared, built):
    """All that the PD's CPUs may reach."""
    spans = []
    for region in declared.regions:
        host = subject.region_host(region)
        if host is not None:
            spans.append(Span(region.base, region.base + region.size, host, (region.access, *NORMAL)))
        else:
            spans.append(Span(region.base, region.base + region.size, -1, (region.access, *NORMAL)))
    for function, other in subject.functions:
        if function.pd != declared.label:
            continue
        for bar in other.array("bars", other.bar_count):
            pages = pages_of(bar.addr, bar.size)
            spans.append(Span(pages.base, pages.end, pages.base, ("rw-", *DEVICE)))
    for device in declared.devices:
        for registers in device.ranges:
            pages = pages_of(*registers)
            spans.append(Span(pages.base, pages.end, pages.base, ("rw-", *DEVICE)))
    if declared.vectors:
        frame = declared.irqchip + FRAME
        spans.append(Span(frame, frame + PAGE, msi_frame(subject, declared, built) or -1, ("r--", *NORMAL)))
    return sorted(spans)


def names_of(declared):
    """Address ranges that a person knows by name."""
    return [(region.base, region.base + region.size, region.name) for region in declared.regions]


def check_memory(subject, declared, built):
    walk = subject.rebuilt.pds[subject.pd_index(built)]
    name = f"memory of {declared.label}"
    if walk is None:
        subject.differences.add(name, "no root", "one")
        return
    needed = needed_memory(subject, declared, built)
    for one, other in overlaps(needed):
        subject.differences.add(name, f"two things at {place(other.start, min(one.end, other.end))}", "one")
        return
    for start, end, found, need in compare(walk.spans(), coalesce(needed)):
        what = next((f" {word}" for base, limit, word in names_of(declared) if base <= start < limit), "")
        subject.differences.add(f"{name},{what} {place(start, end)}", found.words() if found else "not mapped",
                                wanted(need))


def wanted(need):
    if need is None:
        return "not mapped"
    return need.words() if need.out >= 0 else f"{' '.join(need.what)}, at one place"


def check_regions(subject):
    """In RAM, where `phys` says, and shared exactly as declared."""
    board, parts, shared = subject.board, [], {}
    for declared, _ in subject.pds:
        for region in declared.regions:
            host = subject.region_host(region)
            if host is None:
                continue
            end, name = host + region.size, f"{region.name} of {region.pd}"
            if not any(ram.contains(host, end) for ram in board.ram):
                subject.differences.add(name, place(host, end), "in the board's RAM")
            if region.phys is not None:
                subject.differences.equal(f"{name}, host address", host, region.phys)
            for other in subject.declaration.sharers(region):
                subject.differences.equal(f"{name}, shared with {other.name} of {other.pd}, host address", host,
                                          subject.region_host(other))
            group = tuple(sorted({region.node, *region.shared_with}))
            if not region.shared_with or group not in shared:
                parts.append(Part(host, end, name))
            shared[group] = name
    return parts


def store_parts(subject):
    return [Part(image.store, image.store + image.size, f"stored image of {image.string('name')}")
            for _, built in subject.pds for image in built.array("images", built.image_count)]


def check_owners(subject):
    """One owner for each byte of RAM, and for each page of registers."""
    board, slots = subject.board, subject.slots
    memory = check_regions(subject)
    for part in store_parts(subject):
        if not any(ram.contains(part.start, part.end) for ram in board.ram):
            subject.differences.add(part.owner, place(part.start, part.end), "in the board's RAM")
        for reserved in board.bootloader:
            if part.start < reserved.end and reserved.base < part.end:
                subject.differences.add(part.owner, place(part.start, part.end), "outside what the bootloader uses")
    memory += store_parts(subject) + [Part(board.hypervisor.base, board.hypervisor.end, "the hypervisor")]
    registers = [Part(*_pages(base), name) for name, base in board_registers(subject)]
    for declared, _ in subject.pds:
        for device in declared.devices:
            registers += [Part(*_pages(one), f"{device.name} of {declared.label}") for one in device.ranges]
    for _, built in (*subject.functions, *built_bridges(subject)):
        registers += [Part(*_pages((bar.addr, bar.size)), f"BAR {bar.idx} of {built.string('name')}")
                      for bar in built.array("bars", built.bar_count)]
    for one, other in (*overlaps(memory), *overlaps(registers)):
        subject.differences.add(other.owner, f"over {one.owner} at {other.start:#x}", "memory of its own")
    if slots.its:
        inside = board.hypervisor.contains(slots.its.start, slots.its.end)
        subject.differences.equal("ITS memory in the hypervisor's", inside, True)


def _pages(registers):
    pages = pages_of(*registers)
    return pages.base, pages.end


def board_registers(subject):
    board = subject.board
    named = [("the console", board.console), ("the IOMMU", board.iommu), ("the distributor", board.gicd),
             ("the redistributors", board.gicr), ("configuration space", board.ecam)]
    named += [("the ITS", board.its)] if board.its else []
    named += [("flash", flash) for flash in board.flash]
    return named


def check_vmids(subject):
    """A tag for each PD and each stream that is nobody else's."""
    used, most = {}, len(subject.table_pds) + len(subject.table_functions)
    streams = {number: stream.vmid for number, stream in subject.rebuilt.streams.items()}
    named = [(f"PD {declared.label}", subject.rebuilt.anchors.pds[subject.pd_index(built)][1])
             for declared, built in subject.pds] + [(f"stream {number:#x}", vmid) for number, vmid in streams.items()]
    for name, vmid in named:
        if not 1 <= vmid <= most or vmid in used:
            subject.differences.add(f"VMID of {name}", f"{vmid}{', as ' + used[vmid] if vmid in used else ''}",
                                    f"one of its own, 1 to {most}")
        used[vmid] = name


def check_pds(subject):
    for declared, built in subject.pds:
        check_memory(subject, declared, built)
    check_owners(subject)
    check_vmids(subject)
