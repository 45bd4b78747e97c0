# SPDX-License-Identifier: Apache-2.0
"""The sealed hypervisor turns against its own seal (CONFIG_SELFTEST), watched from outside."""
import re

import judge
import pytest
from machine import Machine

TARGETS = [
    "smmu CR0", "smmu GBPA", "smmu STRTAB_BASE", "stream table level 1", "stream table entry", "iommu leaf",
    "own stage 1, run", "own stage 1, event", "PD stage 2", "text", "partition table", "stack guard",
    "code", "data", "io",
]
ADDRESS, TABLE, READ_ONLY = 0xFFFFFFFFF000, 2, 1 << 7


def state(machine):
    """Everything that the self-test attacks."""
    appliance = machine.appliance
    smmu = appliance.reg("arm,smmu-v3")[0]
    found = {f"SMMU register {at:#x}": machine.dump_int(smmu + at) for at in range(0, 0xC0, 4)}
    for slot in ("text", "rodata", "tables.cpu", "tables.iommu"):
        found[slot] = machine.dump(*appliance.host_memory(f"hypervisor, {slot}"))
    for region in appliance.regions().values():
        found[region.name] = machine.dump(region.pa, region.size)
    return found


def test_every_write_faults(selftest, tmp_path):
    with Machine(selftest, tmp_path) as machine:
        machine.run_to("selftest_seal")
        before, line = state(machine), len(machine.trace())
        assert before["SMMU register 0x20"] == 0x5          # CR0: it does read registers
        machine.run_to("pd_run")
        assert judge.changed(before, state(machine)) == []
        assert judge.sealed_registers(machine.trace()[line:]) == []
        tried = re.findall(r"seal-test (.*?) +write at \w+: (.*?)\r", machine.console())
        assert [name for name, _ in tried] == TARGETS
        assert {result for _, result in tried} == {"permission fault", "translation fault"}


def test_boot_map_is_gone(bounded, tmp_path):
    with Machine(bounded, tmp_path) as machine:
        machine.run_to("arch_seal")
        assert any(machine.dump(bounded.symbol("boot_root"), 0x1000))
        machine.run_to("pd_run")
        assert not any(machine.dump(bounded.symbol("boot_root"), 0x1000))


def leaf_of(machine, root, address):
    """Address of the last-level entry that maps `address`."""
    table = root
    for level in (1, 2, 3):
        entry = table + 8 * (address >> (39 - 9 * level) & 511)
        if level == 3:
            return entry
        word = int.from_bytes(machine.gdb.read(entry, 8), "little")
        assert word & TABLE
        table = word & ADDRESS


@pytest.mark.parametrize("target", ["smmu", "text"])
def test_a_broken_seal_is_seen(selftest, tmp_path, target):
    """These tests can fail: with one leaf of the run map writable, the self-test gets through."""
    with Machine(selftest, tmp_path) as machine:
        machine.run_to("pci_place_bars")        # after the digests were compared
        address = selftest.reg("arm,smmu-v3")[0] if target == "smmu" else selftest.symbol("table") & ~0xFFF
        leaf = leaf_of(machine, selftest.symbol("run_root_1"), address)
        word = int.from_bytes(machine.gdb.read(leaf, 8), "little")
        machine.gdb.write_int(leaf, word & ~READ_ONLY, 8)
        machine.run_to("selftest_seal")
        before = state(machine)
        machine.go()
        machine.wait_console("PANIC the seal is broken")
        assert "NOT BLOCKED" in machine.console()
        machine.gdb.interrupt()
        assert judge.changed(before, state(machine)) != []
