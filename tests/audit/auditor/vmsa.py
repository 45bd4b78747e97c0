# SPDX-License-Identifier: Apache-2.0
"""
VMSAv8-64 translation tables with a 4 KiB granule (Arm ARM DDI 0487, D8.3): from raw words to ranges. Every bit of
every word that is not zero is understood or is a difference: what hardware may ignore today, the build has no reason
to set.
"""
import functools
from typing import NamedTuple

from .differences import Differences
from .memory import Outside
from .ranges import PAGE, Span, coalesce

ENTRIES, LAST_LEVEL, FIRST_BLOCK_LEVEL = 512, 3, 1
OUTPUT_BITS, MIN_BITS = 48, 25
ENTRIES_MAX = 1 << 17           # of one map
VALID, TABLE_OR_PAGE = 1 << 0, 1 << 1
ADDRESS = (1 << OUTPUT_BITS) - PAGE
# Of leaves, at both stages
SHAREABILITY = {0: "", 1: "reserved-shareable", 2: "outer", 3: "inner"}         # [9:8]
ACCESS_FLAG = 1 << 10
# Stage 1 (D8.3.1.2; a regime with one privilege level)
S1_INDEX_SHIFT, S1_AP1, S1_READ_ONLY, S1_XN = 2, 1 << 6, 1 << 7, 1 << 54
# Stage 2 (D8.3.1.3)
S2_MEMORY_SHIFT, S2_READ, S2_WRITE, S2_XN = 2, 1 << 6, 1 << 7, 1 << 54
S2_MEMORY = {0xF: "normal", 0x0: "device"}      # MemAttr: write-back at both levels; nGnRnE
OUTPUT_SIZES = {0: 32, 1: 36, 2: 40, 3: 42, 4: 44, 5: 48}       # PS, S2PS


class Leaf(NamedTuple):
    start: int
    size: int
    out: int
    level: int
    rights: str
    kind: tuple         # memory type and shareability
    at: int             # where the word is


def shift(level):
    return 39 - 9 * level


def start_level(bits):
    """The level at which one page of entries is the whole of `bits` of input address."""
    return LAST_LEVEL - (bits - 13) // 9


def leaf_size(level):
    return 1 << shift(level)


def kind_words(memory, share):
    return (memory, SHAREABILITY[share]) if share else (memory,)


def decode_stage2(word):
    """Rights and kind of a leaf, and the bits that it should not have."""
    rights = ("r" if word & S2_READ else "-") + ("w" if word & S2_WRITE else "-") + ("-" if word & S2_XN else "x")
    memory = word >> S2_MEMORY_SHIFT & 0xF
    known = 0xFFF & ~(1 << 11) | ADDRESS | S2_XN
    return rights, kind_words(S2_MEMORY.get(memory, f"memory-type-{memory:#x}"), word >> 8 & 3), word & ~known


@functools.cache
def decode_stage1(types):
    """`types`: names of the memory types that MAIR_EL2 has, by index."""
    def decode(word):
        rights = "r" + ("-" if word & S1_READ_ONLY else "w") + ("-" if word & S1_XN else "x")
        known = 0xFFF & ~(1 << 5 | 1 << 11) | ADDRESS | S1_XN           # NS and nG are RES0 at EL2
        bad = word & ~known | (~word & S1_AP1)                          # AP[1] is RES1 there
        return rights, kind_words(types[word >> S1_INDEX_SHIFT & 7], word >> 8 & 3), bad
    return decode


class Walk:
    """All leaves below one root, the addresses of all tables, and what is wrong with any word of them."""

    def __init__(self, memory, name, root, bits, decode):
        self.memory, self.name, self.decode, self.bits = memory, name, decode, bits
        self.root, self.start_level, self.entries = root, start_level(bits), 0
        self.differences, self.tables, self.leaves, self._spans = Differences(), set(), [], None
        if not MIN_BITS <= bits <= OUTPUT_BITS:
            raise Outside(f"{name} has {bits} bits of address")
        if root % PAGE:
            self._bad(root, "root", "not aligned", f"{root & -PAGE:#x}, without other bits")
        self._table(root & -PAGE, self.start_level, 0)

    def _bad(self, at, what, found, needed):
        self.differences.add(f"{self.name}, {what} at {at:#x}", found, needed)

    def _table(self, address, level, base):
        try:
            words = self.memory.words(address, ENTRIES)
        except Outside:
            self._bad(address, f"level {level} table", "no constant", "a table in the image")
            return
        self.tables.add(address)
        for idx, word in enumerate(words):
            if word:
                self.entries += 1
                if self.entries > ENTRIES_MAX:
                    raise Outside(f"{self.name} leads to more than {ENTRIES_MAX} entries, in circles perhaps")
                self._entry(address + 8 * idx, word, level, base + (idx << shift(level)))

    def _entry(self, at, word, level, start):
        if start >> self.bits:
            self._bad(at, f"entry beyond {self.bits} bits of address", word, 0)
        elif not word & VALID:
            self._bad(at, f"absent level {level} entry of {start:#x}", word, 0)
        elif level < LAST_LEVEL and word & TABLE_OR_PAGE:
            if rest := word & ~(ADDRESS | VALID | TABLE_OR_PAGE):
                self._bad(at, f"level {level} table entry of {start:#x}", word, word & ~rest)
            self._table(word & ADDRESS, level + 1, start)
        else:
            self._leaf(at, word, level, start)

    def _leaf(self, at, word, level, start):
        if level < FIRST_BLOCK_LEVEL or level == LAST_LEVEL and not word & TABLE_OR_PAGE:
            self._bad(at, f"level {level} entry of {start:#x}", word, "a page, a block or a table")
            return
        rights, kind, bad = self.decode(word)
        out = word & ADDRESS
        bad |= out & leaf_size(level) - 1
        if not word & ACCESS_FLAG:
            bad |= ACCESS_FLAG
        if bad:
            self._bad(at, f"level {level} leaf of {start:#x}", word, word ^ bad)
        self.leaves.append(Leaf(start, leaf_size(level), out & -leaf_size(level), level, rights, kind, at))

    def spans(self):
        if self._spans is None:
            self._spans = coalesce(Span(leaf.start, leaf.start + leaf.size, leaf.out, (leaf.rights, *leaf.kind))
                                   for leaf in self.leaves)
        return self._spans
