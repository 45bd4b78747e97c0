# SPDX-License-Identifier: Apache-2.0
"""Figures of the hypervisor: boot by phase, what traps and interrupts cost, sizes; beside the bare machine and peers.

One CPU under -icount with a counter of 1 GHz: one tick is one instruction, the same from run to run.
"""
import argparse
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from elftools.elf.elffile import ELFFile

TOP = Path(__file__).resolve().parents[2]
sys.path.append(str(TOP / "tests" / "boot"))
from appliance import Appliance  # noqa: E402: found by the line above
from el2count import Meter  # noqa: E402

BUILD = Path(os.environ.get("BUILD", TOP / "build" / "bench")).resolve()
BASELINE = TOP / "tests" / "bench" / "baseline.json"
GROWTH = 1.02
CPU = "cortex-a57,cntfrq=1000000000"
ICOUNT = ["-icount", "shift=0,sleep=off"]

# What is shown, in order, and the same figure of two peers: one CPU, one guest of 64 MiB, measured likewise.
ROWS = [
    ("boot", "entry to first PD instruction", 349760, 17043465),
    ("boot_console", "  console", None, None),
    ("boot_integrity", "  integrity: hashes", None, None),
    ("boot_scrub", "  scrub of PD memory", None, None),
    ("boot_copy", "  copy of images", None, None),
    ("boot_rest", "  phases' own lines, seal, start", None, None),
    ("boot_work", "  everything else", None, None),
    ("hvc", "HVC PSCI_VERSION", 189, 471),
    ("typer", "GICD_TYPER read", 225, 598),
    ("isenabler", "GICD_ISENABLER write", None, None),
    ("timer", "virtual timer to handler", 201, 905),
    ("sgi", "SGI to itself, to handler", 753, 919),
    ("msi", "MSI to handler", None, None),
    ("text", "text, bytes", None, None),
    ("writable", "writable RAM, bytes", None, None),
    ("lines", "lines of code", None, None),
]


def qemu(words):
    """The console of a run that ends by itself."""
    words = [CPU if before == "-cpu" else word for before, word in zip(["", *words], words)]
    return subprocess.run(words + ICOUNT, cwd=TOP, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=180, check=True).stdout.decode(errors="replace")


def measured(console):
    found = re.findall(r"measured (\w+) min (\d+) median (\d+)", console)
    assert found, f"no figures on the console:\n{console}"
    return {name: {"min": int(least), "median": int(median)} for name, least, median in found if name != "nothing"}


def boot(console, total):
    """The share of each phase. `total` is the plugin's, which believes nothing that the hypervisor prints."""
    found = re.findall(r"phase (\w+) +(\d+) ticks, +(\d+) of them console", console)
    phases = {name: {"ticks": int(ticks), "console": int(part)} for name, ticks, part in found}
    work = {name: phase["ticks"] - phase["console"] for name, phase in phases.items()}
    apart = {name: work.pop(name, 0) for name in ("integrity", "scrub", "copy")}
    return phases, {
        "boot": total,
        "boot_console": sum(phase["console"] for phase in phases.values()),
        **{f"boot_{name}": ticks for name, ticks in apart.items()},
        "boot_rest": total - sum(phase["ticks"] for phase in phases.values()),
        "boot_work": sum(work.values()),
    }


def sizes(appliance):
    with open(appliance.build / "mullion.elf", "rb") as file:
        text = ELFFile(file).get_section_by_name(".text")["sh_size"]
    slots = re.findall(r"^  (\w+)-(\w+) .*KiB  hypervisor, (\S+)", appliance.report, re.M)
    constant = ("text", "rodata", "tables", "its", "lpi")   # ITS and LPI memory is the controller's
    writable = sum(int(end, 16) - int(base, 16) + 1 for base, end, name in slots if not name.startswith(constant))
    lines = int(re.search(r"lines (\d+) of", appliance.make("size"))[1])
    return {"text": text, "writable": writable, "lines": lines}


def without_loads(words):
    """QEMU's words without the images that lie in the machine's memory for the hypervisor."""
    return shlex.split(re.sub(r"-device loader,\S+", "", shlex.join(words)))


