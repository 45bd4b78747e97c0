# SPDX-License-Identifier: Apache-2.0
"""A machine, or an image in memory, that differs from the table: named verdicts, and no PD starts."""
import re
import shutil

import edu
import pytest
from appliance import PAGE, TOP, Appliance
from machine import Machine
from test_pd import run_and_collect


def replace(old, new):
    return lambda words: [word.replace(old, new) for word in words]


def without(option, value):
    def edit(words):
        at = next(i for i in range(len(words) - 1) if words[i] == option and value in words[i + 1])
        return words[:at] + words[at + 2:]
    return edit


def option(name, value):
    def edit(words):
        at = words.index(name)
        return words[:at] + [name, value] + words[at + 2:]
    return edit


def no_its(words):
    for device in (1, 2, 3, 4):
        words = without("-device", f"addr={device}.0")(words)
    return replace("virt-10.0", "virt-10.0,its=off")(words)


EDU_AT_1 = "edu,dma_mask=0xffffffffffff,addr=1.0"
# How the machine differs, who loads the image, and all verdicts that must fail: what and which, found and needed.
ONE_PD = {
    "smmu-without-stage-2": (replace("virt-10.0", "virt-9.0"), "u-boot", {"smmu.idr0.s2p": "found 0x0, needed 0x1"}),
    "no-smmu": (replace(",iommu=smmuv3", ""), "u-boot", {"iommu.present": "", "iommu.denies": ""}),
    "function-missing": (without("-device", "addr=1.0"), "u-boot", {
        "pci.vendor 0000:00:01.0": "found 0xffff, needed 0x1234",
        "pci.device 0000:00:01.0": "found 0xffff, needed 0x11e8"}),
    "another-function": (replace(EDU_AT_1, "pci-testdev,addr=1.0"), "u-boot", {
        "pci.vendor 0000:00:01.0": "found 0x1b36, needed 0x1234",
        "pci.device 0000:00:01.0": "found 0x5, needed 0x11e8",
        "pci.bar-size 0000:00:01.0": "found 0x1000, needed 0x100000"}),
    "a-bar-that-nobody-declared": (replace(EDU_AT_1, "e1000e,romfile=,addr=1.0"), "u-boot", {
        "pci.vendor 0000:00:01.0": "found 0x8086, needed 0x1234",
        "pci.device 0000:00:01.0": "found 0x10d3, needed 0x11e8",
        "pci.class 0000:00:01.0": "found 0x20000, needed 0xff00",
        "pci.bar-size 0000:00:01.0": "found 0x20000, needed 0x100000",
        "pci.undeclared-bars 0000:00:01.0": "found 0xa, needed 0x0"}),
    "too-little-ram": (option("-m", "512"), "kernel", {"ram.last-page": ""}),
    "gic-version-2": (replace("gic-version=3", "gic-version=2"), "kernel", {
        "cpu.gic-sysregs": "found 0x0, needed 0x1"}),
    "configuration-space-elsewhere": (replace("virt-10.0", "virt-10.0,highmem-ecam=off"), "kernel", {
        "pci.present": ""}),
}
MISSING = {f"pci.{what} 0000:00:0{device}.0": f"found 0xffff, needed {needed}"
           for device in (1, 2, 3) for what, needed in (("vendor", "0x1234"), ("device", "0x11e8"))}
SEVERAL_PDS = {
    "too-few-cpus": (option("-smp", "3"), "u-boot", {
        "cpu.present cpu@3": "found 0xfffffffffffffffe, needed 0x1", "gic.redistributor cpu@3": "",
        "cpu.present cpu@4": "found 0xfffffffffffffffe, needed 0x1", "gic.redistributor cpu@4": ""}),
    # QEMU lets no function that has MSIs into it.
    "no-its": (no_its, "u-boot", MISSING | {"its.present": ""}),
    "function-of-one-pd-missing": (without("-device", "addr=3.0"), "u-boot", {
        name: numbers for name, numbers in MISSING.items() if "03.0" in name}),
    "smmu-without-stage-2": (replace("virt-10.0", "virt-9.0"), "kernel", {"smmu.idr0.s2p": "found 0x0, needed 0x1"}),
}


def refusal(machine):
    """Verdicts that failed, what and which, with the numbers that they show."""
    machine.wait_console("no PD starts")
    console = machine.console()
    assert " starts at " not in console and "sealed" not in console
    parts = [line.partition("found ") for line in re.findall(r"FAILED (.*)\r", console)]
    return {" ".join(name.split()): found + numbers for name, found, numbers in parts}


def judge_machine(appliance, folder, edit, boot, expected):
    with Machine(appliance, folder, boot=boot, edit=edit) as machine:
        machine.go()
        assert refusal(machine) == expected


@pytest.mark.parametrize("name", ONE_PD)
def test_machine_differs(bounded, tmp_path, name):
    judge_machine(bounded, tmp_path, *ONE_PD[name])


@pytest.mark.parametrize("name", SEVERAL_PDS)
def test_machine_of_several_pds_differs(appliance, tmp_path, name):
    judge_machine(appliance, tmp_path, *SEVERAL_PDS[name])


def changed_table(folder, text):
    """The one-PD appliance with `text` behind its table, in a folder outside of the tree."""
    shutil.copytree(TOP / "tests" / "boot" / "bounded", folder / "table")
    with open(folder / "table" / "table.dts", "a") as table:
        table.write(text)
    return Appliance(folder / "build", folder / "table" / "table.dts")


