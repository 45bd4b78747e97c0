# SPDX-License-Identifier: Apache-2.0
"""A stock Linux with NVMe, network and USB beside a controller: what the host says of one run of all its steps."""
import hashlib
import re
import subprocess

import guest
import judge
import pytest
from edge import ALONE_SECONDS, AXES, KEY_CODES

MIB = 1 << 20
PAGE = 4096
FUNCTIONS = {"nvme", "e1000e", "usb", "rng"}


def needs(run, step):
    if step not in run.steps:
        pytest.skip(f"no step {step} in this run")


def said(run, step):
    return guest.said(run.console, step)


def test_every_step_ends_well(run):
    assert "FAILED" not in "\n".join(re.findall(r"^\[linux\] step: .*", run.console, re.M))
    assert "init: done" in run.console
    assert len([line for line in said(run, "cpus") if line.startswith("CPU ")]) == (2 if "cpus" in run.steps else 0)
    drivers = re.findall(r"driver (\S+)", "\n".join(said(run, "machine")))
    wanted = ["nvme", "e1000e", "xhci_hcd", "virtio-pci"]
    assert drivers == (wanted if "net" in run.steps else ["nvme", "none", "none", "virtio-pci"])


def test_files_are_on_the_disk(run):
    """By e2fsprogs, in the image: what linux wrote, with the checksum that it left, on a file system without faults."""
    data, checksum = run.on_disk("/data"), run.on_disk("/data.sha256").decode().split()[0]
    assert len(data) == 64 * MIB
    assert hashlib.sha256(data).hexdigest() == checksum
    checked = subprocess.run(["/usr/sbin/e2fsck", "-fn", str(run.disk)], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


def test_network_brought_what_was_served(run):
    """All of it through the card's own DMA."""
    needs(run, "net")
    checksum = hashlib.sha256((run.served / "data").read_bytes()).hexdigest()
    assert f"sha256 {checksum[:16]}... as served" in said(run, "net")
    assert judge.grants(run.trace, run.stream("e1000e")) >= 16 * MIB / PAGE


def test_dma_stays_in_the_windows(run):
    """Each translation that QEMU's SMMU granted; and it refused none."""
    assert judge.reach(run.trace, run.appliance.windows_by_stream()) == []
    assert judge.events(run.trace) == {}
    used = FUNCTIONS if "net" in run.steps else {"nvme", "rng"}
    assert {name for name in FUNCTIONS if judge.grants(run.trace, run.stream(name))} >= used


def test_windows_are_as_small_as_asked(run):
    """All that a function of linux reaches, but for the page of MSIs."""
    windows = run.appliance.windows_by_stream()
    reached = [window for name in FUNCTIONS for window in windows[run.stream(name)] if window.size > PAGE]
    assert [(window.iova, window.size) for window in reached] == [(0, run.window_mib * MIB)] * len(FUNCTIONS)


def test_half_a_window_is_seen(run):
    """The verdict on DMA can fail: devices use the upper half as well, so judged by the lower one it is bad."""
    windows = run.appliance.windows_by_stream()
    for window in windows[run.stream("nvme")]:
        window.size //= 2 if window.size > PAGE else 1
    assert any("which no window has" in line for line in judge.reach(run.trace, windows))


def test_keys_and_pointer_arrive(run):
    needs(run, "usb")
    lines = said(run, "usb")
    keys = [line.split(": ")[1] for line in lines if "Keyboard: key" in line]
    assert keys[:6] == [f"key {code} {what}" for code in KEY_CODES for what in ("down", "up")]
    axes = {int(axis): int(value) for axis, value in re.findall(r"Tablet: axis (\d+) at (\d+)", "\n".join(lines))}
    assert axes == AXES


def test_secret_is_not_where_devices_reach(run):
    """Memory was full of it, the zone that the window is was not: the boot arguments hold ordinary memory off it."""
    needs(run, "pressure")
    assert run.secret_pages["dma"] == 0
    assert run.secret_pages["ram"] >= 5 * 48 * MIB / PAGE
    free = re.search(r"after: zone DMA32: .*nr_free_pages (\d+)", "\n".join(said(run, "pressure")))
    assert int(free[1]) * PAGE < 16 * MIB, "memory was not full"


def test_msix_tables_cost_no_exit(run):
    """The card's three vectors were unmasked, by the PD itself: no exit was for a page of a BAR."""
    if not run.watched:
        pytest.skip("exits are counted in the other run")
    assert run.watched.table_writes >= 3
    assert run.appliance.reg("arm,gic-v3")[0] in run.watched.pages, "not even what opens their interrupts was seen"
    assert [hex(page) for page in run.watched.pages if any(page in bar for bar in run.bars())] == []


def test_controller_goes_on(run):
    """Without a fault while linux worked, and at its rate once linux is off; a loaded host may halve it."""
    assert run.counts_in_the_end["wrong"] == 0
    assert run.counts_in_the_end["ticks"] - run.counts_at_power_off["ticks"] >= 1000 * ALONE_SECONDS / 2
    assert run.counts_in_the_end["rounds"] > run.counts_at_power_off["rounds"] > 10
    assert run.counts_in_the_end["msis"] >= 2 * run.counts_in_the_end["rounds"]


NOT_OF_TRAFFIC = {"timer", "SGI", "UART", "watchdog", "kick", "refill", "MSI"}   # by time, by its CPUs, or judged apart


def test_traffic_costs_an_exit_per_interrupt(run):
    """
    Between two marks: one for each MSI at the most, at the CPU that the table names; a kick more where linux has it on its
    other CPU; and nothing else, but for what is by time and between linux' own CPUs. Counted by the hypervisor, judged by
    what QEMU saw sent and linux saw arrive: one that comes while it is pending is one with it.
    """
    assert run.marks
    for step, marks in run.marks.items():
        exits, (msis, ipis) = marks.exits_between(), marks.interrupts_between()
        sent = marks.sent_between()
        show(run, step, exits, f"{sent} MSIs sent, {msis} taken by linux' CPUs, {ipis} between them")
        assert sum(msis) > 200, step
        assert sum(msis) - 2 <= exits[0, "MSI"] <= sent + 2 and exits[1, "MSI"] == 0, step
        assert exits[1, "kick"] <= msis[1] + ipis[1] + 50, step
        assert {key: count for key, count in exits.items()
                if count and key[1] not in NOT_OF_TRAFFIC} == {}, step
        assert exits[0, "refill"] + exits[1, "refill"] <= sum(msis) / 50, step        # more at once than list registers


def show(run, step, exits, interrupts):
    """What was counted, to look at."""
    names = sorted({name for _, name in exits})
    lines = [f"{step}: {interrupts}; exits by vCPU:"]
    lines += [f"  {name:9}" + "".join(f"{exits[vcpu, name]:9}" for vcpu in (0, 1)) for name in names]
    (run.build / f"exits-{step}.txt").write_text("\n".join(lines) + "\n")
