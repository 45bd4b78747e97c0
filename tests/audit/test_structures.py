# SPDX-License-Identifier: Apache-2.0
"""
Changes of a whole image that agree with themselves, as a wrong compiler would make them: what the bootloader is told
besides, code where no code was linked, the same mistake in every map. mutations.py alters what is there.
"""
import hashlib

import libfdt
import pytest
from auditor.code import MSR
from auditor.declaration import Declaration
from auditor.differences import Differences
from auditor.examine import audit_image, examine
from auditor.fit import Fit
from auditor.image import Elf, Image
from auditor.its import COMMAND_SIZE, INVALL, MAPC, MAPTI
from auditor.ranges import PAGE
from auditor.tree import Tree
from auditor.vmsa import ADDRESS

CONF, HYPERVISOR = "/configurations/conf", "/images/mullion"
EVIL = b"\0" * 64
RET = 0xD65F03C0


@pytest.fixture(scope="module")
def elf(builds):
    return Elf(builds["rich"] / "mullion.elf")


@pytest.fixture(scope="module")
def declaration(builds):
    return Declaration(Tree(builds["rich"] / "table.dtb"))


class Editor:
    """A FIT that is edited. Hashes are made to fit."""

    def __init__(self, data):
        self.fdt = libfdt.Fdt(data)
        self.fdt.resize(len(data) + 0x100000)

    def put(self, path, name, value):
        self.fdt.setprop(self.fdt.path_offset(path), name, value if isinstance(value, bytes) else value.encode() + b"\0")

    def get(self, path, name):
        return bytes(self.fdt.getprop(self.fdt.path_offset(path), name))

    def add(self, path, name):
        self.fdt.add_subnode(self.fdt.path_offset(path), name)
        return f"{path}/{name}"

    def data(self, path, data):
        self.put(path, "data", data)
        self.put(f"{path}/hash-1", "value", hashlib.sha256(data).digest())

    def image(self, description="another"):
        """One more, over the hypervisor."""
        path = self.add("/images", "evil")
        for name, value in {"description": description, "type": "firmware", "os": "linux", "arch": "arm64",
                            "compression": "none", "load": self.get(HYPERVISOR, "load")}.items():
            self.put(path, name, value)
        self.put(self.add(path, "hash-1"), "algo", "sha256")
        self.data(path, EVIL)

    def loaded_as(self, name):
        self.image()
        self.put(CONF, name, "evil")

    def same_description(self):
        self.image("nvme")
        self.put(CONF, "loadables", b"evil\0" + self.get(CONF, "loadables"))

    def other_default(self):
        """The boot command names `conf`, whatever is the default."""
        path = self.add("/configurations", "other")
        for name in ("description", "kernel", "loadables"):
            self.put(path, name, self.get(CONF, name))
        self.put("/configurations", "default", "other")
        self.put(CONF, "kernel", "pd-1")

    def twice(self, path, name, value):
        """U-Boot takes the first of two properties, of which libfdt makes no second."""
        self.put(path, "lo@d", value)
        at = self.fdt.off_dt_strings() + bytes(self.fdt.as_bytearray())[self.fdt.off_dt_strings():].index(b"lo@d\0")
        data = self.fdt.as_bytearray()
        data[at:at + 4] = name.encode()
        self.fdt = libfdt.Fdt(data)

    def longer(self):
        self.data(HYPERVISOR, self.get(HYPERVISOR, "data") + EVIL)

    def between(self, at):
        data = bytearray(self.get(HYPERVISOR, "data"))
        data[at:at + 8] = words(MSR, RET)
        self.data(HYPERVISOR, bytes(data))


def words(*numbers):
    return b"".join(number.to_bytes(4, "little") for number in numbers)


FITS = {
    "device tree": lambda fit: fit.loaded_as("fdt"),
    "ramdisk": lambda fit: fit.loaded_as("ramdisk"),
    "FPGA": lambda fit: fit.loaded_as("fpga"),
    "script": lambda fit: fit.put(CONF, "script", "pd-1"),
    "image that nobody names": lambda fit: fit.image(),
    "two images of one PD": Editor.same_description,
    "another default": Editor.other_default,
    "data elsewhere": lambda fit: fit.put("/images/pd-1", "data-position", b"\0" * 4),
    "compressed": lambda fit: fit.put(HYPERVISOR, "compression", "gzip"),
    "another kind of program": lambda fit: fit.put(HYPERVISOR, "os", "u-boot"),
    "encrypted": lambda fit: fit.add("/images/pd-1", "cipher"),
    "hash that is not looked at": lambda fit: fit.put(f"{HYPERVISOR}/hash-1", "uboot-ignore", b""),
    "address of one cell": lambda fit: fit.put(HYPERVISOR, "load", fit.get(HYPERVISOR, "load")[4:]),
    "two kernels": lambda fit: fit.put(CONF, "kernel", b"mullion\0pd-1\0"),
    "longer than what was linked": Editor.longer,
}


def differences_of(elf, declaration, editor, folder):
    editor.fdt.pack()
    (folder / "other.itb").write_bytes(editor.fdt.as_bytearray())
    return audit_image(Image(elf, Fit(folder / "other.itb")), declaration)[1]


def test_fit_as_it_is(builds, elf, declaration, tmp_path):
    assert differences_of(elf, declaration, Editor((builds["rich"] / "appliance.itb").read_bytes()), tmp_path) == []


@pytest.mark.parametrize("name", FITS)
def test_fit_has_nothing_else(builds, elf, declaration, tmp_path, name):
    editor = Editor((builds["rich"] / "appliance.itb").read_bytes())
    FITS[name](editor)
    found = differences_of(elf, declaration, editor, tmp_path)
    assert any(line.startswith("FIT, ") for line in found), found


