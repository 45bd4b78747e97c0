# SPDX-License-Identifier: Apache-2.0
"""
Steps of the boot, each looked at from outside where it begins: deny comes first,
allow comes last, and what firmware left in the interrupt controller is gone.
"""
import edu
import judge
import pytest
from machine import Machine

GBPA, ABORT, CR0 = 0x44, 1 << 20, 0x20
MASTER, MEMORY = 1 << 2, 1 << 1
FIRST_BAR = 0x20000000
EVENT_SPI, TIMER_PPI = 106, 27
GICD_ISENABLER, GICD_ISPENDR, GICD_ISACTIVER, SGI_FRAME = 0x100, 0x200, 0x300, 0x10000


def command(machine, device):
    return machine.dump_int(machine.appliance.config_page(0, device) + 4, 2)


def smmu(machine, register):
    return machine.dump_int(machine.appliance.reg("arm,smmu-v3")[0] + register)


@pytest.fixture
def hostile(bounded, tmp_path):
    """Entered with both functions' decoding and bus mastering on, the SMMU in bypass."""
    with Machine(bounded, tmp_path, boot="kernel") as machine:
        machine.run_to("entry")
        for device in (1, 2):
            edu.enable(machine.gdb, bounded.config_page(0, device), FIRST_BAR + (device << 20))
            assert command(machine, device) & MASTER
        assert not smmu(machine, GBPA) & ABORT
        yield machine


def test_iommu_denies_before_anything_else(hostile):
    hostile.run_to("pci_deny")
    assert smmu(hostile, GBPA) & ABORT and not smmu(hostile, CR0)
    assert hostile.console() == ""


def test_functions_are_off_before_the_console(hostile):
    hostile.run_to("uart_init")
    for device in (1, 2):
        assert not command(hostile, device) & (MASTER | MEMORY)


@pytest.mark.parametrize("step", ["iommu_enable", "iommu_audit", "pci_allow_dma"])
def test_no_bus_mastering_before_the_audit_passed(hostile, step):
    hostile.run_to(step)
    assert smmu(hostile, GBPA) & ABORT
    for device in (1, 2):
        assert not command(hostile, device) & MASTER


def test_bus_mastering_for_declared_functions_only(hostile):
    hostile.run_to("pd_run")
    assert command(hostile, 1) & MASTER
    assert not command(hostile, 2) & (MASTER | MEMORY)


def set_bit(machine, base, register, intid):
    machine.gdb.write_int(base + register + intid // 32 * 4, 1 << intid % 32, 4)


def test_interrupts_that_firmware_left(bounded, tmp_path):
    """An active event interrupt or timer would never come again; every denial must still be reported."""
    with Machine(bounded, tmp_path, boot="kernel") as machine:
        machine.run_to("entry")
        distributor, redistributor = bounded.reg("arm,gic-v3")[0], bounded.reg("arm,gic-v3", 1)[0]
        set_bit(machine, distributor, GICD_ISACTIVER, EVENT_SPI)
        set_bit(machine, distributor, GICD_ISENABLER, EVENT_SPI + 1)
        set_bit(machine, distributor, GICD_ISPENDR, EVENT_SPI + 1)
        set_bit(machine, redistributor + SGI_FRAME, GICD_ISACTIVER, TIMER_PPI)
        machine.run_to("arch_system_off")
        recorded = judge.events(machine.trace())
        assert sum(recorded.values()) == sum(judge.reported(machine.console()).values()) > 0
        assert "round 5: 5 good DMA round trips" in machine.console()
