# SPDX-License-Identifier: Apache-2.0
"""
A machine that runs partitions/edge with a stock kernel, other boot arguments and perhaps more; and what the host can see
of it at any time.
"""
import re
import subprocess
import time

import variant
from appliance import Appliance
from machine import Machine

COUNTS = ["ticks", "worst", "rounds", "wrong", "msis"]          # partitions/edge/plc.c
DISK_MIB = 640                                                  # more than linux has memory
TIMEOUT = 300
ASK_FOR_EXITS = b"\x1dx"                                        # Ctrl-] x
EXITS = re.compile(r"^mullion: linux vCPU (\d) exits: (.*?)\r?\n", re.M)
LINES_OF_EXITS = 4                                              # two for each vCPU


class Guest:
    def __init__(self, build, kernel, guests, words, more=""):
        """`words`: boot arguments; `more`: appended to the table."""
        self.build, self.kernel = build, kernel
        disk = build / "edge" / "disk.img"
        disk.unlink(missing_ok=True)
        table = variant.write(build / "table", kernel, words, more)
        self.appliance = Appliance(build, table, [f"GUESTS={guests}", f"DISK_MIB={DISK_MIB}"],
                                   config="qemu-virt-arm64_appliance_defconfig")
        self.disk, self.served = disk, build / "edge" / "served"
        self.machine = Machine(self.appliance, build / "run", boot="kernel", stdin=subprocess.PIPE)

    def __enter__(self):
        self.machine.__enter__()
        return self

    def __exit__(self, *reason):
        self.machine.__exit__(*reason)

    def wait(self, text):
        self.machine.wait_console(text, TIMEOUT)

    def type(self, text):
        self.machine.process.stdin.write(text)
        self.machine.process.stdin.flush()

    def exits(self):
        """What the hypervisor counted of linux so far, by vCPU and class: asked for at its console."""
        before = len(EXITS.findall(self.machine.console()))
        self.type(ASK_FOR_EXITS)
        end = time.monotonic() + TIMEOUT
        while len(found := EXITS.findall(self.machine.console())) < before + LINES_OF_EXITS:
            assert time.monotonic() < end, self.machine.console()
            time.sleep(0.05)
        counts = {}
        for vcpu, text in found[before:]:
            for name, count in re.findall(r"(\w+) (\d+)", text):
                counts[int(vcpu), name] = int(count)
        return counts

    def counts(self):
        """The controller's, from its memory."""
        words = self.machine.dump(self.appliance.regions()["counts"].pa, 8 * len(COUNTS))
        return {name: int.from_bytes(words[8 * i:8 * i + 8], "little") for i, name in enumerate(COUNTS)}

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


def said(console, step):
    """What a step printed, by lines."""
    return re.findall(rf"^\[linux\] step: {step}: (.*?)\r?$", console, re.M)
