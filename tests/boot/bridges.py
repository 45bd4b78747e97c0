# SPDX-License-Identifier: Apache-2.0
"""PCI as QEMU itself has it: who is behind which bridge, numbers, windows; commands and capabilities from its ECAM."""

COMMAND, CAPABILITY_ACS = 0x04, 0x0D
MEMORY, MASTER, DECODES = 1 << 1, 1 << 2, 0x7


class Function:
    """One that QEMU reaches by the bridges' numbers as they are now."""

    def __init__(self, found, above):
        self.id, self.above = found["qdev_id"], above
        self.bdf = found["bus"] << 8 | found["slot"] << 3 | found["function"]
        self.bars = [(region["address"], region["size"]) for region in found["regions"] if region["type"] == "memory"]
        self.bridge = found["pci_bridge"]["bus"] if "pci_bridge" in found else None

    def name(self):
        return f"0000:{self.bdf >> 8:02x}:{self.bdf >> 3 & 31:02x}.{self.bdf & 7}"

    def window(self, which):
        return self.bridge[which]["base"], self.bridge[which]["limit"]

    def requester(self):
        """What QEMU's SMMU and ITS are told: a bridge to conventional PCI answers for all behind it."""
        conventional = self.above and self.above.id == "conventional"
        return self.above.bridge["secondary"] << 8 if conventional else self.bdf

    def bridges(self):
        """All above it, the nearest first."""
        return [self.above, *self.above.bridges()] if self.above else []


def functions(machine):
    """By the name that the machine gives them; what has none is no matter."""
    found = {}

    def collect(devices, above):
        for device in devices:
            function = Function(device, above)
            found[function.id] = function
            collect(device.get("pci_bridge", {}).get("devices", []), function)

    for bus in machine.qmp.ask("query-pci"):
        collect(bus["devices"], None)
    found.pop("", None)
    return found


def page(machine, bdf):
    return machine.appliance.config_page(bdf >> 8, bdf >> 3 & 31, bdf & 7)


def command(machine, bdf):
    return machine.dump_int(page(machine, bdf) + COMMAND, 2)


def acs(machine, bdf):
    """Capabilities and control of ACS, by the list of extended capabilities; nothing if there is none."""
    at = 0x100
    while at:
        header = machine.dump_int(page(machine, bdf) + at)
        if header & 0xFFFF == CAPABILITY_ACS:
            return machine.dump_int(page(machine, bdf) + at + 4, 2), machine.dump_int(page(machine, bdf) + at + 6, 2)
        at = header >> 20
    return None


def numbers(found):
    return {name: (function.bridge["number"], function.bridge["secondary"], function.bridge["subordinate"])
            for name, function in found.items() if function.bridge}


def misplaced(found, expected):
    """`expected`: by name, the bridge it is behind; None on the first bus. Nobody else is reached."""
    bad = [f"{name} is reached" for name in found if name not in expected]
    for name, above in expected.items():
        if name not in found:
            bad.append(f"{name} is not reached")
        elif (found[name].above and found[name].above.id) != above:
            bad.append(f"{name} is not behind {above}")
    return bad


def overlap(a, b):
    return a[0] <= b[1] and b[0] <= a[1]


def misrouted(machine, found, bars_of):
    """Each BAR of these functions is in the memory window of each bridge above it and of no other; no other is open."""
    bad = []
    forwarding = {name: f for name, f in found.items() if f.bridge and command(machine, f.bdf) & DECODES}
    for name, bridge in forwarding.items():
        bad += [f"{name} forwards {which}" for which in ("io_range", "prefetchable_range")
                if bridge.window(which)[0] <= bridge.window(which)[1]]
    for name in bars_of:
        above = found[name].bridges()
        for address, size in found[name].bars:
            bar = address, address + size - 1
            if address < 0:
                bad.append(f"a BAR of {name} is not mapped")
            for bridge in forwarding.values():
                window = bridge.window("memory_range")
                if bridge in above and not (window[0] <= bar[0] and bar[1] <= window[1]):
                    bad.append(f"{bridge.id} does not forward to {name}")
                if bridge not in above and overlap(window, bar):
                    bad.append(f"{bridge.id} forwards what is {name}'s")
            bad += [f"{bridge.id} does not forward" for bridge in above if bridge.id not in forwarding]
    return bad


def open_although_undeclared(machine, found, closed):
    """Bus numbers and command of those that must be closed."""
    bad = []
    for name in closed:
        if numbers(found)[name] != (0, 0, 0):
            bad.append(f"{name} has bus numbers {numbers(found)[name]}")
        if command(machine, found[name].bdf) & DECODES:
            bad.append(f"{name} decodes or is bus master")
    return bad
