# SPDX-License-Identifier: Apache-2.0
"""What the walk reads: the linked image, its objects' relocations and .su files, and hv/stacks.txt."""
import bisect
import re
from pathlib import Path

from elftools.elf.elffile import ELFFile
from elftools.elf.relocation import RelocationSection

CALLS = {282, 283, 279, 280}    # R_AARCH64_JUMP26, CALL26, TSTBR14, CONDBR19: no address is taken


class Refused(Exception):
    """Something that cannot be bounded, or is not as it is listed."""


class Image:
    def __init__(self, path):
        elf = ELFFile(open(path, "rb"))
        text = elf.get_section_by_name(".text")
        self.base, self.text = text["sh_addr"], text.data()
        self.symbols, self.functions, names = {}, {}, []        # functions: those of C, {address: size}
        self.marks = set()      # where the assembler changes between code and data
        for symbol in elf.get_section_by_name(".symtab").iter_symbols():
            at, name = symbol["st_value"], symbol.name
            if name.startswith("$"):
                self.marks.add(at)
                continue
            if not name or name.startswith(("lock_taken", "lock_released")):
                continue
            self.symbols[name] = at
            if symbol["st_shndx"] != "SHN_ABS" and self.base <= at < self.base + len(self.text):
                names.append((at, name))
                if symbol["st_info"]["type"] == "STT_FUNC" and ".cold" not in name:
                    self.functions[at] = symbol["st_size"]
        self.names = sorted(names)

    def word(self, at):
        if not self.base <= at < self.base + len(self.text):
            raise Refused(f"0x{at:x} is no code")
        return int.from_bytes(self.text[at - self.base:at - self.base + 4], "little")

    def name(self, at):
        n = bisect.bisect_right(self.names, (at, "\x7f")) - 1
        start, name = self.names[n]
        if name == "vectors":
            return f"vector {(at - start) // 0x80}"
        return name

    @staticmethod
    def source_name(name):
        return name.split(".")[0]


class Listed:
    """hv/stacks.txt, which says what its lines mean."""
    def __init__(self, path):
        self.path = path
        self.stacks, self.entries, self.above, self.switches, self.pointers = {}, [], [], {}, []
        for number, line in enumerate(Path(path).read_text().splitlines(), 1):
            words = line.split("#")[0].split()
            if words and not self.line(words[0], words[1:], number):
                raise Refused(f"{path}:{number}: not a line of this list: {line}")
        for stack in [stack for stack, _ in self.entries + self.above + list(self.switches.values())]:
            if stack not in self.stacks:
                raise Refused(f"{path}: no stack '{stack}'")

    def line(self, kind, rest, number):
        if kind == "stack" and len(rest) == 2 and rest[1].isdigit():
            self.stacks[rest[0]] = int(rest[1])
        elif kind == "entry" and len(rest) > 1:
            self.entries += [(rest[0], name) for name in rest[1:]]
        elif kind == "above" and len(rest) == 2:
            self.above.append(tuple(rest))
        elif kind == "switch" and len(rest) > 1 and re.fullmatch(r"\w+(\+\d+)?", rest[0]):
            stack, _, there = rest[0].partition("+")
            self.switches.update({name: (stack, int(there or 0)) for name in rest[1:]})
        elif kind == "call" and "from" in rest:
            at = rest.index("from")
            self.pointers.append((rest[:at], rest[at + 1:], number))
        else:
            return False
        return True


def function_at(symbols, functions, relocation):
    """Name of the function whose address a relocation makes; None for another."""
    symbol = symbols.get_symbol(relocation["r_info_sym"])
    home = symbol["st_shndx"]
    if isinstance(home, str):
        return symbol.name      # of another object
    return functions.get((home, symbol["st_value"] + relocation["r_addend"]))


def addresses_taken(objects):
    """Where the address of code is taken: {function or constant: {functions}}. Each has a section of its own."""
    taken = {}
    for path in objects:
        elf = ELFFile(open(path, "rb"))
        symbols = elf.get_section_by_name(".symtab")
        functions = {(symbol["st_shndx"], symbol["st_value"]): symbol.name for symbol in symbols.iter_symbols()
                     if symbol["st_info"]["type"] == "STT_FUNC"}
        for section in elf.iter_sections():
            if not isinstance(section, RelocationSection) or section.name.startswith((".rela.debug", ".rela.eh_frame")):
                continue
            place = re.sub(r"^\.rela(\.text|\.rodata|\.data\.rel\.ro)?(\.local)?\.?", "", section.name)
            for relocation in section.iter_relocations():
                name = function_at(symbols, functions, relocation)
                if name and relocation["r_info_type"] not in CALLS:
                    taken.setdefault(Image.source_name(place), set()).add(name)
    return taken


def compiler_figures(objects):
    """{source name: {bytes}}, and what the compiler could not bound."""
    figures = {}
    for path in objects:
        usage = Path(path).with_suffix(".su")
        for line in usage.read_text().splitlines() if usage.exists() else []:
            where, size, kind = line.split("\t")
            name = Image.source_name(where.split(":")[-1])
            if kind != "static":
                raise Refused(f"{where}: its frame is {kind}: only frames of constant size can be added up")
            figures.setdefault(name, set()).add(int(size))
    return figures


def check_layout(image, listed):
    """The sizes that are listed are those of the image."""
    tops = sorted(at for name, at in image.symbols.items() if re.fullmatch(r"cpu_\d+_stack_top", name))
    size = listed.stacks["cpu"]
    if not tops or any(top % (2 * size) for top in tops) or any(b - a < 2 * size for a, b in zip(tops, tops[1:])):
        raise Refused(f"the CPUs' stacks are not {size} bytes and a guard of the same size in the image")
    if image.symbols["boot_stack_top"] - listed.stacks["boot"] not in image.marks:
        raise Refused(f"the boot stack is not {listed.stacks['boot']} bytes in the image")
