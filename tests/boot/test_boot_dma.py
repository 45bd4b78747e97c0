# SPDX-License-Identifier: Apache-2.0
"""
A device that firmware left running: the undeclared function is armed with its
bus mastering on before the hypervisor's first instruction, and fires while it
boots. The machine counts instructions (-icount), so that 100 ms of the device
end at different steps of the boot.
"""
import edu
import judge
import pytest
from machine import Machine

CANARY = b"canary of the boot test " * 64
DEVICE, STREAM, BAR = 2, 0x10, 0x20000000
# 2^shift ns an instruction: the device fires after about 98, 195 and 390 thousand instructions.
SHIFTS = [10, 9, 8]


def free_page(appliance):
    return appliance.reg("mullion,hypervisor")[0] + 0x10000000


def arm(machine):
    machine.gdb.write(free_page(machine.appliance), CANARY)
    edu.enable(machine.gdb, machine.appliance.config_page(0, DEVICE), BAR)
    edu.arm_write(machine.gdb, BAR, free_page(machine.appliance))
    assert edu.busy(machine, BAR)


def canary(machine):
    return machine.dump(free_page(machine.appliance), len(CANARY))


def turn_on_and_ask(machine):
    """Whether the device is done with its attempt. To be asked, its decoding and bus mastering are turned on."""
    edu.enable(machine.gdb, machine.appliance.config_page(0, DEVICE), BAR)
    return not edu.busy(machine, BAR)


def test_the_attack_is_real(bounded, tmp_path):
    """Without Mullion, the same DMA arrives: U-Boot has no flash to boot from."""
    def no_flash(words):
        at = words.index("-drive")
        return words[:at] + words[at + 2:]

    with Machine(bounded, tmp_path, edit=no_flash) as machine:
        machine.go()
        machine.wait_console("Net:")
        machine.gdb.interrupt()
        arm(machine)
        machine.go()
        machine.wait_console("=>")
        machine.gdb.interrupt()
        assert canary(machine) != CANARY


@pytest.mark.parametrize("boot", ["kernel", "u-boot"])
@pytest.mark.parametrize("shift", SHIFTS)
def test_armed_before_entry(bounded, tmp_path, shift, boot):
    with Machine(bounded, tmp_path, extra=f"-icount shift={shift},sleep=off", boot=boot) as machine:
        machine.run_to("entry")
        arm(machine)
        machine.run_to("pd_run")
        assert shift < max(SHIFTS) or turn_on_and_ask(machine)
        machine.run_to("arch_system_off")
        assert turn_on_and_ask(machine)
        assert canary(machine) == CANARY
        assert judge.reach(machine.trace(), {0x08: bounded.windows()}) == []


@pytest.mark.parametrize("shift", SHIFTS)
@pytest.mark.parametrize("step", ["ram_compare", "iommu_enable"])
def test_bus_mastering_that_stays_on(bounded, tmp_path, step, shift):
    """The same with bus mastering back on at a step of the boot: the IOMMU alone must deny it."""
    with Machine(bounded, tmp_path, extra=f"-icount shift={shift},sleep=off", boot="kernel") as machine:
        machine.run_to("entry")
        arm(machine)
        machine.run_to(step)
        late = turn_on_and_ask(machine)
        machine.run_to("arch_system_off")
        assert turn_on_and_ask(machine)
        assert canary(machine) == CANARY
        assert late or judge.aborts(machine.trace(), STREAM) > 0
        assert judge.reach(machine.trace(), {0x08: bounded.windows()}) == []
