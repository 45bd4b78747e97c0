# SPDX-License-Identifier: Apache-2.0
"""PCI functions: where each is, and what its stream reaches."""
from .board import MEM32_SPACE, MEM64_SPACE
from .bridges import built_bridges, order_in_view
from .declaration import FRAME
from .ranges import PAGE, Span, coalesce, compare, covering, overlaps, place

NORMAL, DEVICE = ("normal", "inner"), ("device",)


def match_functions(subject):
    """Pairs of declared and built ones, by where they are; both sides must come out even."""
    built = {value.bdf: value for value in subject.table_functions}
    if len(built) != len(subject.table_functions):
        subject.differences.add("functions of the image", "two at one place", "one")
    for declared, _ in subject.pds:
        for function in declared.functions:
            bdf = subject.bridges.bdf(function)
            if bdf in built:
                subject.functions.append((function, built.pop(bdf)))
            else:
                where = subject.board.bdf_name(bdf) if bdf is not None else "its bridge"
                subject.differences.add(f"function {function.name} of {declared.label}",
                                        f"nothing at {where} in the image", "as declared")
    for rest in built.values():
        subject.differences.add(f"function {rest.string('name')}", "in the image", "no such declaration")


def check_identity(subject, declared, built):
    """Where it is for the machine, for the IOMMU and for its PD, and what must be there."""
    board, differences = subject.board, subject.differences
    owner = next((i for i, pd in enumerate(subject.table_pds, 1) if pd.string("label") == declared.pd), 0)
    requester = subject.bridges.requester(declared, built.bdf)
    differences.fields(
        f"function {declared.name} of {declared.pd}",
        {"name": built.string("name"), "PD": built.pd, "vendor": built.vendor, "device": built.device,
         "class": getattr(built, "class"), "stream": built.stream, "configuration page": built.config,
         "place for its PD": built.pd_bdf},
        {"name": board.bdf_name(built.bdf), "PD": owner, "vendor": declared.vendor, "device": declared.device,
         "class": declared.klass, "stream": board.stream_base + requester,
         "configuration page": board.config_page(built.bdf),
         "place for its PD": order_in_view(subject, declared.pd)[declared.node.path]})


def check_bridge_identity(subject, declared, built):
    """Of a bridge there is nothing else: it is nobody's, has no stream and no windows."""
    board = subject.board
    known = {"name": board.bdf_name(built.bdf), "bdf": built.bdf, "config": board.config_page(built.bdf),
             "vendor": declared.vendor, "device": declared.device, "class": declared.klass,
             "bars": built.bars, "bar_count": len(declared.bars)}
    for name in built.names():
        value = built.string(name) if name == "name" else getattr(built, name)
        subject.differences.equal(f"bridge {declared.name}, {name}", value, known.get(name, 0))


def check_bars(subject, declared, built):
    """Sizes and types as declared, addresses inside the host bridge's windows and aligned."""
    bars = {bar.idx: bar for bar in built.array("bars", built.bar_count)}
    name = f"function {declared.name} of {declared.pd}" if hasattr(declared, "pd") else f"bridge {declared.name}"
    subject.differences.equal(f"{name}, BARs", sorted(bars), sorted(bar.idx for bar in declared.bars))
    for need in declared.bars:
        bar = bars.get(need.idx)
        if bar is None:
            continue
        subject.differences.fields(f"{name}, BAR {need.idx}", {"64 bits": bar.is_64bit, "size": bar.size},
                                   {"64 bits": need.is_64bit, "size": need.size})
        windows = [subject.board.pci_windows.get(space) for space in
                   ((MEM64_SPACE, MEM32_SPACE) if need.is_64bit and declared.bridge is None else (MEM32_SPACE,))]
        if bar.addr % max(need.size, PAGE) or not any(
                window and window.contains(bar.addr, bar.addr + need.size) for window in windows):
            subject.differences.add(f"{name}, BAR {need.idx}, address", bar.addr,
                                    "aligned to its size and a page, in the host bridge's memory window")


def needed_windows(subject, functions):
    """Of all that share the stream."""
    spans = set()
    for function in functions:
        pd = next(pd for pd in subject.declaration.pds if pd.label == function.pd)
        for region in function.windows:
            host = subject.region_host(region)
            spans.add(Span(region.iova, region.iova + region.size, -1 if host is None else host,
                           (region.dma, *NORMAL)))
        if function.vectors:
            doorbell = pd.irqchip + FRAME
            spans.add(Span(doorbell, doorbell + PAGE, subject.board.doorbell, ("-w-", *DEVICE)))
    return sorted(spans)


