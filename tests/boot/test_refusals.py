# SPDX-License-Identifier: Apache-2.0
"""A machine, or an image in memory, that differs from the table: named verdicts, and no PD starts."""
import re

import pytest
from appliance import PAGE
from machine import Machine


def replace(old, new):
    return lambda words: [word.replace(old, new) for word in words]


def without(option, value):
    def edit(words):
        at = next(i for i in range(len(words) - 1) if words[i] == option and value in words[i + 1])
        return words[:at] + words[at + 2:]
    return edit


MACHINES = {
    "smmu-without-stage-2": (replace("virt-10.0", "virt-9.0"), "u-boot", ["smmu.idr0.s2p"]),
    "no-smmu": (replace(",iommu=smmuv3", ""), "u-boot", ["iommu.present"]),
    "function-missing": (without("-device", "addr=1.0"), "u-boot", ["pci.vendor 0000:00:01.0"]),
    "another-function": (replace("edu,dma_mask=0xffffffffffff,addr=1.0", "pci-testdev,addr=1.0"), "u-boot",
                         ["pci.vendor 0000:00:01.0", "pci.bar-size 0000:00:01.0"]),
    "a-bar-that-nobody-declared": (replace("edu,dma_mask=0xffffffffffff,addr=1.0", "e1000e,romfile=,addr=1.0"), "u-boot",
                                   ["pci.undeclared-bars 0000:00:01.0"]),
    "too-little-ram": (replace("1024", "512"), "kernel", ["ram.last-page"]),
}


def refusal(machine):
    machine.wait_console("refused")
    console = machine.console()
    assert " starts at " not in console and "sealed" not in console
    return [" ".join(words) for words in re.findall(r"FAILED (\S+) +(?:(0000:\S+))?", console)]


@pytest.mark.parametrize("name", MACHINES)
def test_machine_differs(bounded, tmp_path, name):
    edit, boot, expected = MACHINES[name]
    with Machine(bounded, tmp_path, boot=boot, edit=edit) as machine:
        machine.go()
        failed = [verdict.strip() for verdict in refusal(machine)]
        assert set(expected) <= set(failed)


def level_3(appliance):
    return next(value for name, value in appliance.symbols.items() if name.startswith("windows_") and "_l3_" in name)


def read_int(machine, address):
    return int.from_bytes(machine.gdb.read(address, 8), "little")


def stream(appliance, number):
    return appliance.symbol("streams_0") + 64 * number


# What is altered after loading, at the first instruction: name, verdict, function.
def leaf_added(machine, appliance):
    last = appliance.windows()[0].size // PAGE - 1
    leaf = read_int(machine, level_3(appliance) + 8 * last)
    return level_3(appliance) + 8 * (last + 1), leaf + PAGE


def leaf_moved(machine, appliance):
    return level_3(appliance), read_int(machine, level_3(appliance)) + 64 * PAGE


def leaf_missing(machine, appliance):
    return level_3(appliance), 0


def leaf_executable(machine, appliance):
    return level_3(appliance), read_int(machine, level_3(appliance)) & ~(1 << 54)


def undeclared_bypasses(machine, appliance):
    return stream(appliance, 0x10), 1 | 4 << 1


def declared_bypasses(machine, appliance):
    return stream(appliance, 0x08), 1 | 4 << 1


def other_vmid(machine, appliance):
    return stream(appliance, 0x08) + 16, read_int(machine, stream(appliance, 0x08) + 16) + 1


def table_elsewhere(machine, appliance):
    return stream(appliance, 0x08) + 24, appliance.regions()["io"].pa


def level_2_elsewhere(machine, appliance):
    address = appliance.symbol("device_table")
    return address, read_int(machine, address) + 0x1000000


def leaf_contiguous(machine, appliance):
    return level_3(appliance), read_int(machine, level_3(appliance)) | 1 << 52


def leaf_of_device_memory(machine, appliance):
    return level_3(appliance), read_int(machine, level_3(appliance)) & ~(0xF << 2)


@pytest.mark.parametrize("alter, verdict", [
    (leaf_contiguous, "audit.leaves-declared"), (leaf_of_device_memory, "audit.leaves-declared"),
    (leaf_added, "audit.leaves-declared"), (leaf_moved, "audit.leaves-declared"), (leaf_missing, "audit.bytes-reached"),
    (leaf_executable, "audit.leaves-declared"), (undeclared_bypasses, "audit.undeclared-open"),
    (declared_bypasses, "audit.stream-entry"), (other_vmid, "audit.stream-entry"),
    (table_elsewhere, "audit.leaves-declared"), (level_2_elsewhere, "audit.level-2"),
])
def test_altered_table_is_refused(bounded, tmp_path, alter, verdict):
    with Machine(bounded, tmp_path, boot="kernel") as machine:
        machine.run_to("entry")
        address, word = alter(machine, bounded)
        machine.gdb.write_int(address, word, 8)
        machine.go()
        assert verdict in " ".join(refusal(machine)).split()


def test_wrong_load_address(bounded, tmp_path):
    wrong = bounded.reg("mullion,hypervisor")[0] + 0x8000000

    def elsewhere(words):
        at = words.index("-kernel")
        return words[:at] + ["-device", f"loader,file={words[at + 1]},addr={wrong:#x},force-raw=on",
                             "-device", f"loader,addr={wrong:#x},cpu-num=0"] + words[at + 2:]

    with Machine(bounded, tmp_path, boot="kernel", edit=elsewhere) as machine:
        machine.go()
        machine.wait_console(f"refused: loaded at {wrong:#x}")
