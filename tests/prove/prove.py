#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Frama-C's Eva over what a PD can reach: no run-time error, whatever the PD does.

Each proof is a main() of its own with the sources of the hypervisor that it is
about. What a PD, a device or another CPU decides is any value (machine.h,
state.c, around.c). Prints a line for each proof and writes the results; fails on
an alarm, on an assertion that is not proved, and where the results are not those
that are committed.
"""
import argparse
import difflib
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
ARM64, VDEV, PCI = "hv/arch/arm64", "hv/vdev", "hv/drivers/pci"
ALWAYS = ["state.c", "around.c"]

# The tables that prove.mk builds: the default appliance's, and one of PDs that are restarted and have a watchdog.
APPLIANCE, RESTART = "appliance", "restart"

TRAPS = ("every exit of a PD: syndromes, calls, system registers, faults, interrupts; its start, its CPUs while parked",
         ["traps.c", "devices.c"],
         [f"{ARM64}/{name}.c" for name in ("trap", "guest_device", "inject", "psci", "irq")]
         + ["hv/core/pd.c", "hv/core/exits.c"], ["-eva-unroll-recursive-calls", "2"])

# Name: what it is about, its parts in this folder, the hypervisor's sources, options, table.
PROOFS = {
    "traps": (*TRAPS, APPLIANCE),
    "traps-restart": (*TRAPS, RESTART),
    "restart": ("every restart of a PD: its functions, its memory",
                ["restart.c"],
                ["hv/core/reload.c", "hv/core/load.c", "hv/core/integrity.c", f"{PCI}/ecam.c", f"{PCI}/ecam_run.c"],
                ["-absolute-valid-range", "RAM"], RESTART),
    "watchdog": ("every access to the virtual watchdog, and its timer", ["watchdog.c"], [f"{VDEV}/vwatchdog.c"], [], RESTART),
    "vgic": ("every access to the virtual distributor and redistributors",
             ["vgic.c", "list_registers.c"], [f"{VDEV}/vgic.c", f"{VDEV}/vgic_registers.c"],
             ["-eva-slevel-function", "vgic_reset:600"], APPLIANCE),
    "sgi": ("every SGI, every interrupt of the PD", ["sgi.c"], [], ["-eva-use-spec", "virq_raise"], APPLIANCE),
    "config": ("every access to configuration space",
               ["config.c"], [f"{VDEV}/vpci.c", f"{PCI}/ecam.c", f"{PCI}/ecam_run.c"], [], APPLIANCE),
    "uart": ("every access to the virtual UART, and its input", ["uart.c"], [f"{VDEV}/vuart.c"], [], APPLIANCE),
    "audit": ("the boot audit, over tables of any content",
              ["audit.c"], ["hv/drivers/iommu/smmuv3_audit.c"],
              ["-absolute-valid-range", "CONSTANTS", "-eva-partition-history", "1", "-eva-interprocedural-history",
               "-eva-slevel", "8", "-eva-slevel-function", "iommu_audit:3000"], APPLIANCE),
}
INCLUDES = ["tests/prove/include", "hv/include", ARM64 + "/include", "tests/prove"]
PREPROCESS = "-nostdinc " + " ".join("-I" + folder for folder in INCLUDES) + " -include tests/prove/machine.h"
EVA = ["-eva", "-warn-invalid-pointer", "-eva-domains", "cvalue,symbolic-locations", "-eva-slevel", "100", "-eva-ilevel", "256",
       "-eva-split-return", "auto", "-eva-no-show-progress", "-eva-msg-key=-final-states,-initial-state"]
KERNEL = ["-machdep", "gcc_x86_64", "-c11", "-cpp-frama-c-compliant", f"-cpp-extra-args={PREPROCESS}"]


def command(name, table):
    _, parts, sources, options, _ = PROOFS[name]
    files = [f"tests/prove/{part}" for part in parts + ALWAYS] + sources + [str(table)]
    return ["frama-c", *KERNEL, *files, *EVA, *options, "-then", "-metrics", "-metrics-eva-cover"]


# What may be read by its address: the tables, by the audit; all of RAM, by a restart.
RANGES = {"CONSTANTS": r"\.constants = ", "RAM": r"table_range ram\[\] = \{\s*"}


def range_of(word, table):
    """As the option wants it."""
    found = re.search(RANGES[word] + r"\{ \{ (0x[0-9a-f]+) \}, (0x[0-9a-f]+) \}", table.read_text())
    if not found:
        sys.exit(f"prove: {table} does not say: {word}")
    base, size = (int(number, 16) for number in found.groups())
    return f"{base:#x}-{base + size - 1:#x}"


def run(name, tables, top, log):
    table = tables / PROOFS[name][4] / "gen/table.c"
    words = [range_of(word, table) if word in RANGES else word for word in command(name, table)]
    # Frama-C takes relative paths from PWD, whatever the folder is.
    done = subprocess.run(words, cwd=top, env=os.environ | {"PWD": str(top)}, capture_output=True, text=True)
    log.write_text(" ".join(words) + "\n" + done.stdout + done.stderr)
    if done.returncode or "ANALYSIS SUMMARY" not in done.stdout:
        sys.exit(f"prove: {name}: Frama-C failed: {log}\n" + "\n".join((done.stdout + done.stderr).splitlines()[-8:]))
    return done.stdout


# Warnings that say nothing about the proof: objects that only the linker knows, and instructions in no function that
# a proof reaches.
HARMLESS = {"eva:unknown-size", "kernel:asm:clobber"}


def warnings(text):
    """Each alarm, and each other warning: where and what."""
    found = re.findall(r"^\[([\w:-]+)\] (?:(\S+?:\d+): )?Warning: ?\n?((?:  .*\n)+)", text, re.M)
    return [f"{where}: {' '.join(what.split())}" for kind, where, what in found if kind not in HARMLESS]


def plain(name):
    """A static function of a header has a number for each source that includes it."""
    return re.sub(r"_\d+$", "", name)


FUNCTION = re.compile(r"^[a-zA-Z][^\n;={}]*?\b(\w+)\([^;{}]*\)\s*\{", re.M)     # defined, in the style of this project


def reached(text):
    """Functions that the analysis came to; of those in which it did not reach everything, how many statements."""
    parts = re.findall(r"^  (\w+): (\d+) stmts out of (\d+)", text, re.M)
    partly = {plain(name): int(total) - int(got) for name, got, total in parts if got != total}
    return {plain(name) for name, got, _ in parts if int(got)}, partly


def included(name):
    """Sources that a proof includes, to say something of their static functions."""
    return [source for part in PROOFS[name][1] for source in re.findall(r'"../../(hv/\S+\.c)"', (HERE / part).read_text())]


def count(text, what):
    found = re.search(rf"{what}\s+(\d+) valid\s+(\d+) unknown\s+(\d+) invalid", text)
    return [int(number) for number in found.groups()] if found else [0, 0, 0]


def wrapped(title, words):
    lines, line = [], f"  {title}:"
    for word in words:
        if len(line) + len(word) + 1 > 118:
            lines.append(line)
            line = "   "
        line += " " + word
    return lines + [line] if words else [f"  {title}: none"]


def result(name, text, top):
    about, _, sources, _, table = PROOFS[name]
    text = re.sub(re.escape(str(top)) + "/", "", text)
    found = warnings(text)
    generated = int(re.search(r"(\d+) alarms? generated", text)[1])
    proved, unknown, invalid = (sum(n) for n in zip(count(text, "Assertions"), count(text, "Preconditions")))
    come_to, partly = reached(text)
    sources = sources + included(name)
    functions = {n for source in sources for n in FUNCTION.findall((top / source).read_text())}
    lines = [f"{name}: {about}", *wrapped("sources", sources), *([] if table == APPLIANCE else [f"  table: {table}"]),
             f"  alarms: {generated}", *[f"    {alarm}" for alarm in found],
             f"  assertions: {proved} proved, {unknown} unknown, {invalid} invalid",
             *wrapped("functions of them that this does not come to", sorted(functions - come_to)),
             *wrapped("statements not reached in others", [f"{n} {k}" for n, k in sorted(partly.items()) if n in functions])]
    bad = generated + unknown + invalid + len(found)
    print(f"  PROVE   {name:13} {generated} alarms, {proved} of {proved + unknown + invalid} assertions, "
          f"{len(functions & come_to)} functions", flush=True)
    return "\n".join(lines) + "\n", bad


def header():
    version = subprocess.run(["frama-c", "-version"], capture_output=True, text=True).stdout.strip()
    words = [f"'{word}'" if " " in word else word for word in ["frama-c", *KERNEL, "SOURCES", "TABLE", *EVA, "OPTIONS"]]
    options = [f"  {name}: {' '.join(proof[3])}" for name, proof in PROOFS.items() if proof[3]]
    return "\n".join(["# SPDX-License-Identifier: Apache-2.0", f"Frama-C {version}, Eva. Made by `make prove-results`, compared by `make prove`.", "",
                      " ".join(words), "", "OPTIONS, where there are any (CONSTANTS, RAM: the range that the table has):",
                      *options, "", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", type=Path, required=True, help="has a folder for each table, with gen/table.c as ptc made it")
    parser.add_argument("--out", type=Path, required=True, help="folder for logs and results.txt")
    parser.add_argument("--accept", action="store_true", help="take the results as those to compare with")
    parser.add_argument("--top", type=Path, default=HERE.parents[1], help="the sources")
    parser.add_argument("proofs", nargs="*", help="these only; results are not compared then")
    args = parser.parse_args()
    tables, top = args.tables.resolve(), args.top.resolve()
    args.out.mkdir(parents=True, exist_ok=True)
    names = args.proofs or list(PROOFS)
    with ThreadPoolExecutor(2) as pool:         # the longest first
        order = sorted(names, key=lambda name: ["audit", "vgic", "traps", *PROOFS].index(name))
        texts = dict(zip(order, pool.map(lambda name: run(name, tables, top, args.out / f"{name}.log"), order)))
    results = [result(name, texts[name], top) for name in names]
    text = header() + "\n".join(part for part, _ in results)
    (args.out / "results.txt").write_text(text)
    committed = HERE / "results.txt"
    if any(bad for _, bad in results):
        sys.exit("prove: not proved:\n" + "\n".join(part for part, bad in results if bad))
    if args.proofs:
        return
    if args.accept:
        committed.write_text(text)
    elif text != committed.read_text():
        diff = difflib.unified_diff(committed.read_text().splitlines(), text.splitlines(), "tests/prove/results.txt", "now", "", "", 0, "")
        sys.exit("\n".join(diff) + "\nprove: proved, but not as it is committed: make prove-results, and look at it")


if __name__ == "__main__":
    main()
