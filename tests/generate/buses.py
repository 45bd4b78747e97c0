# SPDX-License-Identifier: Apache-2.0
"""
Functions and bridges of a generated table. A slot is a device on a bus, with the PD that must own all of its functions.
What is behind ports with ACS may have several owners, all else behind one bridge has one.
"""
ENDPOINT_CLASSES = (0x010802, 0x020000, 0x00FF00, 0x028000, 0x0C0330, 0x120000, 0x000000, 0xFFFFFF)
VECTORS_MAX = 48        # of a PD, of what 128 interrupts and alignment leave
CAPABILITY_SIZES = {"pm": 8, "msi": 24, "msix": 12, "pcie": 60, "vendor": 52}


class Slot:
    """
    Where functions can be: `place(n)` is their properties for function n; `shared`: of all that are one requester;
    `bus_reset`: all behind the port are reset by it.
    """

    def __init__(self, owner, place, shared=None, bus_reset=False):
        self.owner, self.place, self.shared, self.bus_reset = owner, place, shared, bus_reset


class Buses:
    def __init__(self, dice, pds):
        self.dice, self.pds = dice, pds
        self.bridges = []       # text of their nodes
        self.slots = []
        self.free_devices = list(range(1, 32))
        dice.shuffle(self.free_devices)

    def owner(self):
        return self.dice.choice(self.pds)

    def first_bus(self, count):
        """Slots on the first bus, one owner each."""
        for _ in range(min(count, len(self.free_devices) - 4)):
            device = self.free_devices.pop()
            self.slots.append(Slot(self.owner(), lambda n, device=device: f"bdf = <0 {device} {n}>;"))

    def bridge(self, kind, place, acs):
        label = f"br{len(self.bridges)}"
        bars = f"bars = <0 MEM32 0x{self.dice.choice([16, 4096, 0x10000]):x}>;" if self.dice.randrange(4) == 0 else ""
        offset = f"acs = <0x{self.dice.randrange(0x40, 0x3FE) * 4:x}>;" if acs else ""
        self.bridges.append(f'\t\t{label}: bridge-{label} {{ type = "{kind}"; {place} id = <0x1b36 0x000c>; '
                            f"class = <0x060400>; {bars} {offset} }};\n")
        return label

    def root_port(self):
        """A port on the first bus and all behind it. An owner of None: whatever is behind may have its own."""
        acs = self.dice.randrange(3) > 0
        device = self.free_devices.pop()
        function = self.dice.randrange(8) if self.dice.randrange(4) == 0 else 0
        port = self.bridge("root-port", f"bdf = <0 {device} {function}>;", acs)
        self.behind(port, None if acs else self.owner(), 0)

    def behind(self, port, owner, depth):
        """What is behind a port: a device, a switch, or a bridge to conventional PCI."""
        kind = self.dice.randrange(4) if depth < 2 else 0
        if kind == 1:
            self.switch(port, owner, depth)
        elif kind == 2:
            self.pcie_pci(port, owner or self.owner())
        elif kind or depth or self.dice.randrange(8):
            self.slots.append(Slot(owner or self.owner(), lambda n: f"bridge = <&{port}>; devfn = <0 {n}>;",
                                   bus_reset=self.dice.randrange(2) == 0))

    def switch(self, port, owner, depth):
        """A port without ACS joins what is behind all of them."""
        acs = self.dice.randrange(2) > 0
        owner = owner if acs else owner or self.owner()
        upstream = self.bridge("upstream", f"bridge = <&{port}>; devfn = <0 0>;", False)
        for device in self.dice.sample(range(32), self.dice.randint(1, 4)):
            downstream = self.bridge("downstream", f"bridge = <&{upstream}>; devfn = <{device} 0>;", acs)
            self.behind(downstream, owner, depth + 1)

    def pcie_pci(self, port, owner):
        bridge = self.bridge("pcie-pci", f"bridge = <&{port}>; devfn = <0 {self.dice.choice([0, 0, 3])}>;", False)
        bus_reset = self.dice.randrange(2) == 0
        for device in self.dice.sample(range(32), self.dice.randint(1, 3)):
            self.slots.append(Slot(owner, lambda n, device=device: f"bridge = <&{bridge}>; devfn = <{device} {n}>;",
                                   shared=bridge, bus_reset=bus_reset))


