# SPDX-License-Identifier: Apache-2.0
"""
A run of partitions/edge with a stock kernel, from the first instruction until the controller has been alone for a
while. What is kept is what the host saw: QEMU's traces, memory over QMP, the disk image; and the console.
"""
import hashlib
import re
import subprocess
import time

from appliance import PAGE, Appliance, Window
from exits import Exits
from machine import Machine

STEPS = ["machine", "cpus", "disk", "net", "usb", "pressure"]
CLOUD_STEPS = ["machine", "cpus", "disk", "pressure"]           # these kernels have drivers for neither e1000e nor USB
TABLE = """// SPDX-License-Identifier: Apache-2.0
/* partitions/edge with another kernel, and time for the host to look. */
#include "edge/table.dts"

&linux {{
	bootargs = "{arguments}";
	image {{ file = "{kernel}/Image"; }};
	initrd {{ file = "{kernel}/initrd"; }};
}};
"""
DISK_MIB = 640                                                  # more than linux has memory
KEYS = ["m", "u", "l"]
KEY_CODES = [50, 22, 38]                                        # linux/input-event-codes.h
AXES = {0: 12345, 1: 23456}
SECRET = hashlib.sha256(b"mullion\n").hexdigest().encode()      # guests/linux/steps/pressure
COUNTS = ["ticks", "worst", "rounds", "wrong", "msis"]          # partitions/edge/plc.c
ALONE_SECONDS = 3
TIMEOUT = 300


class Edge:
    def __init__(self, build, kernel, guests):
        self.build, self.kernel = build, kernel
        self.steps = CLOUD_STEPS if kernel.endswith("-cloud") else STEPS
        self._write_table()
        disk = build / "edge" / "disk.img"
        disk.unlink(missing_ok=True)
        self.appliance = Appliance(build, build / "table" / "table.dts", [f"GUESTS={guests}", f"DISK_MIB={DISK_MIB}"],
                                   config="qemu-virt-arm64_appliance_defconfig")
        self.disk, self.served = disk, build / "edge" / "served"
        self.machine = Machine(self.appliance, build / "run", boot="kernel")

    def _write_table(self):
        folder = self.build / "table"
        folder.mkdir(parents=True, exist_ok=True)
        arguments = subprocess.run("cpp -nostdinc -undef -P -D__DTS__ -x assembler-with-cpp -I platform -I partitions "
                                   "partitions/edge/table.dts", shell=True, check=True, capture_output=True, text=True)
        given = re.search(r'linux: .*?bootargs = "(.*?)"', arguments.stdout, re.S)[1]
        words = [word for word in given.split() if not word.startswith("steps=")]
        words += ["usb_seconds=120", "pressure_seconds=8", f"steps={','.join(self.steps)}"]
        (folder / "table.dts").write_text(TABLE.format(kernel=self.kernel, arguments=" ".join(words)))
        (folder / "appliance.mk").write_text("# SPDX-License-Identifier: Apache-2.0\n"
                                             "include partitions/edge/appliance.mk\n")

    def __enter__(self):
        self.machine.__enter__()
        return self

    def __exit__(self, *reason):
        self.machine.__exit__(*reason)

    def run(self):
        self.machine.go()
        self._wait("step: machine: zone DMA,")
        if "net" in self.steps:
            self._watch_exits()
        if "usb" in self.steps:
            self._type()
        self._look_into_memory()
        self._wait("mullion: linux is off")
        self.counts_at_power_off = self._counts()
        time.sleep(ALONE_SECONDS)
        self.counts = self._counts()
        self.machine.qmp.ask("stop")
        self.trace, self.console = self.machine.trace(), self.machine.console()

    def _wait(self, text):
        self.machine.wait_console(text, TIMEOUT)

    def _watch_exits(self):
        """While the network's driver starts its card and 16 MiB arrive."""
        self._wait("step: disk: 64 MiB read back")
        self.exits = Exits(self.machine)
        self.exits.watch_until("step: net:", TIMEOUT)

    def _type(self):
        self._wait("step: usb: type")
        keys = [[{"type": "key", "data": {"down": down, "key": {"type": "qcode", "data": key}}}]
                for key in [*KEYS, "esc"] for down in (True, False)]
        move = [{"type": "abs", "data": {"axis": axis, "value": value}} for axis, value in zip("xy", AXES.values())]
        for events in [*keys[:-2], move, *keys[-2:]]:
            self.machine.qmp.ask("input-send-event", events=events)
            time.sleep(0.2)
        self._wait("step: usb: end")

    def _look_into_memory(self):
        """While it is full: pages with the secret, in the window and in all memory of linux."""
        self._wait("step: pressure: memory is full")
        self.machine.qmp.ask("stop")
        regions = self.appliance.regions()
        self.secret_pages = {name: self._pages_with(SECRET, regions[name]) for name in ("dma", "ram")}
        self.machine.qmp.ask("cont")

    def _pages_with(self, pattern, region):
        memory = self.machine.dump(region.pa, region.size)
        return sum(1 for at in range(0, len(memory), PAGE) if pattern in memory[at:at + PAGE])

    def _counts(self):
        place = self.appliance.regions()["counts"].pa
        words = self.machine.dump(place, 8 * len(COUNTS))
        return {name: int.from_bytes(words[8 * i:8 * i + 8], "little") for i, name in enumerate(COUNTS)}

    def windows(self):
        """By stream, with the page of MSIs."""
        windows = {}
        for text in re.split(r"^  function ", self.appliance.report, flags=re.M)[1:]:
            found = re.findall(r"(?:reaches|doorbell) +I/O (\w+)-(\w+) -> host (\w+)\S* +(?:(\S+)  )?", text)
            stream = int(re.search(r"stream (\w+)", text)[1], 0)
            windows[stream] = [Window(int(a, 16), int(b, 16), int(c, 16), rights or "-w-") for a, b, c, rights in found]
        return windows

    def stream(self, name):
        return int(re.search(rf"^  function \S+ +{name}, .*stream (\w+)", self.appliance.report, re.M)[1], 0)

    def bars(self):
        """Addresses of all BARs, which the PD's are."""
        found = re.findall(r"BAR \d +(\w+) size (\w+)", self.appliance.report)
        return [range(int(base, 16), int(base, 16) + int(size, 16)) for base, size in found]

    def on_disk(self, path):
        """A file of the image, by e2fsprogs."""
        to = self.build / "run" / "from-disk"
        to.unlink(missing_ok=True)
        subprocess.run(["/usr/sbin/debugfs", "-R", f"dump {path} {to}", str(self.disk)], check=True, capture_output=True)
        return to.read_bytes()
