# SPDX-License-Identifier: Apache-2.0
"""
Bridges: the compiler numbers the buses behind them, so these numbers come from the image; that they make one tree, that
each window has what is behind it and nothing else, and what the hypervisor writes into the bridges, is checked.
"""
from .ranges import PAGE, Part, overlaps, place

# A bridge's header (PCI-to-PCI Bridge 1.2, 3.2)
IO, MEMORY, PREFETCH, PREFETCH_BASE_HIGH, PREFETCH_LIMIT_HIGH, IO_HIGH, CONTROL = 0x1C, 0x20, 0x24, 0x28, 0x2C, 0x30, 0x3C
ALL, WINDOW_MASK, LIMIT_MASK = 0xFFFFFFFF, 0xFFF0FFF0, 0xFFF00000
CLOSED = 0x0000FFF0                                     # base above limit
IO_CLOSED, IO_LIMIT_MASK = 0x00F0, 0xF000
CONTROL_MASK = 0x5C << 16                               # ISA, VGA, 16-bit VGA; reset of the bus behind
WINDOW_STEP = 1 << 20
# ACS (PCIe 5.0, 7.7.8)
ACS_ID, ACS_ON, ACS_MASK = 0x000D, 0x1F << 16, 0x7F << 16
VENDOR = 0x09                                           # a capability; its third byte is its length
# From a PCI Express capability on (PCIe 5.0, 7.5.3.3 and 7.5.3.4).
DEVICE_CAPABILITIES, CAN_FLR, DEVICE_CONTROL, MAX_PAYLOAD = 4, 1 << 28, 8, 7 << 5
BAR, BAR_MASK = 0x10, 0xFFFFFFF0
DEVICES = 32                                            # of the one bus that a PD sees


class Bridges:
    def __init__(self, subject):
        self.subject, pci = subject, subject.table.pci
        self.built = pci.array("bridges", pci.bridge_count)
        self.by_bdf = {bridge.bdf: bridge for bridge in (getattr(entry, "is") for entry in self.built)}
        self.buses = {getattr(entry, "is").bdf: entry.buses for entry in self.built}
        self.addresses = {}             # of functions and bridges among the constants
        self.declared = {bridge.node.path: bridge for bridge in subject.declaration.bridges}

    def bdf(self, item):
        """Where a declared function or bridge is; None behind a bridge that the image does not have."""
        if item.bdf is not None:
            return item.bdf
        above = self.bdf(self.declared[item.bridge.path])
        return None if above not in self.buses else (self.buses[above] >> 8 & 0xFF) << 8 | item.devfn

    def above(self, item):
        """Declared bridges from the nearest to the first bus."""
        found = []
        while item.bridge is not None:
            item = self.declared[item.bridge.path]
            found.append(item)
        return found

    def requester(self, function, bdf):
        """Who the IOMMU and the ITS see: behind a bridge to conventional PCI, device 0 of the bus behind it."""
        for bridge in self.above(function):
            if bridge.type == "pcie-pci":
                return self.buses[self.bdf(bridge)] & 0xFF00
        return bdf

    def window(self, bdf):
        """Memory that a bridge forwards, by the register that the hypervisor writes: base and end; None: closed."""
        value = next((register.value for register in self.registers()
                      if register.offset == MEMORY and self.function_bdf(register) == bdf), CLOSED)
        base, end = (value & 0xFFF0) << 16, (value & 0xFFF00000) + WINDOW_STEP
        return (base, end) if base < end else None

    def registers(self):
        pci = self.subject.table.pci
        return pci.array("registers", pci.register_count)

    def function_bdf(self, register):
        """Of the function or bridge that a register's pointer names."""
        if not self.addresses:
            self.addresses = {value.address(): value.bdf
                              for value in (*self.by_bdf.values(), *self.subject.table_functions)}
        return self.addresses.get(register.function)