def bare_command_line(appliance, words):
    """The board without a hypervisor: the program is linked for the board's own addresses and starts at EL1."""
    dtb = str(appliance.build / "table.dtb")
    console = subprocess.run(["fdtget", dtb, "/chosen", "stdout-path"], capture_output=True, text=True).stdout.strip()
    reg = subprocess.run(["fdtget", "-t", "x", dtb, console, "reg"], capture_output=True, text=True).stdout.split()
    addresses = {
        "PD_LOAD": appliance.symbol("entry"),
        "PD_CONSOLE": int(reg[0], 16) << 32 | int(reg[1], 16),
        "PD_GICD": appliance.reg("arm,gic-v3")[0],
        "PD_GICR": appliance.reg("arm,gic-v3", 1)[0],
        "PD_EDU_CONFIG": appliance.config_page(0, 1),
        "BARE_ITS": appliance.reg("arm,gic-v3-its")[0],
    }
    header = "/* Made by bench.py: the board's own addresses in place of the PD's. */\n#define BARE 1\n"
    header += "".join(f"#undef {name}\n#define {name} {value:#x}\n" for name, value in addresses.items())
    (appliance.build / "gen" / "bare.h").write_text(header)
    appliance.make(f"{appliance.build}/bare.elf")
    words = [re.sub(r",virtualization=on|,iommu=\w+", "", word) for word in without_loads(words)]
    words[words.index("-kernel") + 1] = f"{appliance.build}/bare.elf"
    return words


def measure():
    appliance = Appliance(BUILD / "one", "tests/bench/one/table.dts")
    words = shlex.split(appliance.command_line("kernel"))
    meter = Meter(appliance.build, BUILD / "counters", plugin=BUILD / "el2count.so")
    console = qemu(words + shlex.split(meter.words))
    phases, figures = boot(console, meter.cpu(0)["boot"])
    pd, bare = measured(console), measured(qemu(bare_command_line(appliance, words)))
    figures |= {name: sample["median"] for name, sample in pd.items()} | sizes(appliance)
    return {
        "mullion": figures,
        "bare": {name: sample["median"] for name, sample in bare.items()},
        "least": {"mullion": {name: sample["min"] for name, sample in pd.items()},
                  "bare": {name: sample["min"] for name, sample in bare.items()}},
        "phases": phases,
    }


def table(result):
    def line(label, *cells):
        return f"  {label:<34}" + "".join(f"{'' if cell is None else cell:>12}" for cell in cells)

    yield line("instructions, on one CPU", "Mullion", "bare", "Bao", "Xen")
    for name, label, *peers in ROWS:
        yield line(label, result["mullion"].get(name, "-"), result["bare"].get(name), *peers)
    for name, phase in result["phases"].items():
        yield line(f"  phase {name}, without console", phase["ticks"] - phase["console"])


def grown(figures, baseline):
    """Figures that are more than the baseline allows, or that only one of them has."""
    for name in sorted(figures.keys() | baseline.keys()):
        now, before = figures.get(name), baseline.get(name)
        if now is None or before is None:
            yield f"{name}: measured {now}, baseline {before}"
        elif now > before * GROWTH:
            yield f"{name}: {now}, baseline {before}, {now - before} more"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--check", action="store_true", help="fail if a figure is over the baseline by more than 2 %%")
    parser.add_argument("--write-baseline", action="store_true")
    options = parser.parse_args()
    if options.check and not BASELINE.exists():
        sys.exit(f"no {BASELINE}: make bench-baseline makes it")
    result = measure()
    options.out.write_text(json.dumps(result, indent=1) + "\n")
    print("\n".join(table(result)))
    if options.write_baseline:
        BASELINE.write_text(json.dumps(result["mullion"], indent=1) + "\n")
    if options.check:
        bad = list(grown(result["mullion"], json.loads(BASELINE.read_text())))
        if bad:
            sys.exit("\n".join(["bench: grown over the baseline:", *bad, "If it is worth it: make bench-baseline, "
                                "commit tests/bench/baseline.json and explain it in that commit."]))


if __name__ == "__main__":
    main()
