# SPDX-License-Identifier: Apache-2.0
"""
GICv3 MSIs (IHI 0069): the commands that an ITS is given (5.3), executed on a model of it; the LPI configuration table
(5.1.1); a PD's v2m frame (Arm SBSA, GICv2m). Each DeviceID and EventID ends at an LPI and a redistributor.
"""
from typing import NamedTuple

from .memory import Outside
from .ranges import PAGE, Part, overlaps

COMMAND_SIZE = 32
MAPC, MAPD, MAPTI, INVALL, SYNC = 0x09, 0x08, 0x0A, 0x0D, 0x05
VALID = 1 << 63
LPI_FIRST = 8192
LPI_ENABLED, LPI_RES1 = 0x01, 0x02
FRAME_TYPER = 0x008             # base INTID << 16 | count
FIELDS = {
    # by opcode: name, word, lowest bit, width, of everything but the opcode itself
    MAPC: (("collection", 2, 0, 16), ("target", 2, 16, 35), ("valid", 2, 63, 1)),
    MAPD: (("device", 0, 32, 32), ("bits", 1, 0, 5), ("itt", 2, 8, 44), ("valid", 2, 63, 1)),
    MAPTI: (("device", 0, 32, 32), ("event", 1, 0, 32), ("intid", 1, 32, 32), ("collection", 2, 0, 16)),
    INVALL: (("collection", 2, 0, 16),),
    SYNC: (("target", 2, 16, 35),),
}
NAMES = {MAPC: "MAPC", MAPD: "MAPD", MAPTI: "MAPTI", INVALL: "INVALL", SYNC: "SYNC"}


class Device(NamedTuple):
    itt: int
    bits: int


class Event(NamedTuple):
    intid: int
    collection: int