def order_in_view(subject, label):
    """Where a PD sees its functions, by node: the first bus as it is, then the lowest free devices."""
    declared = next(pd for pd in subject.declaration.pds if pd.label == label)
    seen = {function.node.path: function.bdf for function in declared.functions if function.bridge is None}
    used = {bdf >> 3 & 31 for bdf in seen.values()}
    for function in declared.functions:
        if function.bridge is not None:
            device = next((device for device in range(DEVICES) if device not in used), DEVICES)
            used.add(device)
            seen[function.node.path] = subject.board.bus_first << 8 | device << 3
    return seen


def check_tree(subject):
    """Each bridge begins on its own bus, and all buses behind it are nobody else's."""
    bridges, board = subject.bridges, subject.board
    needed = {bridges.bdf(bridge): bridge for bridge in bridges.declared.values()}
    for bdf in sorted(set(bridges.by_bdf) ^ set(needed), key=lambda bdf: -1 if bdf is None else bdf):
        name = "a bridge behind another" if bdf is None else f"bridge {board.bdf_name(bdf)}"
        subject.differences.add(name, *(("in the image", "no such declaration") if bdf in bridges.by_bdf else
                                        ("nothing in the image", "as declared")))
    used = {board.bus_first: "the first bus"}
    for bdf, bridge in needed.items():
        if bdf not in bridges.by_bdf:
            continue
        numbers, name = bridges.buses[bdf], f"bridge {bridge.name}, buses"
        primary, secondary, last = numbers & 0xFF, numbers >> 8 & 0xFF, numbers >> 16
        below = [bridges.buses[other] >> 16 for other in bridges.buses if other >> 8 == secondary]
        if primary != bdf >> 8 or secondary in used or not board.bus_first < secondary <= board.bus_last or \
                last != max([secondary, *below]) or last > board.bus_last:
            subject.differences.add(name, f"{numbers:#08x}", f"{bdf >> 8:#x}, a bus of its own, the last one behind it")
        used[secondary] = bridge.name
        for other, taken in bridges.buses.items():
            inside = secondary <= (taken >> 8 & 0xFF) <= last
            if other != bdf and inside != (secondary <= other >> 8 <= last):
                subject.differences.add(name, f"{numbers:#08x}, with the bus behind {board.bdf_name(other)}", "apart")


def check_windows(subject):
    """What a bridge forwards: every BAR behind it, in the host bridge's 32-bit window, and no other."""
    bridges, pieces = subject.bridges, {}
    for item, built in (*subject.functions, *built_bridges(subject)):
        ours = {bridge.node.path for bridge in bridges.above(item)}
        for bar in built.array("bars", built.bar_count):
            pieces[bar.addr] = (bar.addr, bar.addr + max(bar.size, PAGE), built.string("name"), ours)
    space = subject.board.pci_windows.get(2)
    for bridge, built in built_bridges(subject):
        name, window = f"bridge {bridge.name}, memory window", bridges.window(built.bdf)
        behind = [piece for piece in pieces.values() if bridge.node.path in piece[3]]
        if window is None or not behind:
            subject.differences.equal(f"{name}, open", window is not None, bool(behind))
            continue
        if not space or not space.contains(*window):
            subject.differences.add(name, place(*window), "in the host bridge's")
        for start, end, what, ours in pieces.values():
            if bridge.node.path in ours:
                if not window[0] <= start < end <= window[1]:
                    subject.differences.add(f"{name}, a BAR of {what}", place(start, end), f"in {place(*window)}")
            elif start < window[1] and window[0] < end:
                subject.differences.add(f"{name}, a BAR of {what}", place(start, end), f"outside {place(*window)}")
    siblings = {}
    for bridge, built in built_bridges(subject):
        if window := bridges.window(built.bdf):
            siblings.setdefault(built.bdf >> 8, []).append(Part(*window, f"bridge {bridge.name}, memory window"))
    for parts in siblings.values():
        for one, other in overlaps(parts):
            subject.differences.add(other.owner, f"over that of {one.owner}", "apart")