def by_stream(subject):
    streams = {}
    for declared, built in subject.functions:
        streams.setdefault(built.stream, []).append((declared, built))
    return streams


def check_stream(subject, number, pairs):
    declared = [function for function, _ in pairs]
    name = " and ".join(f"{function.name} of {function.pd}" for function in declared)
    stream = subject.rebuilt.streams.get(number)
    if len({function.windows for function in declared}) > 1:
        subject.differences.add(f"stream {number:#x}", f"{name}, with different windows", "the same of all")
    if len({function.pd for function in declared}) > 1:
        subject.differences.add(f"stream {number:#x}", f"functions of several PDs: {name}", "one owner")
    if stream is None:
        subject.differences.add(f"DMA of {name}", f"stream {number:#x} reaches nothing", "stage 2")
        return
    for _, built in pairs:
        subject.differences.equal(f"DMA of {name}, VMID", built.vmid, stream.vmid)
    subject.differences.equal(f"DMA of {name}, bits of input address", stream.input_bits, subject.table.ipa_bits)
    needed = needed_windows(subject, declared)
    for one, other in overlaps(needed):
        subject.differences.add(f"DMA of {name}", f"two windows at {place(other.start, min(one.end, other.end))}", "one")
        return
    for start, end, found, need in compare(stream.walk.spans(), coalesce(needed)):
        what = next((f" {region.name}" for function in declared for region in function.windows
                     if region.iova <= start < region.iova + region.size), "")
        wanted = "nothing" if need is None else need.words() if need.out >= 0 else f"{' '.join(need.what)} host memory"
        subject.differences.add(f"DMA of {name},{what} {place(start, end)}", found.words() if found else "nothing",
                                wanted)


def check_streams(subject):
    """Each declared stream reaches its windows, all of them and nothing else; no other is open."""
    streams = by_stream(subject)
    for number, pairs in streams.items():
        check_stream(subject, number, pairs)
    for number in subject.rebuilt.streams:
        if number not in streams:
            subject.differences.add(f"stream {number:#x}", "open", "abort: no declared function has it")


def check_constant_windows(subject, declared, built):
    """What the boot audit compares the tables with: it must be the declaration, too."""
    found = sorted((window.iova, window.pa, window.size, window.dma)
                   for window in built.array("windows", built.window_count))
    needed = sorted((region.iova, subject.region_host(region), region.size, rights_code(region.dma))
                    for region in declared.windows)
    name = f"function {declared.name} of {declared.pd}, windows for the boot audit"
    if found != needed:
        subject.differences.add(name, windows_words(found), windows_words(needed))
    pd = next(pd for pd in subject.declaration.pds if pd.label == declared.pd)
    rings = any(other.vectors for other, value in subject.functions if value.stream == built.stream)
    subject.differences.fields(f"function {declared.name} of {declared.pd}",
                               {"has a doorbell": built.has_doorbell, "doorbell": built.doorbell},
                               {"has a doorbell": rings, "doorbell": pd.irqchip + FRAME if rings else 0})


def rights_code(rights):
    return sum(1 << "rwx".index(letter) for letter in rights if letter != "-")


def windows_words(windows):
    return ", ".join(f"{iova:#x} -> {'nowhere' if host is None else hex(host)}, {size:#x} bytes, rights {dma}"
                     for iova, host, size, dma in windows) or "none"


def check_dma_limits(subject):
    """A window shows a device memory of its PD that has the D bit; nothing else of the host's."""
    hosts = []
    for declared, _ in subject.pds:
        for region in declared.regions:
            host = subject.region_host(region)
            if host is not None and set(region.dma) != {"-"}:
                hosts.append(Span(host, host + region.size, 0, (region.pd,)))
    hosts.sort()
    for number, pairs in by_stream(subject).items():
        stream = subject.rebuilt.streams.get(number)
        for span in stream.walk.spans() if stream else ():
            if span.out == subject.board.doorbell and span.end - span.start == PAGE:
                continue
            host_end = span.out + span.end - span.start
            for start, end, owner in covering(hosts, span.out, host_end):
                if owner is None or owner.what[0] != pairs[0][0].pd:
                    subject.differences.add(f"stream {number:#x}, {place(span.start, span.end)}",
                                            f"reaches {place(start, end)}", f"D-bit memory of {pairs[0][0].pd} only")


def check_functions(subject):
    for declared, built in built_bridges(subject):
        check_bridge_identity(subject, declared, built)
        check_bars(subject, declared, built)
    for declared, built in subject.functions:
        check_identity(subject, declared, built)
        check_bars(subject, declared, built)
        check_constant_windows(subject, declared, built)
    check_streams(subject)
    check_dma_limits(subject)
