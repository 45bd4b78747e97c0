# SPDX-License-Identifier: Apache-2.0
"""An appliance in QEMU with the plugin, told apart by what the console says; and who is the cause of an exit."""
import shlex
import subprocess
import time

from el2count import Meter

# What a PD causes itself: traps; its timer, wires and MSIs; list registers that it emptied (maintenance interrupt).
OWED = ["trap_guest_sync", "vgic_inject_private", "vgic_inject_spi", "vgic_refresh"]
# A request comes from another CPU, and the controller has one CPU only. The rest is the housekeeping CPU's.
UNOWED = ["request_serve", "events_interrupt", "events_timer", "console_uart_interrupt", "console_drain",
          "pd_serve_power"]


class Counted:
    def __init__(self, appliance, folder, kernel=None):
        self.meter = Meter(appliance.build, folder / "counters", owed=OWED, unowed=UNOWED)
        self.log = folder / "console.log"
        words = shlex.split(appliance.command_line("kernel") + " " + self.meter.words)
        if kernel:
            words[words.index("-kernel") + 1] = str(kernel)
        self.output = open(self.log, "wb")
        self.qemu = subprocess.Popen(words, cwd=appliance.top, stdin=subprocess.DEVNULL, stdout=self.output,
                                     stderr=subprocess.STDOUT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.qemu.kill()
        self.qemu.wait()
        self.output.close()

    def console(self):
        return self.log.read_text(errors="replace")

    def wait(self, what, timeout=60):
        end = time.monotonic() + timeout
        while not what():
            assert self.qemu.poll() is None and time.monotonic() < end, f"QEMU hangs or ended:\n{self.console()}"
            time.sleep(0.02)

    def wait_console(self, text, timeout=60):
        self.wait(lambda: text in self.console(), timeout)