def built_bridges(subject):
    """(declared, built) pairs."""
    bridges = subject.bridges
    return [(bridge, bridges.by_bdf[bridges.bdf(bridge)]) for bridge in bridges.declared.values()
            if bridges.bdf(bridge) in bridges.by_bdf]


def check_registers(subject):
    """What boot writes and reads back, each once, bridges first: BARs, windows, isolation; and what must be there."""
    bridges, needed = subject.bridges, {}
    for bridge, built in built_bridges(subject):
        memory = bridges.window(built.bdf)
        value = CLOSED if memory is None else memory[0] >> 16 | memory[1] - WINDOW_STEP
        bdf = built.bdf
        needed |= bar_registers(built) | {
            (bdf, MEMORY): (4, value, WINDOW_MASK), (bdf, PREFETCH): (4, CLOSED, LIMIT_MASK),
            (bdf, PREFETCH_BASE_HIGH): (4, 0, ALL), (bdf, PREFETCH_LIMIT_HIGH): (4, 0, ALL),
            (bdf, IO): (2, IO_CLOSED, IO_LIMIT_MASK), (bdf, IO_HIGH): (4, 0, ALL), (bdf, CONTROL): (4, 0, CONTROL_MASK)}
        if bridge.acs:
            needed |= {(bdf, bridge.acs): (0, ACS_ID, 0xFFFF), (bdf, bridge.acs + 4): (4, ACS_ON, ACS_MASK)}
    for declared, built in subject.functions:
        needed |= bar_registers(built)
        for offset, length in declared.vendors:
            needed[built.bdf, offset] = (0, VENDOR | length << 16, 0xFF00FF)
        if declared.reset == "flr":
            needed[built.bdf, (declared.pcie or 0) + DEVICE_CAPABILITIES] = (0, CAN_FLR, CAN_FLR)
        if declared.reset in ("flr", "bus") and declared.pcie:
            needed[built.bdf, declared.pcie + DEVICE_CONTROL] = (0, 0, MAX_PAYLOAD)
    found = {(bridges.function_bdf(one), one.offset): (one.bytes, one.value, one.mask) for one in bridges.registers()}
    if len(found) != len(bridges.registers()):
        subject.differences.add("registers of PCI functions", "one of them twice", "each once")
    for key in sorted({*found, *needed}, key=str):
        if found.get(key) != needed.get(key):
            name = "no function" if key[0] is None else subject.board.bdf_name(key[0])
            subject.differences.add(f"register {key[1]:#x} of {name} (bytes, value, mask)",
                                    words(found.get(key)), words(needed.get(key)))
    firsts = [bridges.function_bdf(one) in bridges.by_bdf for one in bridges.registers()]
    if firsts != sorted(firsts, reverse=True):
        subject.differences.add("registers of PCI functions", "a bridge's after a function's", "bridges first")
    order = [getattr(entry, "is").bdf for entry in bridges.built]
    for i, bdf in enumerate(order):
        if bdf >> 8 != subject.board.bus_first and not any(
                bridges.buses[other] >> 8 & 0xFF == bdf >> 8 for other in order[:i]):
            subject.differences.add(f"bridge {subject.board.bdf_name(bdf)}", "before the bridge above it", "after it")


def bar_registers(built):
    needed = {}
    for bar in built.array("bars", built.bar_count):
        needed[built.bdf, BAR + 4 * bar.idx] = (4, bar.addr & ALL, BAR_MASK)
        if bar.is_64bit:
            needed[built.bdf, BAR + 4 * bar.idx + 4] = (4, bar.addr >> 32, ALL)
    return needed


def words(values):
    return "nothing" if values is None else ", ".join(map(hex, values))


def check_bridges(subject):
    check_tree(subject)
    check_windows(subject)
    check_registers(subject)
