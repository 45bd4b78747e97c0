# SPDX-License-Identifier: Apache-2.0
"""
The auditor on live machines: sealed ones give exactly what their images say. test_rogue.py does the same after all that
the rogue tries. Then images that are wrong, some with a digest that fits: who refuses which.
"""
import hashlib
import os
import re

import pytest
from appliance import Appliance
from audited import Audit, Mutations, Reader, audit_image
from machine import Machine
from test_refusals import refusal
from test_rogue import BUILD, read_word, stream_entry

PLC_CPU, ROGUE = 1, "rogue"


def sealed(appliance, folder, edit=lambda words: words):
    machine = Machine(appliance, folder, boot="kernel", edit=edit)
    machine.run_to("cpus_release")
    return machine


@pytest.fixture(scope="module")
def audit(appliance):
    return Audit(appliance)


def test_sealed_machine_is_its_image(appliance, audit, tmp_path):
    with sealed(appliance, tmp_path) as machine:
        found, differences = audit.machine(machine)
        assert differences == []
        assert found == audit.needed


def test_sealed_machine_with_bridges_is_its_image(tmp_path):
    bridged = Appliance(BUILD / "bridges", "tests/boot/bridges/table.dts")
    audit = Audit(bridged)
    with sealed(bridged, tmp_path) as machine:
        found, differences = audit.machine(machine)
        assert differences == []
        assert found == audit.needed


def flip(machine, address, bit):
    machine.gdb.write_int(address, read_word(machine, address) ^ 1 << bit, 8)


MEMORY = {
    "stream: another VMID": (lambda machine: flip(machine, stream_entry(machine, ROGUE) + 16, 0), "DMA of edu of rogue"),
    # One table of both PDs.
    "stage 2: read-only": (lambda machine: flip(machine, leaf(machine, "pd_root_2", 0x88000000), 7),
                           "memory of plc, shared"),
    "code": (lambda machine: flip(machine, machine.appliance.symbol("panic"), 21), "code"),
    "run map: constants": (lambda machine: flip(machine, leaf(machine, "run_root_2", machine.appliance.symbol("table")),
                                                7), "seal, run map of cpu@1"),
}


def leaf(machine, root, address):
    """Address of the last-level entry."""
    table = machine.appliance.symbol(root)
    for level in (1, 2, 3):
        entry = table + 8 * (address >> (39 - 9 * level) & 511)
        table = read_word(machine, entry) & 0xFFFFFFFFF000
    return entry


def test_changes_of_memory_are_seen(appliance, audit, tmp_path):
    """One after the other in one machine: each adds its own line."""
    with sealed(appliance, tmp_path) as machine:
        for name, (sabotage, line) in MEMORY.items():
            sabotage(machine)
            found, differences = audit.machine(machine)
            assert found is None and any(difference.startswith(line) for difference in differences), (name, differences)


# QEMU lets nobody write these from outside, so the reader tells another value: by register of a CPU, or of a device by
# compatible, range and offset; the bits that are other, and the difference.
REGISTERS = {
    (PLC_CPU, "TTBR0_EL2"): (0x1000, "run map of cpu@1"), (PLC_CPU, "VTTBR_EL2"): (1 << 48, "VTTBR_EL2 of cpu@1"),
    (PLC_CPU, "VTCR_EL2"): (1 << 7, "VTCR_EL2 of cpu@1"), (PLC_CPU, "HCR_EL2"): (1, "HCR_EL2 of cpu@1"),
    (PLC_CPU, "MAIR_EL2"): (0xFF00, "MAIR_EL2 of cpu@1"), (PLC_CPU, "SCTLR_EL2"): (1 << 19, "SCTLR_EL2 of cpu@1"),
    ("arm,smmu-v3", 0, 0x20): (1, "SMMU CR0"), ("arm,smmu-v3", 0, 0x44): (1 << 20, "SMMU GBPA"),
    ("arm,smmu-v3", 0, 0xA0): (0x1000, "SMMU EVENTQ_BASE"), ("arm,smmu-v3", 0, 0x68): (0x1000, "SMMU MSIs of errors"),
    ("arm,smmu-v3", 0, 0xB0): (4, "SMMU MSIs of events"),
    ("arm,smmu-v3", 0, 0x80): (0x1000, "stream"), ("arm,smmu-v3", 0, 0x88): (1 << 16, "SMMU STRTAB_BASE_CFG"),
    ("arm,gic-v3-its", 0, 0x00): (1, "GITS_CTLR"), ("arm,gic-v3-its", 0, 0x80): (0x1000, "ITS command"),
    ("arm,gic-v3-its", 0, 0x90): (0x20, "ITS"), ("arm,gic-v3-its", 0, 0x100): (0x10000, "GITS_BASER0"),
    ("arm,gic-v3", 1, 0x20070): (0x1000, "LPI"), ("arm,gic-v3", 1, 0x20078): (0x10000, "LPI pending table of cpu@1"),
    ("arm,gic-v3", 1, 0x20000): (1, "redistributor of cpu@1, LPIs on"),
    ("arm,gic-v3", 0, 0x104): (1 << 9, "INTID 41"), ("arm,gic-v3", 0, 0x6110): (1, "INTID 34"),
    ("pci-host-ecam-generic", 0, 0x8010): (1 << 20, "BAR 0 of edu of plc"),
    ("pci-host-ecam-generic", 0, 0x20004): (4, "function 0000:00:04.0"),
}


def lying(place, bits):
    class Lying(Reader):
        def __init__(self, machine):
            super().__init__(machine)
            self.address = machine.appliance.reg(*place[:2])[0] + place[2] if len(place) == 3 else None
            self.truth, self.dump = self.dump, self.other

        def other(self, address, size):
            value = int.from_bytes(self.truth(address, size), "little")
            return (value ^ (bits if address == self.address else 0)).to_bytes(size, "little")

        def register(self, cpu, name):
            return super().register(cpu, name) ^ (bits if (cpu, name) == place else 0)
    return Lying


