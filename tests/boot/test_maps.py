# SPDX-License-Identifier: Apache-2.0
"""
The hypervisor's own maps after the seal, read from the live machine's memory:
every leaf of the run and event maps is on this list, with these rights.
"""
import pytest
from appliance import PAGE
from machine import Machine

VALID, TABLE, READ_ONLY, XN, ADDRESS = 1, 2, 1 << 7, 1 << 54, 0xFFFFFFFFF000
DECLARED_DEVICE = 1


def leaves(machine, root):
    """Rights by page of everything that the map at `root` has."""
    found = {}

    def walk(table, level, base):
        words = machine.dump(table, PAGE)
        for idx in range(512):
            word = int.from_bytes(words[8 * idx:8 * idx + 8], "little")
            address = base + (idx << (39 - 9 * level))
            if not word & VALID:
                continue
            if level < 3 and word & TABLE:
                walk(word & ADDRESS, level + 1, address)
                continue
            rights = "r" + ("-" if word & READ_ONLY else "w") + ("-" if word & XN else "x")
            for page in range(0, 1 << (39 - 9 * level), PAGE):
                assert word & ADDRESS == address, "identity"
                found[address + page] = rights
    walk(root, 1, 0)
    return found


def allowed(appliance, event):
    def slot(name):
        return appliance.host_memory(f"hypervisor, {name}")

    stacks, size = slot("stacks")
    ranges = [
        (slot("text"), "r-x"), (slot("rodata"), "r--"), (slot("event_queue"), "r--"),
        (slot("boot_root"), "rw-"), (slot("shared"), "rw-"), (slot("percpu"), "rw-"),
        ((stacks + size // 2, size // 2), "rw-"),
        (appliance.reg("arm,pl011"), "rw-"),
        ((appliance.config_page(0, DECLARED_DEVICE), PAGE), "rw-"),
        (appliance.reg("arm,smmu-v3"), "rw-" if event else "r--"),
    ]
    return {base + page: rights for (base, size), rights in ranges for page in range(0, size, PAGE)}


@pytest.fixture
def sealed(bounded, tmp_path):
    with Machine(bounded, tmp_path, boot="kernel") as machine:
        machine.run_to("pd_run")
        yield machine


@pytest.mark.parametrize("name", ["run", "event"])
def test_sealed_map_has_nothing_else(sealed, bounded, name):
    assert leaves(sealed, bounded.symbol(f"{name}_root_1")) == allowed(bounded, name == "event")


def test_run_map_is_in_force(sealed, bounded):
    """After the seal, and again after each event was retired."""
    assert sealed.gdb.register("TTBR0_EL2") == bounded.symbol("run_root_1")
    sealed.run_to("iommu_events_retire")
    sealed.run_to_address(sealed.gdb.register("x30"))
    assert sealed.gdb.register("TTBR0_EL2") == bounded.symbol("run_root_1")
    sealed.run_to("arch_system_off")
    assert sealed.gdb.register("TTBR0_EL2") == bounded.symbol("run_root_1")


def test_writable_data_decides_nothing(sealed, bounded):
    """
    Every word of the CPU's page and of the shared page becomes the address of
    what the PD's registers are saved as: nothing that decides which map is
    loaded may be among them.
    """
    stacks, size = bounded.host_memory("hypervisor, stacks")
    forged = (stacks + size - 256).to_bytes(8, "little")
    percpu, shared = (bounded.host_memory(f"hypervisor, {slot}")[0] for slot in ("percpu", "shared"))
    sealed.run_to("iommu_events_retire")
    sealed.gdb.write(percpu, forged * (PAGE // 2 // 8))     # its upper half is a stack
    sealed.gdb.write(shared, forged * (PAGE // 8))
    sealed.run_to_address(sealed.gdb.register("x30"))
    assert sealed.gdb.register("TTBR0_EL2") == bounded.symbol("run_root_1")
