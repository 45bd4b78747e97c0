# SPDX-License-Identifier: Apache-2.0
"""How late the controller's timer is served while the rogue floods, by the clock on the wall.

Shown and never judged: without -icount a figure is mostly about what else ran on the host and on QEMU's threads. What
is judged is in test_unowed.py. The histogram is the program's own, read from its memory (partitions/appliance).
"""
import struct
import tempfile
import time
from pathlib import Path

from bench import BUILD, Appliance
import rogue
from machine import Machine

BUCKETS = 16                                    # partitions/appliance/plc_lateness.c
PHASES = [
    ("console flood", "[rogue] attack 51 "),
    ("SGI flood", "[rogue] attack 52 "),
    ("DMA-fault flood", "[rogue] attack 53 "),
]
QUIET_SECONDS = 4


def appliance():
    return Appliance(BUILD / "floods", "tests/bench/floods/table.dts", config="qemu-virt-arm64_appliance_defconfig")


class Plc:
    def __init__(self, machine):
        self.machine, self.pd = machine, rogue.read_pds(machine.appliance)[rogue.PLC]

    def histogram(self):
        return struct.unpack(f"<{BUCKETS}Q", self.machine.dump(self.pd.host("lateness"), 8 * BUCKETS))

    def ticks(self):
        return self.machine.dump_int(self.pd.host("timers") + 8, 8)


def less(after, before):
    return [a - b for a, b in zip(after, before)]


def measure(built, folder):
    """Histograms by phase, the whole run's, and what the timer's driver counted in it."""
    found = {}
    with Machine(built, folder, boot="kernel") as machine:
        machine.run_to("cpus_release")
        plc = Plc(machine)
        floods = rogue.attack_bits("flood-console", "flood-sgis", "flood-dma-faults")
        attacker = rogue.read_pds(built)[rogue.ROGUE]
        rogue.set_words(machine, attacker.host_range("code")[0], attacker.code_size, {"attacks": floods})
        machine.go()
        machine.wait_console("[rogue] flood, line 1 ")
        last = plc.histogram()
        for name, end in PHASES:
            machine.wait_console(end)
            now = plc.histogram()
            found[name], last = less(now, last), now
        machine.wait_console("rogue is off")
        last = plc.histogram()
        time.sleep(QUIET_SECONDS)
        found["quiet"] = less(plc.histogram(), last)
        machine.qmp.ask("stop")
        return found, plc.histogram(), plc.ticks()


def table(found):
    names = [f"<{1 << i}" for i in range(BUCKETS - 1)] + ["more"]
    yield "wall clock, not judged: ticks of plc's timer by how late they were served, in us"
    yield f"  {'':<16}" + "".join(f"{name:>7}" for name in names)
    for phase, counts in found.items():
        yield f"  {phase:<16}" + "".join(f"{count or '':>7}" for count in counts)


def main():
    with tempfile.TemporaryDirectory() as folder:
        print("\n".join(table(measure(appliance(), Path(folder))[0])))


if __name__ == "__main__":
    main()
