# SPDX-License-Identifier: Apache-2.0
"""DMA reaches the declared window and nothing else: the whole run, judged from outside."""
import edu
import judge
import pytest
from appliance import PAGE
from machine import Machine

CANARY = bytes(range(1, 256))
DECLARED, UNDECLARED = 0x08, 0x10       # streams of 00:01.0 and 00:02.0
UNDECLARED_DEVICE = 2
# RAM that the table gives to nobody, far from everything else; a BAR address that nothing else uses.
FREE_OFFSET, BAR = 0x10000000, 0x20000000


def canary(size):
    return (CANARY * (size // len(CANARY) + 1))[:size]


class Run:
    """A run with canaries in everything that the devices may not reach."""

    def __init__(self, machine):
        self.machine, self.appliance = machine, machine.appliance
        self.window = self.appliance.windows()[0]
        regions = self.appliance.regions()
        self.free = self.appliance.reg("mullion,hypervisor")[0] + FREE_OFFSET
        data, code = regions["data"], regions["code"]
        self.planted = {
            "memory without the D bit": (data.pa, data.size),
            "the page before the window": (self.window.pa - PAGE, PAGE),
            "the page behind the window": (self.window.pa + self.window.size, PAGE),
            "memory of nobody": (self.free, PAGE),
            "the unused half of the code": (code.pa + code.size // 2, 16 * PAGE),
        }
        store = self.appliance.host_memory("store, image of first-light")
        self.watched = {"the store": store}
        for slot in ("text", "rodata", "tables.cpu", "tables.iommu", "boot_root", "boot"):
            self.watched[slot] = self.appliance.host_memory(f"hypervisor, {slot}")

    def plant(self):
        for address, size in self.planted.values():
            self.machine.gdb.write(address, canary(size))
        self.before = self.victims()
        self.seal_line = len(self.machine.trace())

    def victims(self):
        return {name: self.machine.dump(*place) for name, place in (self.planted | self.watched).items()}

    def violations(self):
        """What is wrong, once the PD has powered off but the machine still stands."""
        trace = self.machine.trace()
        bad = judge.changed(self.before, self.victims())
        bad += judge.reach(trace[self.seal_line:], {DECLARED: [self.window]})
        bad += judge.sealed_registers(trace[self.seal_line:])
        window = self.machine.dump(self.window.pa, self.window.size)
        if any(CANARY[at:at + 16] in window for at in range(0, 240)):
            bad.append("a canary was read into the window")
        return bad


def power_off(machine):
    machine.run_to("arch_system_off", timeout=120)


@pytest.fixture(params=["u-boot", "kernel"])
def finished(request, bounded, tmp_path):
    """Sealed, planted, run to the PD's power off."""
    with Machine(bounded, tmp_path, boot=request.param) as machine:
        machine.run_to("pd_run")
        run = Run(machine)
        run.plant()
        power_off(machine)
        yield run
        machine.go()
        assert machine.wait_exit() == 0


def test_run_is_confined(finished):
    assert finished.violations() == []


def test_dma_through_the_window_works(finished):
    """Each round copied a quarter KiB from the window's first half to its second, by the device."""
    window = finished.machine.dump(finished.window.pa, finished.window.size)
    half = len(window) // 2
    assert window[:5 * 256] == window[half:half + 5 * 256]
    assert all(any(window[at:at + 256]) for at in range(0, 5 * 256, 256))
    assert judge.grants(finished.machine.trace(), DECLARED) > 0
    assert "round 5: 5 good DMA round trips" in finished.machine.console()


def test_denials_are_reported_as_qemu_recorded_them(finished):
    recorded = judge.events(finished.machine.trace()[finished.seal_line:])
    reported = judge.reported(finished.machine.console())
    assert recorded == {(DECLARED, "F_TRANSLATION"): reported["0000:00:01.0", "F_TRANSLATION"]}
    assert len(reported) == 1
    # Five places, each written and read.
    assert finished.machine.console().count("WARN denied write") == 5
    assert finished.machine.console().count("WARN denied read") == 5


def test_timer_reaches_the_pd(finished):
    """The PD sleeps until its timer: without it, no round ends. It counts a tick each 10 ms."""
    ticks = int(finished.machine.console().split("round 5:")[1].split(" timer ticks")[0].split()[-1])
    assert 100 < ticks


@pytest.fixture
def planted(bounded, tmp_path):
    """Sealed and planted, the PD not yet started."""
    with Machine(bounded, tmp_path) as machine:
        machine.run_to("pd_run")
        run = Run(machine)
        run.plant()
        yield run


def attack_by_undeclared(run):
    page = run.appliance.config_page(0, UNDECLARED_DEVICE)
    edu.enable(run.machine.gdb, page, BAR)
    edu.arm_write(run.machine.gdb, BAR, run.free)


def test_undeclared_function_with_bus_mastering_is_denied(planted):
    """Even if its bus mastering came on after the seal, its stream aborts."""
    attack_by_undeclared(planted)
    power_off(planted.machine)
    assert planted.violations() == []
    assert not edu.busy(planted.machine, BAR)
    assert judge.aborts(planted.machine.trace(), UNDECLARED) > 0


def test_widened_stream_table_entry_is_seen(planted):
    """These tests can fail: an entry that bypasses lets the undeclared function through."""
    entry = planted.appliance.symbol("streams_0") + UNDECLARED * 64
    planted.machine.gdb.write_int(entry, 1 | 4 << 1, 8)
    attack_by_undeclared(planted)
    power_off(planted.machine)
    bad = planted.violations()
    assert "memory of nobody was changed" in bad
    assert f"stream {UNDECLARED} was not translated: bypass" in bad


def window_leaf_table(run):
    """The last-level table of the window: the only one of its pool with page leaves."""
    name = next(name for name in run.appliance.symbols if name.startswith("windows_") and "_l3_" in name)
    return run.appliance.symbol(name)


def test_widened_leaf_is_seen(planted):
    """These tests can fail: one more leaf behind the window gives the PD's device a page it was not given."""
    gdb, last = planted.machine.gdb, window_leaf_table(planted) + 8 * (planted.window.size // PAGE - 1)
    gdb.write_int(last + 8, int.from_bytes(gdb.read(last, 8), "little") + PAGE, 8)
    power_off(planted.machine)
    bad = planted.violations()
    assert "the page behind the window was changed" in bad
    assert any("which no window has" in line for line in bad)
