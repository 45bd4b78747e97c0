# SPDX-License-Identifier: Apache-2.0
"""The driver of el2count.c: which CPU paid for whose exits, in instructions.

    meter = Meter(appliance.build, folder / "el2count", owed=[...], unowed=[...])
    with Machine(appliance, folder, extra=meter.words) as machine:
        machine.go()
        machine.wait_console("the flood begins")
        meter.reset()
        machine.wait_console("the flood is over")
        assert meter.cpu(1)["unowed"]["longest"] <= MOST

Run as a program it does the same from console text to console text, and prints JSON.
"""
import argparse
import json
import mmap
import os
import shlex
import struct
import subprocess
import sys
import time
from pathlib import Path

from elftools.elf.elffile import ELFFile

# make check-bench and make bench build it.
BUILD = Path(os.environ.get("BUILD", Path(__file__).resolve().parents[2] / "build" / "bench")).resolve()
PLUGIN = BUILD / "el2count.so"
CPUS_MAX, MARKERS_MAX = 8, 64
TALLY = ("exits", "instructions", "longest")
HEADER_WORDS, CPU_HEAD_WORDS = 2, 4             # struct result and struct cpu_result of el2count.c
CPU_WORDS = CPU_HEAD_WORDS + len(TALLY) * (4 + MARKERS_MAX)


def functions(elf):
    """Addresses by name; a part or specialisation that the compiler split off is its function."""
    found = {}
    for symbol in elf.get_section_by_name(".symtab").iter_symbols():
        if isinstance(symbol["st_shndx"], int) and symbol["st_info"]["type"] != "STT_FILE":
            found.setdefault(symbol.name.split(".")[0], set()).add(symbol["st_value"])
    return found


class Meter:
    """`words` go to QEMU. Names are functions of the hypervisor; `seen` ones are reported and classify nothing."""

    def __init__(self, build, path, owed=(), unowed=(), seen=(), plugin=None, locks=True):
        self.path, self.names = Path(path), [*owed, *unowed, *seen]
        with open(Path(build) / "mullion.elf", "rb") as file:
            elf = ELFFile(file)
            text, symbols = elf.get_section_by_name(".text"), functions(elf)
        missing = [name for name in self.names if name not in symbols]
        if missing:
            raise KeyError(f"mullion.elf has no function {', '.join(missing)}; inlined, or renamed?")
        kinds = ["owed"] * len(owed) + ["unowed"] * len(unowed) + ["seen"] * len(seen)
        words = [f"-plugin file={plugin or PLUGIN}", f"out={self.path}",
                 f"text={text['sh_addr']:#x}", f"size={text['sh_size']:#x}", f"vectors={min(symbols['vectors']):#x}"]
        words += [f"{kind}={i}:{addr:#x}" for i, (kind, name) in enumerate(zip(kinds, self.names))
                  for addr in sorted(symbols[name])]
        # Labels in the lock's assembly, one for each place that it is inlined at.
        self.has_locks = False
        for kind, prefix in (("take", "lock_taken_"), ("release", "lock_released_")):
            for name in symbols if locks else ():
                if name.startswith(prefix):
                    self.has_locks = True
                    words += [f"{kind}={addr:#x}" for addr in sorted(symbols[name])]
        self.words = ",".join(words)
        self.path.unlink(missing_ok=True)
        self.memory = None

    def _map(self):
        """The file is QEMU's to make."""
        size = 8 * (HEADER_WORDS + CPUS_MAX * CPU_WORDS)
        end = time.monotonic() + 30
        while not self.path.exists() or self.path.stat().st_size != size:
            if time.monotonic() > end:
                raise TimeoutError(f"no {self.path} of {size} bytes: is the plugin loaded, and of this version?")
            time.sleep(0.02)
        with open(self.path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), size)

    def _word(self, idx):
        if not self.memory:
            self._map()
        return struct.unpack_from("Q", self.memory, 8 * idx)[0]

    def reset(self):
        """From its next exit on each CPU counts anew. Totals since power on stay."""
        epoch = self._word(0) + 1
        struct.pack_into("Q", self.memory, 0, epoch)

    def _snapshot(self, cpu):
        base = HEADER_WORDS + cpu * CPU_WORDS
        while True:
            before = self._word(base)
            words = struct.unpack_from(f"{CPU_WORDS}Q", self.memory, 8 * base)
            if before % 2 == 0 and self._word(base) == before:
                return words

    def cpu(self, idx):
        """What this CPU did: dictionaries of exits, instructions and the longest; by class and by marker."""
        words = self._snapshot(idx)
        fresh = words[1] == self._word(0)       # else it had no exit since the reset
        tallies = [dict(zip(TALLY, words[at:at + 3] if fresh else (0, 0, 0)))
                   for at in range(CPU_HEAD_WORDS, CPU_WORDS, len(TALLY))]
        classes = dict(zip(("owed", "unowed", "unmarked"), tallies))
        locks = {"lock holds": tallies[3]} if self.has_locks else {}
        return {"total": words[2], "boot": words[3], **classes, **locks,
                "markers": dict(zip(self.names, tallies[4:]))}

    def all(self):
        cpus = {idx: self.cpu(idx) for idx in range(CPUS_MAX)}
        return {f"cpu{idx}": cpu for idx, cpu in cpus.items() if cpu["total"]}


def names(text):
    return [name for name in text.split(",") if name]


def run(options):
    meter = Meter(options.build, options.out.with_suffix(".counters"), options.owed, options.unowed, options.seen,
                  options.plugin)
    words = shlex.split(options.qemu) + shlex.split(meter.words)
    console = b""
    waited = ([options.since.encode()] if options.since else []) + [options.until.encode()]
    since = len(waited) - 2                 # -1: from power on
    qemu = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        for i, text in enumerate(waited):
            at = len(console)
            while text not in console[at:]:
                line = qemu.stdout.readline()
                if not line:
                    sys.exit(f"QEMU ended before '{text.decode()}':\n{console.decode(errors='replace')}")
                console += line
            if i == since:
                meter.reset()
        return meter.all()
    finally:
        qemu.kill()
        qemu.wait()


def main():
    parser = argparse.ArgumentParser(description="Counts a hypervisor's instructions, exit by exit, on each CPU.")
    parser.add_argument("--build", type=Path, required=True, help="folder with mullion.elf")
    parser.add_argument("--plugin", type=Path, default=PLUGIN, help="el2count.so; make bench builds it")
    parser.add_argument("--qemu", required=True, help="QEMU's command line, as make qemu-cmdline prints it")
    parser.add_argument("--owed", type=names, default=[], help="functions that mark an exit as the PD's own, a,b")
    parser.add_argument("--unowed", type=names, default=[], help="functions that mark it as somebody else's")
    parser.add_argument("--seen", type=names, default=[], help="functions that are counted and mark nothing")
    parser.add_argument("--since", default="", help="count from this console text on")
    parser.add_argument("--until", required=True, help="and up to this one")
    parser.add_argument("--out", type=Path, required=True, help="the JSON file")
    options = parser.parse_args()
    text = json.dumps(run(options), indent=1)
    options.out.write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
