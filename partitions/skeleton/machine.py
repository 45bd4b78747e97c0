# SPDX-License-Identifier: Apache-2.0
"""What the hypervisor prints of a machine: functions and bridges that no table has, and verdicts."""
import os
import re
import shlex
import subprocess
import time

COMPARED = ("mullion: phase compare", "no PD starts")
NODE = re.compile(r"pci-(\w\w)-(\w\w)-(\d) \{\n(.*?)\n\};", re.S)
UNDECLARED = re.compile(r"undeclared (function|bridge) (\w\w):(\w\w)\.(\d) id (\w+):(\w+) class (\w+): ")
FAILED = re.compile(r"FAILED (\S+) +(.*)")
# A bridge's place by its type: "" is the first bus.
ABOVE = {"root-port": {""}, "upstream": {"root-port", "downstream"}, "downstream": {"upstream"},
         "pcie-pci": {"root-port", "downstream"}}


class Failure(Exception):
    """One line for the user."""


class Node:
    """A function or bridge. `route`: device and function of each bridge above it from the first bus on, then its own."""

    def __init__(self, route, body, ids, is_bridge):
        self.route, self.body, self.ids, self.is_bridge = route, body, ids, is_bridge
        found = re.search(r'type = "(.*?)"', body)
        self.type = found[1] if found else ""
        self.resets = "resets by FLR" in body

    def properties(self):
        """Without its place, and without what is for people."""
        body = re.sub(r"\t(bdf|bridge) = .*\n", "", self.body)
        body = re.sub(r"\n\t/\* .* \*/", "", body)
        return re.sub(r" acs = .*", "", body) if self.type in ("upstream", "pcie-pci") else body

    def name(self):
        return "pci-" + "-".join(f"{device:02x}-{function}" for device, function in self.route)

    def label(self):
        return self.name().replace("-", "_")

    def place(self, first_bus):
        device, function = self.route[-1]
        if len(self.route) == 1:
            return f"bdf = <0x{first_bus:02x} {device} {function}>;"
        above = "pci_" + "_".join(f"{d:02x}_{f}" for d, f in self.route[:-1])
        return f"bridge = <&{above}>; devfn = <{device} {function}>;"

    def declarable(self, bridges):
        """A bridge that a table can have; ptc says the rest."""
        above = bridges[self.route[:-1]].type if self.route[:-1] in bridges else ""
        return above in ABOVE.get(self.type, ()) and "class = <0x060400>" in self.body


def undeclared(console, routes):
    """All that is printed; `routes`: by bus number of the table that printed it, the bridge that leads there."""
    bodies = {found[:3]: found[3] for found in NODE.findall(console)}
    nodes = []
    for kind, bus, device, function, *ids in UNDECLARED.findall(console):
        if int(bus, 16) not in routes:
            raise Failure(f"the hypervisor names bus 0x{bus}, which the table does not have")
        route = routes[int(bus, 16)] + ((int(device, 16), int(function)),)
        nodes.append(Node(route, bodies.get((bus, device, function), ""), ids, kind == "bridge"))
    return nodes


def failures(console):
    return [(what, which.partition(" found ")[0].strip()) for what, which in FAILED.findall(console)]


def boot(command, log, until=COMPARED, seconds=180):
    """The console, up to one of these words, without line prefixes."""
    end = time.monotonic() + seconds
    with open(log, "wb") as output:
        process = subprocess.Popen(shlex.split(command), stdin=subprocess.DEVNULL, stdout=output,
                                   stderr=subprocess.STDOUT)
        try:
            while True:
                ended = process.poll() is not None
                with open(log, "rb") as file:
                    console = file.read().decode(errors="replace").replace("\r", "")
                if any(word in console for word in until):
                    return re.sub("^mullion: ", "", console, flags=re.M)
                if ended:
                    raise Failure(f"QEMU ended: {console.strip().splitlines()[-1:] or ['no output']} ({log})")
                if time.monotonic() > end:
                    raise Failure(f"the hypervisor does not come to '{until[0]}' in {seconds} s; see {log}")
                time.sleep(0.1)
        finally:
            process.kill()
            process.wait()


class Build:
    """Tables built by make in a folder of their own, for the machine that the user has."""

    def __init__(self, folder, words):
        self.folder, self.words = folder, words

    def make(self, table, *targets):
        environment = {name: value for name, value in os.environ.items()
                       if name not in ("MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES", "MAKELEVEL", "GNUMAKEFLAGS")}
        result = subprocess.run(["make", "--no-print-directory", f"O={self.folder}", f"TABLE={table}", "BOOT=kernel",
                                 *self.words, *targets], capture_output=True, text=True, env=environment)
        if result.returncode:
            errors = [line for line in result.stderr.splitlines() if not line.startswith("make")]
            raise Failure(f"{table} does not build: " + " / ".join(errors[:5] or [result.stdout.strip()[-300:]]))
        return result.stdout.splitlines()[-1] if result.stdout else ""
