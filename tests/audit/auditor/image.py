# SPDX-License-Identifier: Apache-2.0
"""What was built: the linked hypervisor (ELF) and what the bootloader gets of it (FIT)."""
from typing import NamedTuple

from elftools.elf.elffile import ELFFile

from .fit import check_fit
from .memory import Memory
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


class Image:
    """`memory` is the hypervisor as the bootloader leaves it."""

    def __init__(self, elf, fit):
        self.elf, self.fit = elf, fit
        self.memory = Memory([(self.fit.kernel.load, self.fit.kernel.data)])


def check_linked(memory, sections, differences):
    """The bytes that were linked, where they were linked for, and nothing between them: a page is mapped as a whole."""
    end = None
    for name, section in sorted(sections.items(), key=lambda item: item[1].base):
        if section.data is None or not section.size:
            continue
        if not memory.has(section.base, section.size):
            differences.add(f"FIT, {name} of mullion.elf", "not in it", f"{section.size:#x} bytes at {section.base:#x}")
            return
        data = memory.read(section.base, section.size)
        if data != section.data:
            at = next(i for i, pair in enumerate(zip(data, section.data)) if pair[0] != pair[1])
            differences.add(f"FIT, {name} at {section.base + at:#x}", data[at], f"{section.data[at]:#x}, as in mullion.elf")
        if end is not None and any(memory.read(end, section.base - end)):
            differences.add(f"FIT, {end:#x}-{section.base - 1:#x}", "words between sections", "zeros")
        end = section.end


def check_image(image, differences):
    """The FIT is what was linked, and no more."""
    fit, sections = image.fit, image.elf.sections
    check_fit(fit, differences)
    check_linked(image.memory, sections, differences)
    end = max(section.end for section in sections.values() if section.data is not None)
    differences.equal("FIT, end of the hypervisor", fit.kernel.load + len(fit.kernel.data), end)
    differences.equal("FIT, load address of the hypervisor", fit.kernel.load, sections[".text"].base)
    differences.equal("FIT, entry of the hypervisor", fit.kernel.entry, fit.kernel.load)
