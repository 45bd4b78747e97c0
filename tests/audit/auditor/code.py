# SPDX-License-Identifier: Apache-2.0
"""
Who writes the registers that decide about translation, by the words of the code themselves (Arm ARM C5.1, C6.2): any
word of the text section that is such an MSR counts, were it data. And what is written, where it is a constant.
"""
import bisect
import functools
from collections import Counter
from pathlib import Path

WRITERS = Path(__file__).resolve().parent / "writers.txt"
# By op1, CRn, CRm, op2 with op0 = 3 (D24.2)
REGISTERS = {
    (4, 1, 0, 0): "SCTLR_EL2", (4, 1, 1, 0): "HCR_EL2", (4, 2, 0, 0): "TTBR0_EL2", (4, 2, 0, 1): "TTBR1_EL2",
    (4, 2, 0, 2): "TCR_EL2", (4, 2, 1, 0): "VTTBR_EL2", (4, 2, 1, 2): "VTCR_EL2", (4, 10, 2, 0): "MAIR_EL2",
    (4, 1, 1, 1): "MDCR_EL2", (4, 1, 1, 2): "CPTR_EL2", (4, 1, 1, 3): "HSTR_EL2", (4, 12, 0, 0): "VBAR_EL2",
    (4, 12, 9, 5): "ICC_SRE_EL2", (4, 14, 1, 0): "CNTHCTL_EL2",
}
# All of EL2's controls, of PDs and of translation, and memory attributes; one without a name above is nobody's to write.
WATCHED = {(4, 1), (4, 2), (4, 10)}     # op1, CRn
MSR, MSR_MASK = 0xD5180000, 0xFFF80000          # MSR (register), op0 = 3
MSRR, MSRR_MASK = 0xD5500000, 0xFFF00000        # 128 bits (FEAT_SYSREG128)
MOVES_TO_REGISTERS = {MSR >> 20, MSRR >> 20}    # all but the last bit of op0
SYSTEM, SYSTEM_MASK = 0xD5000000, 0xFF000000    # MSR, barriers, TLBI: no general register changes
MOVE = {0xD2800000: "movz", 0x52800000: "movz", 0xF2800000: "movk", 0x72800000: "movk"}
MOVE_MASK = 0xFF800000
LDR_LITERAL, LDR_LITERAL_MASK = 0x58000000, 0xFF000000
LOOK_BACK = 16                                  # instructions
TYPES = {0xFF: "normal", 0x00: "device"}        # attributes in MAIR: write-back, allocating; nGnRnE

SCTLR_M, SCTLR_C, SCTLR_I, SCTLR_WXN, SCTLR_EE = 1 << 0, 1 << 2, 1 << 12, 1 << 19, 1 << 25
TCR_RES1 = 1 << 31 | 1 << 23
TCR_WALKS = 1 << 8 | 1 << 10 | 3 << 12          # IRGN0, ORGN0: write-back; SH0: inner
TCR_SIZES = 0x3F | 7 << 16                      # T0SZ, PS


def register_name(word):
    """Of the watched register that this word writes; None for every other word."""
    if word & MSRR_MASK == MSRR:
        return "128-bit registers"
    if word & MSR_MASK != MSR:
        return None
    place = word >> 16 & 7, word >> 12 & 15, word >> 8 & 15, word >> 5 & 7
    if place in REGISTERS:
        return REGISTERS[place]
    return "op1 {}, c{}, c{}, op2 {}".format(*place) if place[:2] in WATCHED else None


