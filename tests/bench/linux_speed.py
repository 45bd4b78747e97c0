# SPDX-License-Identifier: Apache-2.0
"""
The same stock Linux without a hypervisor and in a PD, on the same machine in QEMU: medians of runs that take turns.

Without: QEMU starts the kernel on the board as it is, with the same devices and the IOMMU, and the kernel is told to
use as many CPUs and as much memory as the PD has. It drives the IOMMU itself, in its default way ("bare") and with DMA
passed through ("open IOMMU"). In a PD: partitions/edge without the controller, whose work would be the host's too.
"""
import os
import re
import shlex
import statistics
import subprocess
import threading
import time
from pathlib import Path

import variant
from bench import Appliance, without_loads

RUNS, TIMEOUT = 5, 240
BARE, OPEN, PD = "bare", "open IOMMU", "Mullion"         # the columns
MIB = 1 << 20
DISK_MIB = 256                          # bench_mib of guests/linux/steps/bench
STEPS = "steps=bench,net"
# As many CPUs and MiB as linux of partitions/edge has; and no hypervisor of its own, which it cannot be in a PD.
BARE_WORDS = ["nr_cpus=2", "mem=512M", "kvm-arm.mode=none"]
WINDOW_WORDS = ("swiotlb=", "sysctl.vm.lowmem_reserve_ratio=")
ALONE = "\n&{/partitions} {\n\t/delete-node/ plc;\n};\n"

# What it is, and in what; where on the console; how it follows from the time since power on and from what was found
# there. What begins with a space is part of the one before.
FIGURES = [
    ("power on to init", "s", r"init: Linux", lambda elapsed: elapsed),
    (" of it by the kernel's clock", "s", r"bench: up (\S+) s", lambda _, seconds: seconds),
    ("NVMe, 1 MiB at a time in sequence", "MiB/s", r"sequential (\d+) MiB in (\S+) s", lambda _, mib, s: mib / s),
    ("NVMe, 4 KiB at a time at random", "reads/s", r"random (\d+) reads in (\d+) us", lambda _, n, us: n / us * 1e6),
    ("a loop of a shell", "rounds/s", r"loop (\d+) in (\S+) s", lambda _, n, s: n / s),
    ("network, 16 MiB", "MiB/s", r"net: (\d+) bytes in (\S+) s", lambda _, size, s: size / s / MIB),
]


def appliance(build, guests, kernel):
    """`linux` alone, and a disk full of noise: no block is a hole."""
    disk = build / "edge" / "disk.img"
    disk.parent.mkdir(parents=True, exist_ok=True)
    disk.write_bytes(os.urandom(DISK_MIB * MIB))
    table = variant.write(build / "table", kernel, [*variant.boot_words(), STEPS], ALONE, "IMAGES :=\n")
    return Appliance(build, table, [f"GUESTS={guests}"], config="qemu-virt-arm64_appliance_defconfig")


def command_lines(built, guests, kernel):
    in_pd = shlex.split(built.command_line("kernel"))
    bare = without_loads(in_pd)
    bare[bare.index("-kernel") + 1] = str(guests / kernel / "Image")
    words = [word for word in variant.boot_words() if not word.startswith(WINDOW_WORDS)] + [*BARE_WORDS, STEPS]
    bare += ["-initrd", str(guests / kernel / "initrd"), "-append"]
    return {BARE: [*bare, " ".join(words)], OPEN: [*bare, " ".join([*words, "iommu.passthrough=1"])], PD: in_pd}


def cpu_seconds(pid):
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def lines_of(words):
    """The console's lines, each with the seconds since power on and QEMU's CPU time until then."""
    begin = time.monotonic()
    qemu = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    watchdog = threading.Timer(TIMEOUT, qemu.kill)
    watchdog.start()
    try:
        for line in qemu.stdout:
            yield line.decode(errors="replace"), time.monotonic() - begin, cpu_seconds(qemu.pid)
    finally:
        watchdog.cancel()
        qemu.kill()
        qemu.wait()


def figures(words):
    """Of one run, by name; and, since the figure before, QEMU's CPU time."""
    found, spent, console = {}, {}, ""
    for line, elapsed, cpu in lines_of(words):
        console += line
        assert "FAILED" not in line, console
        for name, _, pattern, figure in FIGURES:
            if match := re.search(pattern, line):
                found[name] = figure(elapsed, *map(float, match.groups()))
                spent[name] = cpu - sum(spent.values())
        if len(found) == len(FIGURES):
            return found, spent
    raise AssertionError(f"not all figures; are the initrds of these sources (make initrds)?\n{console}")


def measure(lines):
    """Samples by figure and command line, of the figures and of CPU time. Each round has one run of each: same host."""
    samples = [{name: {column: [] for column in lines} for name, *_ in FIGURES} for _ in ("figure", "CPU time")]
    for _ in range(RUNS):
        for column, words in lines.items():
            for kind, values in zip(samples, figures(words)):
                for name, value in values.items():
                    kind[name][column].append(value)
    return samples


def digits(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def row(name, columns):
    medians = {column: statistics.median(samples) for column, samples in columns.items()}
    cells = (f"{digits(medians[column])} ({digits(min(of))} to {digits(max(of))})" for column, of in columns.items())
    ratios = (medians[PD] / medians[column] for column in columns if column != PD)
    return f"  {name:<42}" + "".join(f"{cell:>28}" for cell in cells) + "".join(f"{ratio:>22.2f}" for ratio in ratios)


def table(samples):
    found, spent = samples
    columns = list(next(iter(found.values())))
    yield f"{f'Linux, medians of {RUNS} (least to most)':<44}" + "".join(f"{column:>28}" for column in columns) + \
        "".join(f"{'Mullion / ' + column:>22}" for column in columns if column != PD)
    yield from (row(f"{name}, {unit}", found[name]) for name, unit, *_ in FIGURES)
    yield f"QEMU's CPU time for it, s (host: {os.cpu_count()} CPUs, load {os.getloadavg()[2]:.1f} in the last 15 minutes)"
    yield from (row(name, of) for name, of in spent.items() if name[0] != " ")
