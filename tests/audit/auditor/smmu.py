# SPDX-License-Identifier: Apache-2.0
"""
SMMUv3 stream table of two levels (IHI 0070, 5.1 and 5.2): from raw words to what each stream reaches. An entry of the
build's is either exactly "abort" or exactly "stage 2 only"; any other bit of it is a difference.
"""
from typing import NamedTuple

from .memory import Outside
from .ranges import PAGE
from .vmsa import OUTPUT_SIZES, Walk, decode_stage2, start_level

SPLIT = 8                       # STRTAB_BASE_CFG.SPLIT, as the hypervisor writes it; the live audit reads it
STE_WORDS, STE_SIZE = 8, 64
L1_SPAN, L1_POINTER = 0x1F, (1 << 52) - (1 << 6)
ABORT = (1, 0, 0, 0, 0, 0, 0, 0)        # V = 1, Config = 0: no event, nothing reached
CONFIGS = {4: "bypass", 5: "stage 1", 6: "stage 2", 7: "stages 1 and 2"}
# Fields by word: name, lowest bit, width
FIELDS = {
    0: (("V", 0, 1), ("Config", 1, 3)),
    1: (("SHCFG", 44, 2),),
    2: (("S2VMID", 0, 16), ("S2T0SZ", 32, 6), ("S2SL0", 38, 2), ("S2IR0", 40, 2), ("S2OR0", 42, 2), ("S2SH0", 44, 2),
        ("S2TG", 46, 2), ("S2PS", 48, 3), ("S2AA64", 51, 1), ("S2R", 58, 1)),
    3: (("S2TTB", 4, 48),),
}
# Stage 2 only; memory attributes come in with the transaction; walks write-back and inner shareable; 4 KiB; AArch64;
# faults are recorded and never stall.
FIXED = {"V": 1, "Config": 6, "SHCFG": 1, "S2IR0": 1, "S2OR0": 1, "S2SH0": 3, "S2TG": 0, "S2AA64": 1, "S2R": 1}


class Stream(NamedTuple):
    vmid: int
    output_size: int    # S2PS
    input_bits: int
    root: int
    walk: Walk


def ste_fields(words):
    """Fields by name, and the bits of each word that no field has."""
    fields, rest = {}, list(words)
    for idx, places in FIELDS.items():
        for name, low, width in places:
            mask = (1 << width) - 1
            fields[name] = words[idx] >> low & mask
            rest[idx] &= ~(mask << low)
    fields["S2TTB"] <<= 4
    return fields, rest


class StreamTable:
    """`streams`: what each stream that does not abort reaches."""

    def __init__(self, memory, root, bits, differences, walk):
        """`walk`: makes one, of the arguments of Walk."""
        self.memory, self.walk, self.differences = memory, walk, differences
        self.tables, self.streams = set(), {}
        count = 1 << max(bits - SPLIT, 0)
        try:
            words = memory.words(root, count)
        except Outside:
            differences.add(f"stream table at {root:#x}", "no constant", f"{count} words in the image")
            return
        self.tables.update(range(root, root + 8 * count, PAGE))
        for idx, word in enumerate(words):
            if word:
                self._level2(root + 8 * idx, idx, word)

    def _level2(self, at, idx, word):
        first, span, pointer = idx << SPLIT, word & L1_SPAN, word & L1_POINTER
        if span != SPLIT + 1 or word & ~(L1_SPAN | L1_POINTER):
            self.differences.add(f"stream table, entry of streams {first:#x} on, at {at:#x}", word, pointer | SPLIT + 1)
            return
        if pointer & (STE_SIZE << SPLIT) - 1 or not self.memory.has(pointer, STE_SIZE << SPLIT):
            self.differences.add(f"stream table, entry of streams {first:#x} on, at {at:#x}",
                                 f"a table at {pointer:#x}", "an aligned table in the image")
            return
        words = self.memory.words(pointer, STE_WORDS << SPLIT)
        self.tables.update(range(pointer, pointer + (STE_SIZE << SPLIT), PAGE))
        for i in range(1 << SPLIT):
            entry = words[STE_WORDS * i:STE_WORDS * (i + 1)]
            if entry != ABORT:
                self._entry(first + i, pointer + STE_SIZE * i, entry)

    def _entry(self, stream, at, words):
        fields, rest = ste_fields(words)
        name = f"stream {stream:#x}, entry at {at:#x}"
        if not fields["V"]:
            self.differences.add(name, "not valid, so each denial fills the event queue", "abort")
            return
        if fields["Config"] != FIXED["Config"]:
            self.differences.add(name, CONFIGS.get(fields["Config"], f"Config {fields['Config']}"),
                                 "abort, or stage 2")
            return
        for field, needed in FIXED.items():
            self.differences.equal(f"{name}, {field}", fields[field], needed)
        for idx, bits in enumerate(rest):
            self.differences.equal(f"{name}, other bits of word {idx}", bits, 0)
        bits = 64 - fields["S2T0SZ"]
        # SL0 for 4 KiB: 0, 1, 2 begin at level 2, 1, 0 (VTCR_EL2.SL0)
        if not 25 <= bits <= 48 or 2 - fields["S2SL0"] != start_level(bits):
            self.differences.add(f"{name}, S2T0SZ and S2SL0", f"{fields['S2T0SZ']} and {fields['S2SL0']}",
                                 "those of one root page")
            return
        walk = self.walk(self.memory, f"stream {stream:#x}", fields["S2TTB"], bits, decode_stage2)
        self.streams[stream] = Stream(fields["S2VMID"], OUTPUT_SIZES.get(fields["S2PS"], 0), bits, fields["S2TTB"],
                                      walk)