def test_bar_of_another_size_and_capability_elsewhere(tmp_path):
    """The table is for a machine whose function has 2 MiB and its MSI at 0x50; this one has neither."""
    table = changed_table(tmp_path, """
&{/partitions/first-light/edu} {
	bars = <0 MEM32 0x00200000>;
	msi = <0x50 1 MSI_64>;
};
""")
    failed = {"pci.bar-size 0000:00:01.0": "found 0x100000, needed 0x200000",
              "pci.capability 0000:00:01.0": "found 0x40, needed 0x50"}
    with Machine(table, tmp_path / "run", boot="kernel") as machine:
        machine.go()
        found = refusal(machine)
        assert {name: found.get(name) for name in failed} == failed
        assert {name.split()[0] for name in found} <= {"pci.bar-size", "pci.capability", "pci.capability-control"}


BAR, EXTRA = 0x20000000, "-device edu,dma_mask=0xffffffffffff,addr=6.0"


def printed_node(console, name):
    node = console[console.index(f"mullion: {name} {{"):]
    return node[:node.index("mullion: };")].replace("mullion: ", "") + "};"


def test_extra_function_is_quarantined_and_its_node_fits(bounded, tmp_path):
    """One with bus mastering on loses it; what is printed about it, pasted into a PD, gives it to the PD."""
    with Machine(bounded, tmp_path / "extra", boot="kernel", extra=EXTRA) as machine:
        machine.run_to("pci_deny")
        edu.enable(machine.gdb, bounded.config_page(0, 6), BAR)
        machine.run_to("pd_run")
        assert not machine.dump_int(bounded.config_page(0, 6) + edu.ECAM_COMMAND, 2) & edu.COMMAND_MEMORY_AND_MASTER
        node = printed_node(machine.console(), "pci-00-06-0")
    pasted = changed_table(tmp_path, f"&first_light {{\n{node}\n}};\n")
    with Machine(pasted, tmp_path / "pasted", boot="kernel", extra=EXTRA) as machine:
        machine.run_to("cpus_release")
        command = machine.dump_int(pasted.config_page(0, 6) + edu.ECAM_COMMAND, 2)
        assert command & edu.COMMAND_MEMORY_AND_MASTER == edu.COMMAND_MEMORY_AND_MASTER
        assert "undeclared function 00:06.0" not in machine.console()
        bar = machine.dump_int(pasted.config_page(0, 6) + edu.ECAM_BAR0) & ~0xF
        assert run_and_collect(machine, tmp_path, f"ldr x1, ={bar:#x}\nldr w2, [x1]\nstr x2, [x19]", 1) == [0x010000ED]


def level_3(appliance):
    return next(value for name, value in appliance.symbols.items() if name.startswith("windows_") and "_l3_" in name)


def read_int(machine, address):
    return int.from_bytes(machine.gdb.read(address, 8), "little")


def stream(appliance, number):
    return appliance.symbol("streams_0") + 64 * number


# What is altered after loading: address and new word.
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
def test_audit_refuses_altered_table(bounded, tmp_path, alter, verdict):
    """Altered after the digests were compared: the audit finds it by what it means."""
    with Machine(bounded, tmp_path, boot="kernel") as machine:
        machine.run_to("pci_place_bars")
        address, word = alter(machine, bounded)
        machine.gdb.write_int(address, word, 8)
        machine.go()
        assert verdict in {name.split()[0] for name in refusal(machine)}


def a_constant(machine, appliance):
    return appliance.symbol("regions_1"), 0


def stage_2_leaf(machine, appliance):
    table = next(value for name, value in appliance.symbols.items() if name.startswith("pd_") and "_l3_" in name)
    return table, read_int(machine, table) ^ 1 << 12


def behind_the_tables(machine, appliance):
    return appliance.symbol("boot_root") - 8, 1


def image_in_store(machine, appliance):
    base, _ = appliance.host_memory("store, image of first-light")
    size = (appliance.build / "pd" / "first-light.bin").stat().st_size
    return base + size - 8, read_int(machine, base + size - 8) ^ 1 << 63


@pytest.mark.parametrize("alter, verdict", [
    (a_constant, "integrity.constants"), (stage_2_leaf, "integrity.constants"), (leaf_moved, "integrity.constants"),
    (other_vmid, "integrity.constants"), (behind_the_tables, "integrity.constants"),
    (image_in_store, "integrity.image first-light"),
])
def test_altered_after_loading_is_refused(bounded, tmp_path, alter, verdict):
    with Machine(bounded, tmp_path, boot="kernel") as machine:
        machine.run_to("entry")
        address, word = alter(machine, bounded)
        machine.gdb.write_int(address, word, 8)
        machine.go()
        assert list(refusal(machine)) == [verdict]


def test_image_of_one_of_several_pds_altered(appliance, tmp_path):
    with Machine(appliance, tmp_path, boot="kernel") as machine:
        machine.run_to("entry")
        base, _ = appliance.host_memory("store, image of rogue")
        machine.gdb.write_int(base, read_int(machine, base) ^ 1, 8)
        machine.go()
        assert list(refusal(machine)) == ["integrity.image rogue"]


def test_wrong_load_address(bounded, tmp_path):
    wrong = bounded.reg("mullion,hypervisor")[0] + 0x8000000

    def elsewhere(words):
        at = words.index("-kernel")
        return words[:at] + ["-device", f"loader,file={words[at + 1]},addr={wrong:#x},force-raw=on",
                             "-device", f"loader,addr={wrong:#x},cpu-num=0"] + words[at + 2:]

    with Machine(bounded, tmp_path, boot="kernel", edit=elsewhere) as machine:
        machine.go()
        machine.wait_console(f"refused: loaded at {wrong:#x}")