def test_property_twice_is_no_fit(builds, tmp_path):
    editor = Editor((builds["rich"] / "appliance.itb").read_bytes())
    editor.twice("/images/pd-1", "load", bytes(8))
    (tmp_path / "other.itb").write_bytes(editor.fdt.as_bytearray())
    with pytest.raises(ValueError, match="two properties 'load'"):
        Fit(tmp_path / "other.itb")


@pytest.mark.parametrize("name", [".digest", ".rodata"])
def test_words_behind_a_section_are_seen(builds, elf, declaration, tmp_path, name):
    """A page is mapped as a whole: what is behind the code is executable, too."""
    editor = Editor((builds["rich"] / "appliance.itb").read_bytes())
    editor.between(elf.sections[name].end - elf.sections[".text"].base + 8)
    found = differences_of(elf, declaration, editor, tmp_path)
    assert any(line.startswith("FIT, 0x") and "between sections" in line for line in found), found


class Lab:
    """An image in memory, to be altered, with what the auditor made of it."""

    def __init__(self, folder):
        self.image = Image(Elf(folder / "mullion.elf"), Fit(folder / "appliance.itb"))
        self.declaration, self.memory = Declaration(Tree(folder / "table.dtb")), self.image.memory
        self.subject, found = self.examine()
        assert found == []

    def examine(self):
        found = Differences()
        return examine(self.declaration, self.memory, self.image.elf, found), found

    def put(self, at, word, size=8):
        self.memory.write(at, word.to_bytes(size, "little"))


@pytest.fixture
def image(builds):
    return Lab(builds["rich"])


def test_code_in_a_section_of_its_own_is_seen(image):
    text, digest = (image.image.elf.sections[name] for name in (".text", ".digest"))
    image.image.elf.sections[".more"] = text._replace(base=digest.end + 8, size=16, data=bytes(16))
    assert any("sections that are executable" in line for line in image.examine()[1])


def sysreg(op1, crn, crm, op2):
    return MSR | op1 << 16 | crn << 12 | crm << 8 | op2 << 5


WRITERS = {
    "CPTR_EL2": (4, 1, 1, 2), "MDCR_EL2": (4, 1, 1, 1), "HSTR_EL2": (4, 1, 1, 3), "CNTHCTL_EL2": (4, 14, 1, 0),
    "ICC_SRE_EL2": (4, 12, 9, 5), "op1 4, c1, c2, op2 2": (4, 1, 2, 2), "op1 4, c1, c0, op2 3": (4, 1, 0, 3),
    "op1 4, c2, c6, op2 0": (4, 2, 6, 0), "op1 4, c10, c3, op2 0": (4, 10, 3, 0),
}


@pytest.mark.parametrize("name", WRITERS)
def test_another_writer_of_what_pds_trap_is_seen(image, name):
    image.put(image.image.elf.sections[".text"].end - 8, sysreg(*WRITERS[name]), 4)
    assert any(line.startswith(f"writers of {name}: ") for line in image.examine()[1])


def stack_leaves(image, idx):
    """Word of the lowest page of a CPU's stack, in each map that has it."""
    start = image.subject.slots.stacks[idx].start
    rebuilt = image.subject.rebuilt
    walks = rebuilt.runs[idx], rebuilt.events[idx], rebuilt.reloads[idx], rebuilt.boot
    return [leaf for walk in walks if walk for leaf in walk.leaves if leaf.start == start]


@pytest.mark.parametrize("idx", range(2))
def test_guard_that_every_map_has_is_seen(image, idx):
    slot = image.subject.slots.stacks[idx]
    for leaf in stack_leaves(image, idx):
        for page in range(1, (slot.end - slot.start) // PAGE + 1):
            image.put(leaf.at - 8 * page, image.memory.integer(leaf.at, 8) - PAGE * page)
    assert any("stack of" in line for line in image.examine()[1])


def test_stack_that_is_shorter_in_every_map_is_seen(image):
    for leaf in stack_leaves(image, 0):
        image.put(leaf.at, 0)
    assert any("stack of" in line for line in image.examine()[1])


def test_stage_2_of_a_pd_for_its_function_is_seen(image):
    """All that a PD's CPUs reach, for a device of its own."""
    rebuilt, number = image.subject.rebuilt, image.subject.functions[0][1].stream
    level2 = image.memory.integer(rebuilt.anchors.streams + 8 * (number >> 8), 8) & ADDRESS
    image.put(level2 + 64 * (number & 0xFF) + 24, rebuilt.pds[0].root)
    assert any(line.startswith("DMA of disk of nvme") for line in image.examine()[1])


def test_streams_of_another_bus_by_the_same_table_are_seen(image):
    streams = image.subject.rebuilt.anchors.streams
    image.put(streams + 8 * 7, image.memory.integer(streams, 8))
    assert any(line.startswith("stream 0x708: found open") for line in image.examine()[1])


def test_map_that_leads_to_itself_is_seen(image):
    walk = image.subject.rebuilt.runs[0]
    image.put(walk.root + 8 * 511, walk.root | 3)
    assert any("run map of cpu@0" in line for line in image.examine()[1])


def test_collections_beyond_their_table_are_seen(image):
    base, size = image.subject.rebuilt.anchors.commands
    for at in range(base, base + size, COMMAND_SIZE):
        if image.memory.integer(at, 1) in (MAPC, MAPTI, INVALL):
            image.put(at + 16, image.memory.integer(at + 16, 8) + 0x100)
    assert any(line.startswith("ITS, collection 0x1") for line in image.examine()[1])
