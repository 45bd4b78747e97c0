# SPDX-License-Identifier: Apache-2.0
"""
A run of partitions/edge with a stock kernel, from the first instruction until the controller has been alone for a
while. What is kept is what the host saw: QEMU's traces, memory over QMP, the disk image; and the console.
"""
import hashlib
import re
import time

import variant
from appliance import PAGE
from exits import Exits
from guest import TIMEOUT, Guest

STEPS = ["machine", "cpus", "disk", "net", "usb", "pressure"]
SMALL_STEPS = ["machine", "disk", "net", "usb"]
CLOUD_LACKS = ["net", "usb"]                                    # these kernels have drivers for neither e1000e nor USB
WINDOW_MIB, SMALL_WINDOW_MIB = 64, 8                            # partitions/edge's, and as small as it may be
WINDOW = "&linux_dma {{ reg = <0x0 0x0 0x0 {size:#x}>; }};\n"
MARKED = {WINDOW_MIB: ["disk"], SMALL_WINDOW_MIB: ["disk", "net"]}      # steps around which exits are asked for
KEYS = ["m", "u", "l"]
KEY_CODES = [50, 22, 38]                                        # linux/input-event-codes.h
AXES = {0: 12345, 1: 23456}
SECRET = hashlib.sha256(b"mullion\n").hexdigest().encode()      # guests/linux/steps/pressure
ALONE_SECONDS = 3
INTERRUPTS = re.compile(r"CPU (\d) has MSIs (\d+) IPIs (\d+);")


SENT = "gicv3_its_translation_write"     # QEMU's trace of each MSI


class Marks:
    """
    What was between two marks of a step: exits, as the hypervisor counted; MSIs and IPIs by CPU, as linux did; MSIs that
    functions sent, as QEMU did.
    """

    def __init__(self):
        self.exits, self.interrupts, self.sent = [], [], []

    def take(self, guest, line):
        """linux printed this line, with its interrupts, and waits."""
        self.exits.append(guest.exits())
        counted = INTERRUPTS.findall(guest.machine.console().rpartition(line)[2].partition("\n")[0])
        self.sent.append(sum(SENT in line for line in guest.machine.trace()))
        self.interrupts.append({int(cpu): (int(msis), int(ipis)) for cpu, msis, ipis in counted})

    def exits_between(self):
        before, after = self.exits
        return {key: after[key] - before[key] for key in after}

    def sent_between(self):
        return self.sent[1] - self.sent[0]

    def interrupts_between(self):
        """MSIs on each CPU; IPIs."""
        before, after = self.interrupts
        return [[after[cpu][what] - before[cpu][what] for cpu in (0, 1)] for what in (0, 1)]


class Edge(Guest):
    """With a window of other than partitions/edge's size, the steps that need its devices."""

    def __init__(self, build, kernel, guests, window_mib=WINDOW_MIB):
        self.window_mib, self.marks, self.watched = window_mib, {}, None
        steps = STEPS if window_mib == WINDOW_MIB else SMALL_STEPS
        self.steps = [step for step in steps if not (kernel.endswith("-cloud") and step in CLOUD_LACKS)]
        self.marked = [step for step in MARKED[window_mib] if step in self.steps]
        # Copies to and from devices have the same share of the window, whatever its size.
        share = [f"swiotlb={int(word[8:]) * window_mib // WINDOW_MIB}" if word.startswith("swiotlb=") else word
                 for word in variant.boot_words()]
        words = [*share, "usb_seconds=120", "pressure_seconds=8", f"steps={','.join(self.steps)}",
                 f"marks={','.join(self.marked)}"]
        super().__init__(build, kernel, guests, words, WINDOW.format(size=window_mib << 20))

    def run(self):
        self.machine.qmp.ask("trace-event-set-state", name=SENT, enable=True)
        self.machine.go()
        self.wait("step: machine: zone DMA,")
        for step in self.marked:
            self._mark(step)
        if "net" in self.steps and "net" not in self.marked:
            self._watch_exits()
        if "usb" in self.steps:
            self._type()
        if "pressure" in self.steps:
            self._look_into_memory()
        self.wait("mullion: linux is off")
        self.counts_at_power_off = self.counts()
        time.sleep(ALONE_SECONDS)
        self.counts_in_the_end = self.counts()
        self.machine.qmp.ask("stop")
        self.trace, self.console = self.machine.trace(), self.machine.console()

    def _mark(self, step):
        """linux waits for a line before it goes on."""
        self.marks[step] = Marks()
        for which in ("begin", "end"):
            line = f"step: {step}: mark {which}"
            self.wait(line)
            self.marks[step].take(self, line)
            self.type(b"\r")

    def _watch_exits(self):
        """While the network's driver starts its card and 16 MiB arrive."""
        self.watched = Exits(self.machine)
        self.watched.watch_until("bytes in", TIMEOUT)

    def _type(self):
        self.wait("step: usb: type")
        keys = [[{"type": "key", "data": {"down": down, "key": {"type": "qcode", "data": key}}}]
                for key in [*KEYS, "esc"] for down in (True, False)]
        move = [{"type": "abs", "data": {"axis": axis, "value": value}} for axis, value in zip("xy", AXES.values())]
        for events in [*keys[:-2], move, *keys[-2:]]:
            self.machine.qmp.ask("input-send-event", events=events)
            time.sleep(0.2)
        self.wait("step: usb: end")

    def _look_into_memory(self):
        """While it is full: pages with the secret, in the window and in all memory of linux."""
        self.wait("step: pressure: memory is full")
        self.machine.qmp.ask("stop")
        regions = self.appliance.regions()
        self.secret_pages = {name: self._pages_with(SECRET, regions[name]) for name in ("dma", "ram")}
        self.machine.qmp.ask("cont")

    def _pages_with(self, pattern, region):
        memory = self.machine.dump(region.pa, region.size)
        return sum(1 for at in range(0, len(memory), PAGE) if pattern in memory[at:at + PAGE])
