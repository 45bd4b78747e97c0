# SPDX-License-Identifier: Apache-2.0
"""
skeleton.py BUILD OUT BOARD DEVICES WORD...: boots the hypervisor in BUILD on the machine, with bridges added one level
a round until none is new, and writes OUT/table.dts with all that it found. WORDs are make's.
"""
import json
import re
import shutil
import sys
from pathlib import Path

import machine
import text
from machine import Failure

HERE = Path(__file__).resolve().parent
APPLIANCE = """# SPDX-License-Identifier: Apache-2.0
# What the table does not say: partitions/README.md explains the words.

IMAGES := one.bin
one.bin-pd := one
one.bin-sources := $(dir $(lastword $(MAKEFILE_LIST)))main.c
QEMU_DEVICES := {devices}
"""


class Probe:
    """The table that asks, round by round."""

    def __init__(self, build, board, devices):
        self.build, self.board, self.devices = build, board, devices
        self.folder = build.folder / "probe"
        self.first_bus, self.bridges, self.nodes, self.cpus = None, {}, {}, []

    def write(self, table):
        self.folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE / "main.c", self.folder)
        (self.folder / "appliance.mk").write_text(APPLIANCE.format(devices=self.devices))
        (self.folder / "table.dts").write_text(table)
        return self.folder / "table.dts"

    def report(self):
        return json.loads((self.build.folder / "gen" / "report.json").read_text())

    def boot(self, table, until=machine.COMPARED):
        return machine.boot(self.build.make(self.write(table), "qemu-cmdline"), self.build.folder / "console.log", until)

    def find_labels(self):
        """The board's CPUs: all that its tree has."""
        source = self.write(text.HEAD.format(board=self.board, comment="") + "\t};\n};\n")
        self.build.make(source, f"{self.build.folder}/gen/table.pp.dts")
        found = re.findall(r"(\w+):\s*(cpu@\w+)", (self.build.folder / "gen" / "table.pp.dts").read_text())
        self.labels = {node: label for label, node in found}
        self.cpus = list(self.labels.values())

    def judge(self, console):
        """True if all CPUs answered; else those that did not are left out. Any other difference ends it."""
        failed = machine.failures(console)
        other = [f"{what} {which}".strip() for what, which in failed if what not in ("cpu.present", "gic.redistributor")]
        if other:
            raise Failure(f"the machine is not the board of {self.board}/board.dtsi: {', '.join(other)}")
        missing = {self.labels[which] for what, which in failed}
        self.cpus = [cpu for cpu in self.cpus if cpu not in missing]
        if not self.cpus:
            raise Failure(f"no CPU of {self.board}/board.dtsi is in the machine")
        return not missing

    def routes(self):
        """By bus number, the bridge that leads there."""
        by_name = {bridge.name(): bridge.route for bridge in self.bridges.values()}
        behind = {bridge["secondary"]: by_name[bridge["name"]] for bridge in self.report()["bridges"]}
        return behind | {self.first_bus: ()}

    def round(self):
        """False once nothing is new."""
        console = self.boot(text.probe(self.board, self.cpus, self.bridges.values(), self.first_bus))
        if self.first_bus is None:
            self.first_bus = min((int(found[1], 16) for found in machine.UNDECLARED.findall(console)), default=0)
        answered = self.judge(console)
        found = machine.undeclared(console, self.routes())
        self.nodes |= {node.route: node for node in found}
        new = {node.route: node for node in found if node.is_bridge and node.declarable(self.bridges)}
        self.bridges = dict(sorted((self.bridges | new).items()))
        return bool(new) or not answered


class Facts:
    """What is written, in the order of places."""

    def __init__(self, probe):
        self.board, self.cpus, self.first_bus, self.report = probe.board, probe.cpus, probe.first_bus, probe.report()
        nodes = [probe.nodes[route] for route in sorted(probe.nodes)]
        self.functions = [node for node in nodes if not node.is_bridge and node.body]
        above = {node.route[:depth] for node in self.functions for depth in range(1, len(node.route))}
        self.bridges = [bridge for bridge in probe.bridges.values() if bridge.route in above]
        self.closed = [node for node in nodes if node.is_bridge and node.route not in above]
        self.all, self.declared = nodes, probe.bridges
        text.limit_vectors(self.functions)

    def ranges(self, ranges):
        return ", ".join(f"0x{part['base']:x}-0x{part['base'] + part['size'] - 1:x}" for part in ranges)

    def comment(self):
        board = self.report["board"]
        yield from ("Made by make table-from-machine: all that the machine has, in one PD.", "",
                    f"RAM that answered: {self.ranges(board['ram'])}. Of it the bootloader has",
                    f"{self.ranges(board['bootloader']) or 'nothing'}, the hypervisor "
                    f"{self.ranges([self.report['hypervisor']['reserved']])}.",
                    f"CPUs that answered: {' '.join(self.cpus)}." + (
                        f" The PD has {text.CPUS_OF_PD}." if len(self.cpus) > text.CPUS_OF_PD else ""))
        for node in self.closed:
            yield f"Bridge {node.name()} is closed: " + (
                "nothing is behind it." if node.route in self.declared else "no table can have it.")

    def reset(self, node):
        alone = [other for other in self.all if other.route[:-1] == node.route[:-1]] == [node]
        above = next((bridge.type for bridge in self.bridges if bridge.route == node.route[:-1]), "")
        methods = ["FLR"] * node.resets + ["bus"] * (alone and above in ("root-port", "downstream"))
        return ", ".join(methods) or "none"

    def identity(self, node):
        parts = self.report["bridges"] + [function for pd in self.report["pds"] for function in pd["functions"]]
        return next((part["bdf"] for part in parts if part["name"] == node.name()), "")

    def group(self, bdf):
        for number, group in enumerate(self.report["isolation-groups"], 1):
            if bdf in group["functions"]:
                others = ", ".join(other for other in group["functions"] if other != bdf)
                return f"isolation group {number}: one owner with {others}\n{group['why']}"
        return "isolation group of its own"

    def says_of(self, node):
        bdf = self.identity(node)
        if node.is_bridge:
            return bdf
        return f"{bdf}; reset: {self.reset(node)}; {self.group(bdf)}"


def write(out, probe, facts):
    """The groups are ptc's: first without, then with them. Then it is booted, as a user would."""
    probe.build.make(probe.write(text.skeleton(facts)), f"{probe.build.folder}/gen/report.json")
    facts.report = probe.report()
    table = text.skeleton(facts)
    console = probe.boot(table, ("sealed\n", "no PD starts"))
    if "sealed\n" not in console:
        raise Failure(f"the machine differs from what it said: {machine.failures(console)}")
    out.mkdir(parents=True, exist_ok=True)
    for name in ("main.c", "appliance.mk", "table.dts"):
        shutil.copy(probe.folder / name, out / name)


def main(folder, out, board, devices, *words):
    out = Path(out).resolve()
    if (out / "table.dts").exists():
        raise Failure(f"{out}/table.dts exists: remove it, or name another folder with SKELETON=")
    probe = Probe(machine.Build(Path(folder).resolve(), words), board, devices)
    probe.find_labels()
    while probe.round():
        pass
    facts = Facts(probe)
    write(out, probe, facts)
    print(f"  TABLE   {out}/table.dts  ({len(facts.functions)} functions, {len(facts.bridges)} bridges, "
          f"{len(facts.cpus)} CPUs; boots to the seal)")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Failure as failure:
        sys.exit(f"table-from-machine: {failure}")