class Its:
    """An ITS after its commands: `collections` -> target, `devices`, `events` by (DeviceID, EventID)."""

    def __init__(self, memory, base, size, differences):
        self.differences = differences
        self.collections, self.devices, self.events = {}, {}, {}
        self.stale, self.waited = set(), set()  # collections without INVALL, targets with a SYNC since
        try:
            words = memory.words(base, size // 8)
        except Outside:
            differences.add(f"ITS commands at {base:#x}", "no constant", f"{size:#x} bytes in the image")
            return
        if size % COMMAND_SIZE:
            differences.add("ITS commands, size", size, f"a multiple of {COMMAND_SIZE}")
        for at in range(0, size // COMMAND_SIZE * COMMAND_SIZE, COMMAND_SIZE):
            self._command(base + at, words[at // 8:at // 8 + 4])
        for collection in sorted(self.stale):
            differences.add(f"ITS, collection {collection}", "no INVALL after its last MAPTI", "one")
        for target in sorted(set(self.collections.values()) - self.waited):
            differences.add(f"ITS, redistributor {target}", "no SYNC at the end", "one")

    def _bad(self, at, name, found, needed):
        self.differences.add(f"ITS command {name} at {at:#x}", found, needed)

    def _command(self, at, words):
        opcode, rest, fields = words[0] & 0xFF, list(words), {}
        if opcode not in FIELDS:
            self._bad(at, f"{opcode:#x}", "it", "one of " + ", ".join(NAMES.values()))
            return
        rest[0] &= ~0xFF
        for name, idx, low, width in FIELDS[opcode]:
            mask = (1 << width) - 1
            fields[name] = words[idx] >> low & mask
            rest[idx] &= ~(mask << low)
        if any(rest):
            self._bad(at, NAMES[opcode], "other bits " + " ".join(f"{bits:#x}" for bits in rest), "none")
        if not fields.pop("valid", 1):
            self._bad(at, NAMES[opcode], "V = 0, which unmaps", "V = 1")
            return
        getattr(self, "_" + NAMES[opcode].lower())(at, **fields)

    def _mapc(self, at, collection, target):
        if collection in self.collections:
            self._bad(at, "MAPC", f"collection {collection} for the second time", "once")
        self.collections[collection] = target

    def _mapd(self, at, device, bits, itt):
        if device in self.devices:
            self._bad(at, "MAPD", f"DeviceID {device:#x} for the second time", "once")
        self.devices[device] = Device(itt << 8, bits + 1)

    def _mapti(self, at, device, event, intid, collection):
        if device not in self.devices or event >> self.devices[device].bits:
            self._bad(at, "MAPTI", f"EventID {event} of DeviceID {device:#x}", "one that a MAPD before gives room")
        if collection not in self.collections:
            self._bad(at, "MAPTI", f"collection {collection}", "one that a MAPC before gives a redistributor")
        if (device, event) in self.events:
            self._bad(at, "MAPTI", f"EventID {event} of DeviceID {device:#x} for the second time", "once")
        self.events[device, event] = Event(intid, collection)
        self.stale.add(collection)
        self.waited.discard(self.collections.get(collection))

    def _invall(self, at, collection):
        if collection not in self.collections:
            self._bad(at, "INVALL", f"collection {collection}", "one that a MAPC before gives a redistributor")
        self.stale.discard(collection)
        self.waited.discard(self.collections.get(collection))

    def _sync(self, at, target):
        if target not in self.collections.values():
            self._bad(at, "SYNC", f"redistributor {target}", "one that a MAPC before names")
        self.waited.add(target)

    def itt_parts(self, entry_size):
        """Memory of the devices' translation tables."""
        return [Part(device.itt, device.itt + max(entry_size << device.bits, 256), f"ITT of DeviceID {number:#x}")
                for number, device in self.devices.items()]


def check_shared_lpis(its, differences):
    """An LPI says which function raised it: no two (DeviceID, EventID) have the same."""
    used = {}
    for (device, event), (intid, _) in its.events.items():
        if intid in used:
            differences.add(f"ITS, LPI {intid}", f"EventID {event} of DeviceID {device:#x} and {used[intid]}", "one")
        used[intid] = f"EventID {event} of DeviceID {device:#x}"


def check_configuration(memory, base, id_bits, mapped, differences):
    """Mapped LPIs are on for ever, with one priority; no other is on."""
    size = (1 << id_bits) - LPI_FIRST
    if size <= 0 or not memory.has(base, size):
        differences.add("LPI configuration table", f"{base:#x}, {size} bytes", "in the image")
        return
    table = memory.read(base, size)
    priorities = {table[intid - LPI_FIRST] & 0xFC for intid in mapped if 0 <= intid - LPI_FIRST < size}
    for intid in sorted(mapped):
        if not 0 <= intid - LPI_FIRST < size:
            differences.add(f"LPI {intid}", "no configuration", f"one of {LPI_FIRST} to {LPI_FIRST + size - 1}")
        elif table[intid - LPI_FIRST] & 3 != LPI_ENABLED | LPI_RES1:
            differences.add(f"LPI {intid}, configuration at {base + intid - LPI_FIRST:#x}", table[intid - LPI_FIRST],
                            "enabled, and bit 1, which is RES1")
    if len(priorities) > 1:
        differences.add("LPIs, priorities", ", ".join(map(hex, sorted(priorities))), "one for all")
    for at in [at for at, byte in enumerate(table) if byte and at + LPI_FIRST not in mapped]:
        differences.add(f"LPI {at + LPI_FIRST}, configuration at {base + at:#x}", table[at], "0: no function raises it")


def check_frame(memory, page, name, base, count, differences):
    """The page that a PD reads as its v2m frame: which SPIs, and nothing else."""
    for idx, word in enumerate(memory.words(page, PAGE // 8)):
        needed = base << 16 | count if idx == FRAME_TYPER // 8 else 0
        if word != needed:
            differences.add(f"{name}, word at {page + 8 * idx:#x}", word, needed)


def check_memory(parts, within, differences):
    """What the interrupt controller writes by itself lies in its own memory, each table apart."""
    for part in parts:
        if not within.start <= part.start < part.end <= within.end:
            differences.add(part.owner, f"{part.start:#x}-{part.end - 1:#x}",
                            f"inside {within.start:#x}-{within.end - 1:#x}")
    for one, other in overlaps(parts):
        differences.add(other.owner, f"at {other.start:#x}, over {one.owner}", "memory of its own")
