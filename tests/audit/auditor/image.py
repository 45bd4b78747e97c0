# SPDX-License-Identifier: Apache-2.0
"""What was built: the linked hypervisor (ELF) and what the bootloader gets of it (FIT)."""
import hashlib
from typing import NamedTuple

from elftools.elf.elffile import ELFFile

from .memory import Memory
from .tree import Tree
from .typed import Unit


class Section(NamedTuple):
    base: int
    size: int
    data: bytes         # None: not in the image

    @property
    def end(self):
        return self.base + self.size


class Elf:
    def __init__(self, path):
        with open(path, "rb") as file:
            elf = ELFFile(file)
            self.sections = {section.name: Section(section["sh_addr"], section["sh_size"],
                                                   None if section["sh_type"] == "SHT_NOBITS" else section.data())
                             for section in elf.iter_sections() if section["sh_flags"] & 2}     # SHF_ALLOC
            symbols = list(elf.get_section_by_name(".symtab").iter_symbols())
            self.unit = Unit(elf.get_dwarf_info(), "table")
        self.symbols = {symbol.name: symbol["st_value"] for symbol in symbols}
        text = self.sections[".text"]
        # Of code, mapping symbols and local labels of the assembler apart: what a person would call a function.
        self.functions = sorted({(symbol["st_value"], symbol.name) for symbol in symbols
                                 if text.base <= symbol["st_value"] < text.end and not symbol.name.startswith("$")
                                 and symbol["st_info"]["type"] in ("STT_FUNC", "STT_NOTYPE")})


class FitImage(NamedTuple):
    name: str
    description: str
    load: int
    entry: int
    data: bytes
    digest: bytes       # as the FIT has it


class Fit:
    def __init__(self, path):
        tree = Tree(path)
        self.tree = tree
        self.default = tree.node("/configurations").text("default")
        conf = tree.node(f"/configurations/{self.default}")
        self.kernel = self._image(conf.text("kernel"))
        self.loadables = [self._image(name) for name in conf.texts("loadables")]

    def _image(self, name):
        node = self.tree.node(f"/images/{name}")
        digest = next((child.bytes("value") for child in node.children if child.text("algo") == "sha256"), b"")
        return FitImage(name, node.text("description"), node.number("load"), node.number("entry"), node.bytes("data"),
                        digest)


class Image:
    """`memory` is the hypervisor as the bootloader leaves it."""

    def __init__(self, elf, fit):
        self.elf, self.fit = elf, fit
        self.memory = Memory([(self.fit.kernel.load, self.fit.kernel.data)])


def check_image(image, differences):
    """The FIT has the bytes that were linked, where they were linked for, and every hash is that of its data."""
    fit, memory = image.fit, image.memory
    for name, section in image.elf.sections.items():
        if section.data is None or not section.size:
            continue
        if not memory.has(section.base, section.size):
            differences.add(f"FIT, {name} of mullion.elf", "not in it", f"{section.size:#x} bytes at {section.base:#x}")
        elif memory.read(section.base, section.size) != section.data:
            at = next(i for i, pair in enumerate(zip(memory.read(section.base, section.size), section.data))
                      if pair[0] != pair[1])
            differences.add(f"FIT, {name} at {section.base + at:#x}", memory.integer(section.base + at, 1),
                            f"{section.data[at]:#x}, as in mullion.elf")
    differences.equal("FIT, load address of the hypervisor", fit.kernel.load, image.elf.sections[".text"].base)
    differences.equal("FIT, entry of the hypervisor", fit.kernel.entry, fit.kernel.load)
    for part in (fit.kernel, *fit.loadables):
        differences.equal(f"FIT, hash of {part.name}", part.digest.hex(), hashlib.sha256(part.data).hexdigest())