class Code:
    def __init__(self, memory, elf):
        self.base = elf.sections[".text"].base
        self.words = memory.instructions(self.base, elf.sections[".text"].size)
        self.starts, self.names = [at for at, _ in elf.functions], [name for _, name in elf.functions]
        moves = [(register_name(word), idx) for idx, word in enumerate(self.words) if word >> 20 in MOVES_TO_REGISTERS]
        self.writers = [(name, idx) for name, idx in moves if name]

    def function(self, idx):
        """What holds the word; parts that a compiler split off are their function's."""
        at = bisect.bisect_right(self.starts, self.base + 4 * idx) - 1
        return self.names[at].partition(".")[0] if at >= 0 else "?"

    def counts(self):
        """Register -> function -> number of writes."""
        found = {}
        for name, idx in self.writers:
            found.setdefault(name, Counter())[self.function(idx)] += 1
        return found

    def constants(self, register):
        """What each writer of a register writes; None where it is not a constant of the code right before."""
        return [self._constant(idx)[0] for name, idx in self.writers if name == register]

    def sources(self, register):
        """The words that make these constants: index of the word, lowest bit and width of what it gives."""
        return [source for name, idx in self.writers if name == register for source in self._constant(idx)[1]]

    def _constant(self, idx):
        """Value and sources, by the moves before the word."""
        number, moved, sources = self.words[idx] & 31, [], []
        for back in range(idx - 1, max(idx - LOOK_BACK, 0), -1):
            word = self.words[back]
            if word & SYSTEM_MASK == SYSTEM or word & 31 != number:
                continue
            if word & LDR_LITERAL_MASK == LDR_LITERAL:
                at = back + (word >> 5 & 0x7FFFF)
                if moved or at + 1 >= len(self.words):
                    break
                return self.words[at] | self.words[at + 1] << 32, [(at, 0, 32), (at + 1, 0, 32)]
            kind, shift = MOVE.get(word & MOVE_MASK), 16 * (word >> 21 & 3)
            if not kind:
                break
            moved.insert(0, (shift, word >> 5 & 0xFFFF))
            sources.append((back, 5, 16))
            if kind == "movz":
                return functools.reduce(lambda value, part: value & ~(0xFFFF << part[0]) | part[1] << part[0], moved,
                                        0), sources
        return None, []


def read_writers(path=WRITERS):
    """Register -> list of alternatives for each line: a Counter of functions."""
    lists = {}
    for line in path.read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        register, names, _ = (part.strip() for part in line.split("|", 2))
        lists.setdefault(register, []).append([
            Counter({name.partition("*")[0]: int(name.partition("*")[2] or 1) for name in choice.split()})
            for choice in names.split(" or ")])
    return lists


def check_writers(code, differences):
    """Found is exactly what is listed: one alternative of each line of the register."""
    lists, found = read_writers(), code.counts()
    for register in sorted({*lists, *found}):
        rest = Counter(found.get(register, {}))
        for choices in lists.get(register, []):
            taken = next((choice for choice in choices if not choice - rest), None)
            if taken is None:
                names = " or ".join(" and ".join(choice) for choice in choices)
                differences.add(f"writers of {register}", "none" if not rest else ", ".join(rest), names)
            else:
                rest -= taken
        for function, times in rest.items():
            differences.add(f"writers of {register}", f"{function}, {times} more", "none but those in writers.txt")


class Regime:
    """What the code sets for its own maps: address sizes and memory types."""

    def __init__(self, code, differences):
        tcr, mair = (self._one(code, name, differences) for name in ("TCR_EL2", "MAIR_EL2"))
        self.tcr, self.mair = tcr, mair
        self.bits = 64 - (tcr & 0x3F)
        self.output_code = tcr >> 16 & 7
        self.types = self._types(mair.to_bytes(8, "little"))
        if not set(mair.to_bytes(8, "little")) <= set(TYPES):
            differences.add("MAIR_EL2", mair, "normal, write-back, and device, nGnRnE, alone")
        if tcr & ~TCR_SIZES != TCR_RES1 | TCR_WALKS:
            differences.add("TCR_EL2", tcr, f"{tcr & TCR_SIZES | TCR_RES1 | TCR_WALKS:#x}: cached walks, 4 KiB")
        off_on = code.constants("SCTLR_EL2")
        needed = SCTLR_M | SCTLR_C | SCTLR_I | SCTLR_WXN
        if len(off_on) != 2 or None in off_on or off_on[0] & (SCTLR_M | SCTLR_EE) or \
                off_on[1] & (needed | SCTLR_EE) != needed:
            differences.add("SCTLR_EL2", ", ".join("no constant" if value is None else hex(value) for value in off_on),
                            "MMU off, then on with caches, WXN and little-endian walks")

    @staticmethod
    def _types(attributes):
        """By index; a second index for a type is no name of it."""
        return [TYPES.get(byte, f"memory-type-{byte:#x}") if attributes.index(byte) == idx else f"memory-index-{idx}"
                for idx, byte in enumerate(attributes)]

    @staticmethod
    def _one(code, name, differences):
        values = code.constants(name)
        if len(values) != 1 or values[0] is None:
            differences.add(f"value of {name}", values, "one constant")
            return 0
        return values[0]