def bars(dice):
    """Registers 0 to 5, MEM64 takes two: the property, and the size by register."""
    list_, sizes, register = [], {}, dice.randrange(2)
    while register < 6 and dice.randrange(3):
        wide = register < 5 and dice.randrange(3) == 0
        size = 1 << (dice.randint(4, 20) if dice.randrange(8) else 24)
        list_.append(f"<{register} {'MEM64' if wide else 'MEM32'} 0x{size:x}>")
        sizes[register] = size
        register += 2 if wide else 1
        register += dice.randrange(2)
    return (f"bars = {', '.join(list_)};" if list_ else ""), sizes


def msix_vectors(sizes):
    """As many as have a table in one of the BARs, with the pending bits or with another BAR for them."""
    room = max(sizes, default=0) - (8 if len(sizes) == 1 else 0)
    return min(20, room // 16)


def capabilities(dice, pd, sizes, needed):
    """Some, in any order, none over another; vectors as far as the PD has room, and those of MSI-X as BARs have."""
    text, at = "", 0x40
    kinds = dice.sample(sorted(CAPABILITY_SIZES), dice.randrange(6))
    for kind in needed + [kind for kind in kinds if kind not in needed]:
        if at + CAPABILITY_SIZES[kind] > 0x100:
            break
        if kind in ("msi", "msix"):
            vectors = 1 << dice.randrange(5) if kind == "msi" else dice.randint(0, msix_vectors(sizes))
            if not vectors or pd.vectors + vectors > VECTORS_MAX:
                continue
            pd.vectors += vectors
        if kind == "msi":
            flags = ["MSI_64", "(MSI_64 | MSI_MASK)"] + (["0", "MSI_MASK"] if pd.low_irqchip else [])
            text += f"msi = <0x{at:x} {vectors} {dice.choice(flags)}>; "
        elif kind == "msix":
            text += f"msix = <0x{at:x} {vectors}>; "
        elif kind == "vendor":
            text += f"vendor = <0x{at:x} {dice.randint(3, 20)}>, <0x{at + 20:x} {dice.randint(3, 32)}>; "
        else:
            text += f"{kind} = <0x{at:x}>; "
        at = (at + CAPABILITY_SIZES[kind] + 3) // 4 * 4 + 4 * dice.randrange(4)
    return text


def windows(dice, pd, bits):
    """Some of the regions with the D bit that the function can address."""
    able = [region for region in pd.windows if region.iova + region.size <= 1 << bits]
    return dice.sample(able, dice.randrange(min(len(able), 5) + 1))


def write(dice, sizes):
    """One of `reset-writes`: any register of any BAR."""
    register, bits = dice.choice(sorted(sizes)), dice.choice([8, 16, 32])
    offset = dice.choice([0, sizes[register] * 8 // bits - 1, dice.randrange(sizes[register] * 8 // bits)]) * bits // 8
    return f"<{register} 0x{offset:x} {bits} 0x{dice.randrange(1 << bits):x}>"


def reset(dice, slot, sizes, has_pcie):
    """How the function is reset, by what it has."""
    kinds = ["flr"] * has_pcie + ["writes"] * bool(sizes)
    kind = "bus" if slot.bus_reset else dice.choice(kinds)
    text = f'reset = "{kind}"; '
    if kind == "writes":
        text += "reset-writes = " + ", ".join(write(dice, sizes) for _ in range(dice.randint(1, 4))) + "; "
    if dice.randrange(2):
        text += f"drain-us = <{dice.choice([0, 1, 10000, 10000000])}>; "
    return text


def function(dice, pd, slot, n, shared):
    """The text of function n of a slot, which is the PD's from now on. `shared`: windows by requester."""
    bits = dice.choice([64, 64, 64, 48, 40, 32])
    if slot.shared:
        bits = 64
        have = shared.setdefault(slot.shared, windows(dice, pd, bits))
    else:
        have = windows(dice, pd, bits)
    names = "windows = <" + " ".join(f"&{region.label}" for region in have) + ">;" if have else ""
    registers, sizes = bars(dice)
    is_reset = pd.restarts or slot.bus_reset or dice.randrange(4) == 0
    able = capabilities(dice, pd, list(sizes.values()), ["pcie"] if is_reset and not (slot.bus_reset or sizes) else [])
    how = reset(dice, slot, sizes, "pcie = " in able) if is_reset else ""
    limit = f"dma-bits = <{bits}>;" if bits != 64 or dice.randrange(2) else ""
    return (f"\t\t\t{pd.name(dice, 'fn')} {{ {slot.place(n)} id = <0x{dice.randrange(0xFFFF):x} "
            f"0x{dice.randrange(0x10000):x}>; class = <0x{dice.choice(ENDPOINT_CLASSES):06x}>; {registers} {limit} "
            f"{able}{how}{names} }};\n")
