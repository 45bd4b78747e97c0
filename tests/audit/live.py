#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""
The audit of a machine that runs in QEMU, started with -qmp unix:QMP,server=on,wait=off -gdb unix:GDB,server=on,wait=off:
stops it, reads memory and registers, compares them with the table, and lets it go on. Exit status 0: no difference.
"""
import argparse
import sys
import tempfile
from pathlib import Path

from auditor.declaration import Declaration
from auditor.image import Elf
from auditor.live import Qemu, audit_machine
from auditor.tree import Tree

sys.path.append(str(Path(__file__).resolve().parents[1] / "boot"))


def main():
    from gdbstub import GdbStub
    from machine import Qmp

    parser = argparse.ArgumentParser(description="compare a sealed machine in QEMU with its table")
    for name, what in (("elf", "mullion.elf"), ("table", "table.dtb"), ("qmp", "socket"), ("gdb", "socket")):
        parser.add_argument(f"--{name}", required=True, help=what)
    words = parser.parse_args()
    elf, declaration = Elf(words.elf), Declaration(Tree(words.table))
    qmp, gdb = Qmp(words.qmp), GdbStub(words.gdb)       # which stops the machine
    with tempfile.TemporaryDirectory() as folder:
        _, differences = audit_machine(Qemu(qmp, gdb, folder), elf, declaration)
    gdb.ask("D")                                        # and goes on
    for line in differences:
        print(f"audit: {line}")
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
