# SPDX-License-Identifier: Apache-2.0
"""A stock Linux with NVMe, network and USB beside a controller: what the host says of one run of all its steps."""
import hashlib
import re
import subprocess

import judge
import pytest
from edge import ALONE_SECONDS, AXES, KEY_CODES

MIB = 1 << 20
PAGE = 4096


def needs(run, step):
    if step not in run.steps:
        pytest.skip(f"{run.kernel} has no driver for it")


def said(run, step):
    """What a step printed, by lines."""
    return re.findall(rf"^\[linux\] step: {step}: (.*?)\r?$", run.console, re.M)


def test_every_step_ends_well(run):
    assert "FAILED" not in "\n".join(re.findall(r"^\[linux\] step: .*", run.console, re.M))
    assert "init: done" in run.console
    assert len([line for line in said(run, "cpus") if line.startswith("CPU ")]) == 2
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
    assert judge.reach(run.trace, run.windows()) == []
    assert judge.events(run.trace) == {}
    used = {"nvme", "rng", *(["e1000e", "usb"] if "net" in run.steps else [])}
    assert {name for name in ("nvme", "e1000e", "usb", "rng") if judge.grants(run.trace, run.stream(name))} >= used


def test_keys_and_pointer_arrive(run):
    needs(run, "usb")
    lines = said(run, "usb")
    keys = [line.split(": ")[1] for line in lines if "Keyboard: key" in line]
    assert keys[:6] == [f"key {code} {what}" for code in KEY_CODES for what in ("down", "up")]
    axes = {int(axis): int(value) for axis, value in re.findall(r"Tablet: axis (\d+) at (\d+)", "\n".join(lines))}
    assert axes == AXES


def test_secret_is_not_where_devices_reach(run):
    """Memory was full of it, the zone that the window is was not: the boot arguments hold ordinary memory off it."""
    assert run.secret_pages["dma"] == 0
    assert run.secret_pages["ram"] >= 5 * 48 * MIB / PAGE
    free = re.search(r"after: zone DMA32: .*nr_free_pages (\d+)", "\n".join(said(run, "pressure")))
    assert int(free[1]) * PAGE < 16 * MIB, "memory was not full"


def test_msix_tables_cost_no_exit(run):
    """The card's three vectors were unmasked, by the PD itself: no exit was for a page of a BAR."""
    needs(run, "net")
    assert run.exits.table_writes >= 3
    assert run.appliance.reg("arm,gic-v3")[0] in run.exits.pages, "not even what opens their interrupts was seen"
    assert [hex(page) for page in run.exits.pages if any(page in bar for bar in run.bars())] == []


def test_controller_goes_on(run):
    """Without a fault while linux worked, and at its rate once linux is off; a loaded host may halve it."""
    assert run.counts["wrong"] == 0
    assert run.counts["ticks"] - run.counts_at_power_off["ticks"] >= 1000 * ALONE_SECONDS / 2
    assert run.counts["rounds"] > run.counts_at_power_off["rounds"] > 10
    assert run.counts["msis"] >= 2 * run.counts["rounds"]
