# SPDX-License-Identifier: Apache-2.0
"""
How ptc grows: tables of many windows, regions and functions, compiled; its own time and its own memory at the most.

    scale.py PTC OUT [MOST]         prints the curve, up to MOST, and writes it to OUT

Four PDs, windows of 4 KiB with gaps. Rows of "regions" have a region for each window; rows of "windows" 64 functions
in all, each of which has every region of its PD; rows of "functions" 16 windows each. Seconds are of CPU time; less
than Python's own memory shows as that. "Constants" are what CONFIG_RODATA_KIB must hold beside the hypervisor's own;
with "tables", they must fit the hypervisor's memory: the two limits of an appliance with as many.
"""
import os
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
CC = os.environ.get("CROSS_COMPILE", "aarch64-linux-gnu-") + "gcc"
PDS, FUNCTIONS_MAX, STEP = 4, 64, 0x2000
PHANDLES = 0x10000      # of a PD
SECONDS_MAX, MIB_MAX = 2.0, 256
HEAD = """#include "qemu-virt-arm64/board.dtsi"
/ { partitions { compatible = "mullion,partitions"; housekeeping = <&cpu0>;
"""
PD = """pd{p}: pd{p} {{ compatible = "mullion,pd"; #address-cells = <2>; #size-cells = <2>; cpus = <&cpu{cpu}>;
image {{ file = "image.bin"; load = <0x0 0x80000000>; }};
code@80000000 {{ reg = <0x0 0x80000000 0x0 0x00200000>; access = "rwx"; }};
"""
# Phandles by number: dtc takes three times as long to give them out.
REGION = 'r{r}@{at:x} {{ reg = <0x0 0x{at:x} 0x0 0x1000>; phandle = <{phandle}>; access = "rw"; dma = "rw"; }};\n'
FUNCTION = 'f{f} {{ bdf = <0 {d} {n}>; id = <0x1234 0x11e8>; class = <0x00ff00>; windows = <{windows}>; }};\n'


def shares(total, parts):
    """`total` in `parts` whole numbers."""
    return [total // parts + (i < total % parts) for i in range(parts)]


def phandle(p, r):
    return PHANDLES * (p + 1) + r


def pd_text(p, functions, regions, windows_of):
    """`windows_of(f)`: regions that function f of the PD has."""
    text = PD.format(p=p, cpu=p + 1)
    text += "".join(REGION.format(r=r, at=0x90000000 + r * STEP, phandle=phandle(p, r)) for r in range(regions))
    for f in range(functions):
        windows = " ".join(str(phandle(p, r)) for r in windows_of(f))
        text += FUNCTION.format(f=f, d=p * 8 + f // 8, n=f % 8, windows=windows)
    return text + "};\n"


def table(kind, count):
    """A table's text, and how many functions, regions and windows it has."""
    text, windows, regions_all = HEAD, 0, 0
    functions = count if kind == "functions" else min(count, FUNCTIONS_MAX)
    for p, own in enumerate(shares(functions, PDS)):
        if kind == "functions":
            regions, windows_of = own * 16, lambda f: range(f * 16, f * 16 + 16)
        elif kind == "windows":
            regions = -(-count // functions)
            windows_of = lambda f, regions=regions: range(regions)
        else:
            regions = shares(count, PDS)[p]
            firsts = [sum(shares(regions, own)[:f]) for f in range(own + 1)]
            windows_of = lambda f, firsts=firsts: range(firsts[f], firsts[f + 1])
        text += pd_text(p, own, regions, windows_of)
        windows += sum(len(windows_of(f)) for f in range(own))
        regions_all += regions
    return text + "}; };\n", functions, regions_all, windows


def compile_tree(text, folder):
    """Tree and lines, as mk/table.mk makes them."""
    source = folder / "table.pp.dts"
    cpp = ["cpp", "-nostdinc", "-undef", "-P", "-x", "assembler-with-cpp", "-I", "platform"]
    source.write_bytes(subprocess.run(cpp, cwd=TOP, input=text.encode(), stdout=subprocess.PIPE, check=True).stdout)
    made = [subprocess.Popen(["dtc", "-q", "-I", "dts", "-O", output, *options, "-o", folder / name, source])
            for name, output, options in (("table.dtb", "dtb", []),
                                          ("table.lines", "dts", ["--annotate", "--annotate"]))]
    assert [process.wait() for process in made] == [0, 0]


def measure(ptc, folder):
    """Seconds of CPU time and MiB at the most, of ptc alone."""
    (folder / "gen").mkdir(exist_ok=True)
    (folder / "image.bin").write_bytes(bytes(4096))
    command = [ptc, "build", "table.dtb", "table.lines", "gen", "56", "24", "12", "mullion.bin", "image.bin=image.bin"]
    with open(folder / "said", "wb") as said:
        process = subprocess.Popen(command, cwd=folder, stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError((folder / "said").read_text(errors="replace")[-2000:])
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def constants(folder):
    """KiB of constants in table.c, tables apart."""
    made = folder / "table.o"
    compile_table = [CC, "-ffreestanding", "-fno-pic", "-O2", "-Ihv/include", "-Ihv/arch/arm64/include", "-c"]
    subprocess.run([*compile_table, folder / "gen/table.c", "-o", made], cwd=TOP, check=True)
    sizes = subprocess.check_output([CC.replace("gcc", "size"), "-A", made], text=True)
    return sum(int(line.split()[1]) for line in sizes.splitlines() if line.startswith(".rodata")) / 1024


def row(ptc, kind, count):
    text, functions, regions, windows = table(kind, count)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        compile_tree(text, folder)
        seconds, mib = measure(ptc, folder)
        tables = sum(map(int, (folder / "said").read_text().split(", ")[-1].split()[0].split("+"))) * 4
        return kind, functions, regions, windows, tables, constants(folder), seconds, mib


SHAPES = [(kind, count) for kind in ("regions", "windows") for count in (100, 300, 1000, 3000, 10000)]
SHAPES += [("functions", count) for count in (4, 8, 16, 32, 64)]
LINE = "{:10} {:>9} {:>8} {:>8} {:>11} {:>14} {:>8} {:>6}"


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit("usage: scale.py PTC OUT [MOST]")
    ptc, most = Path(sys.argv[1]).resolve(), int((sys.argv + ["10000"])[3])
    lines = [LINE.format("of", "functions", "regions", "windows", "tables, KiB", "constants, KiB", "seconds", "MiB")]
    print(lines[0])
    for kind, count in SHAPES:
        if count > most:
            continue
        *shape, kib, seconds, mib = row(ptc, kind, count)
        lines.append(LINE.format(*shape, f"{kib:.0f}", f"{seconds:.3f}", f"{mib:.1f}"))
        print(lines[-1], flush=True)
    Path(sys.argv[2]).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
