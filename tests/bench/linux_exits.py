# SPDX-License-Identifier: Apache-2.0
"""
What the hypervisor does on the CPU of partitions/edge's controller that the controller did not cause, in instructions:
while Linux is off, while it works, and while it is restarted.
"""
import re

import variant
from bench import Appliance
from counted import Counted

PLC_CPU, LINUX_CPUS = 3, (1, 2)
TICKS, TIMEOUT = 10000, 240
# What linux does: its boot arguments; what is on the console from when on it is counted.
LOADS = {
    "alone: Linux is off": (["steps=machine"], "linux is off"),
    "Linux writes and reads its disk": ([f"steps={','.join(['disk'] * 50)}"], "64 MiB read back"),
    "Linux starts anew, again and again": (["steps=restart", "restarts=20", "restart_by=reboot"], "linux restarts, 1 of"),
}


class Edge(Counted):
    def ticks(self):
        return int((re.findall(r"\[plc\] ticks (\d+),", self.console()) or ["0"])[-1])

    def wait_ticks(self, count):
        until = self.ticks() + count
        self.wait(lambda: self.ticks() >= until, TIMEOUT)


def count(build, guests, kernel, words, since):
    (build / "edge" / "disk.img").unlink(missing_ok=True)
    table = variant.write(build / "table", kernel, [*variant.boot_words(), *words])
    built = Appliance(build, table, [f"GUESTS={guests}"], config="qemu-virt-arm64_appliance_defconfig")
    with Edge(built, build) as run:
        run.wait_console(since, TIMEOUT)
        run.meter.reset()
        run.wait_ticks(TICKS)
        return run.meter.cpu(PLC_CPU), [run.meter.cpu(idx) for idx in LINUX_CPUS]


def exits(cpu):
    return cpu["owed"]["exits"] + cpu["unowed"]["exits"]


def measure(build, guests, kernel):
    return {name: count(build, guests, kernel, *load) for name, load in LOADS.items()}


def table(found):
    columns = ("exits", "owed", "unowed", "longest owed", "longest unowed", "exits of Linux")
    yield f"{f'instructions on the CPU of plc, {TICKS:,} ticks':<46}" + "".join(f"{column:>16}" for column in columns)
    for name, (plc, linux) in found.items():
        cells = (exits(plc), plc["owed"]["instructions"], plc["unowed"]["instructions"], plc["owed"]["longest"],
                 plc["unowed"]["longest"], sum(map(exits, linux)))
        yield f"  {name:<44}" + "".join(f"{cell:>16,}" for cell in cells)
