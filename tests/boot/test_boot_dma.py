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


STREAM_TABLE, LOG2_STREAMS = 0x100000, 8
STRTAB_BASE, STRTAB_BASE_CFG, CR0, GBPA, ABORT = 0x80, 0x88, 0x20, 0x44, 1 << 20
VALID_BYPASS, SHARED_AS_IT_COMES = 1 | 4 << 1, 1 << 44
LOOP = bytes.fromhex("00000014")        # b .


def enable_smmu_in_bypass(machine):
    """As firmware that needs no isolation does: on, with a linear stream table whose every entry bypasses."""
    base, smmu = free_page(machine.appliance) + STREAM_TABLE, machine.appliance.reg("arm,smmu-v3")[0]
    entry = VALID_BYPASS.to_bytes(8, "little") + SHARED_AS_IT_COMES.to_bytes(8, "little") + bytes(48)
    machine.gdb.write(base, entry * (1 << LOG2_STREAMS))
    for register, value, size in ((STRTAB_BASE, base, 8), (STRTAB_BASE_CFG, LOG2_STREAMS, 4), (CR0, 1, 4)):
        machine.gdb.write_int(smmu + register, value, size)
    assert machine.dump_int(smmu + CR0) == 1


def bypassed(machine):
    return sum("smmuv3_translate_bypass" in line for line in machine.trace())


def test_an_smmu_in_bypass_is_real(bounded, tmp_path):
    """The same machine with a loop in Mullion's place: the DMA arrives."""
    with Machine(bounded, tmp_path, extra="-icount shift=10,sleep=off", boot="kernel") as machine:
        machine.run_to("entry")
        enable_smmu_in_bypass(machine)
        arm(machine)
        stub = free_page(bounded) + 2 * STREAM_TABLE
        machine.gdb.write(stub, LOOP)
        machine.gdb.set_register("pc", stub)
        machine.go()
        while edu.busy(machine, BAR):
            pass
        assert canary(machine) != CANARY
        assert bypassed(machine) > 0


@pytest.mark.parametrize("master_stays_on", [False, True])
@pytest.mark.parametrize("shift", SHIFTS)
def test_smmu_left_enabled_in_bypass(bounded, tmp_path, shift, master_stays_on):
    """Denied before functions are, then the boot goes on as ever; nothing of the transfer arrives."""
    smmu = bounded.reg("arm,smmu-v3")[0]
    with Machine(bounded, tmp_path, extra=f"-icount shift={shift},sleep=off", boot="kernel") as machine:
        machine.run_to("entry")
        enable_smmu_in_bypass(machine)
        arm(machine)
        machine.run_to("pci_deny")
        assert machine.dump_int(smmu + CR0) == 0 and machine.dump_int(smmu + GBPA) & ABORT
        if master_stays_on:
            machine.run_to("ram_compare")
            turn_on_and_ask(machine)
        machine.run_to("arch_system_off")
        assert turn_on_and_ask(machine)
        assert canary(machine) == CANARY and bypassed(machine) == 0
        assert judge.reach(machine.trace(), {0x08: bounded.windows()}) == []
        assert "round 5: 5 good DMA round trips" in machine.console()