def test_other_registers_are_seen(appliance, audit, tmp_path):
    with sealed(appliance, tmp_path) as machine:
        for place, (bits, line) in REGISTERS.items():
            found, differences = audit.machine(machine, lying(place, bits))
            assert found is None and any(difference.startswith(line) for difference in differences), (place, differences)


class Mutant:
    """An image with one class of entry altered, with the digest that was built or one that fits."""

    def __init__(self, audit, group, name, bits):
        self.audit, image = audit, audit.image
        subject, _ = audit_image(image, audit.declaration)
        wanted = [mutation for mutation in Mutations(subject).all()
                  if mutation.group == group and re.match(rf"{name} at \w+, bit ({bits})$", mutation.name)]
        self.changes, self.load = wanted[0].changes, image.fit.kernel.load
        integrity = subject.table.integrity
        self.covered = (integrity.base - self.load, integrity.base - self.load + integrity.size)
        self.digest = image.elf.symbols["integrity_digest"] - self.load

    def write(self, path, fitting):
        data = bytearray(self.audit.image.fit.kernel.data)
        for at, new in self.changes:
            data[at - self.load:at - self.load + len(new)] = new
        if fitting:
            data[self.digest:self.digest + 32] = hashlib.sha256(data[slice(*self.covered)]).digest()
        path.write_bytes(data)

    def machine(self, appliance, folder, fitting):
        self.write(folder / "mullion.bin", fitting)
        built = str(appliance.build / "mullion.bin")
        return Machine(appliance, folder / "run", boot="kernel",
                       edit=lambda words: [str(folder / "mullion.bin") if word == built else word for word in words])


# By class of entry: what a mutation of it is called, its bits, and the verdicts that fail at boot once the digest fits.
# Without any, boot does not look at it: only the digest does, `make audit`, and the audit of the live machine.
CLASSES = {
    "stream table, other VMID": ("stream table", "open entry, word 2", 0, {"audit.stream-entry"}),
    "stream table, faults not recorded": ("stream table", "open entry, word 2", 58, {"audit.stream-entry"}),
    "stream table, undeclared is no abort": ("stream table", "aborting entry, word 0", 0, {"audit.undeclared-open"}),
    "stream table, pointer": ("stream table", "level 1 entry", 6, {"audit.undeclared-open"}),
    "window, read-only": ("windows", "page rw- normal, level 3", 7, {"audit.leaves-declared"}),
    "window, other page": ("windows", "page rw- normal, level 3", 12, {"audit.leaves-declared"}),
    "window, doorbell readable": ("windows", "page -w- device, level 3", 6, {"audit.leaves-declared"}),
    "window, table gone": ("windows", "table, level 2", 0, {"audit.bytes-reached"}),
    "constants, windows": ("constants", r"table\.functions\[\]\.windows\[\]\.pa", 63, {"audit.leaves-declared"}),
    "constants, VMID": ("constants", r"table\.functions\[\]\.vmid", 0, {"audit.stream-entry"}),
    "constants, vendor": ("constants", r"table\.functions\[\]\.vendor", 0, {"pci.vendor"}),
    "constants, PD image's digest": ("constants", r"table\.pds\[\]\.images\[\]\.digest\[\]", 0, {"integrity.image"}),
    "PD memory, read-only": ("PD memory", "page rw- normal, level 3", 7, set()),
    "PD memory, other page": ("PD memory", "page rw- normal, level 3", 12, set()),
    "run map, constants writable": ("run map", "page r-- normal, level 3", 7, set()),
    "event map, constants writable": ("event map", "page r-- normal, level 3", 7, set()),
    "ITS, other LPI": ("ITS commands", "MAPTI, word 1", 32, set()),
    "LPI that nobody has": ("LPI configuration", "unmapped", 0, set()),
    "MSI frame, other number": ("MSI frame", "word 0x8", 16, set()),
}
# Each stands for its mechanism; `make nightly` boots all.
SOME = ["stream table, other VMID", "window, read-only", "constants, vendor", "constants, PD image's digest",
        "PD memory, other page", "ITS, other LPI"]
THOROUGH = os.environ.get("AUDIT_THOROUGH") == "1"


@pytest.mark.parametrize("name", CLASSES if THOROUGH else SOME[:3])
def test_altered_constants_are_refused_by_the_digest(appliance, audit, tmp_path, name):
    with Mutant(audit, *CLASSES[name][:3]).machine(appliance, tmp_path, fitting=False) as machine:
        machine.go()
        # What is compared before the digest is the only verdict; what is compared with it is one more.
        needed = CLASSES[name][3] & {"pci.vendor"} or {"integrity.constants"} | CLASSES[name][3] & {"integrity.image"}
        assert refused(machine) == needed


@pytest.mark.parametrize("name", CLASSES if THOROUGH else SOME)
def test_altered_constants_with_a_fitting_digest(appliance, audit, tmp_path, name):
    """Refused by the verdicts that cover the class; a machine that seals nevertheless is seen by the live audit."""
    with Mutant(audit, *CLASSES[name][:3]).machine(appliance, tmp_path, fitting=True) as machine:
        if CLASSES[name][3]:
            machine.go()
            assert CLASSES[name][3] <= refused(machine)
        else:
            machine.run_to("cpus_release")
            found, differences = audit.machine(machine)
            assert found is None and differences


def refused(machine):
    """Names of the verdicts that failed."""
    return {name.split()[0] for name in refusal(machine)}
