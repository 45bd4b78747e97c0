# SPDX-License-Identifier: Apache-2.0
"""A64 as far as it moves the stack pointer (Arm ARM, C4.1): sums of registers and constants, {name: factor}."""

SP = 31


def bits(word, high, low):
    return word >> low & ((1 << (high - low + 1)) - 1)


def signed(value, width):
    return value - (1 << width) if value >> (width - 1) else value


def linear(a, b, factor):
    out = dict(a)
    for name, n in b.items():
        out[name] = out.get(name, 0) + factor * n
    return {name: n for name, n in out.items() if n}


class Registers:
    """Values of registers as far as they are sums of earlier ones; None for what is not known."""
    def __init__(self, sp):
        self.value = {SP: sp}

    def get(self, n, pc):
        if n not in self.value:
            self.value[n] = {f"x{n}@{pc:x}": 1}
        return self.value[n]

    def step(self, word, pc):
        """Returns False if SP was written in a way that is not understood."""
        rd, rn = bits(word, 4, 0), bits(word, 9, 5)
        if word & 0x1c000000 == 0x14000000:             # branches; a call writes what AAPCS64 lets it
            if word & 0xfc000000 == 0x94000000 or word & 0xfffffc1f == 0xd63f0000:
                self.value = {n: v for n, v in self.value.items() if 19 <= n}
            return True
        if word & 0x1f800000 == 0x11000000:             # ADD, SUB immediate
            amount = bits(word, 21, 10) << (12 if word >> 22 & 1 else 0)
            sets_flags = word >> 29 & 1
            if not (rd == SP and sets_flags):
                result = linear(self.get(rn, pc), {1: amount}, -1 if word >> 30 & 1 else 1)
                if word >> 31 or rd == SP:
                    self.value[rd] = result
                else:
                    self.value.pop(rd, None)
            return True
        if word & 0x1fe00000 == 0x0b200000:             # ADD, SUB extended register
            plain = word >> 31 and bits(word, 15, 10) in (0b011000, 0b111000)   # UXTX or SXTX, by 0
            if rd == SP and word >> 29 & 1:
                return True
            if plain:
                self.value[rd] = linear(self.get(rn, pc), self.get(bits(word, 20, 16), pc), -1 if word >> 30 & 1 else 1)
                return True
            self.value.pop(rd, None)
            return rd != SP
        if word & 0xff800000 == 0xd2800000 and rd != 31:        # MOVZ
            self.value[rd] = {1: bits(word, 20, 5) << 16 * bits(word, 22, 21)}
            return True
        if word & 0xff800000 == 0xf2800000 and rd != 31 and set(self.value.get(rd, {})) <= {1}:      # MOVK
            shift = 16 * bits(word, 22, 21)
            old = self.value.get(rd, {}).get(1, 0)
            self.value[rd] = {1: old & ~(0xffff << shift) | bits(word, 20, 5) << shift}
            return True
        if word & 0x1f800000 == 0x12000000:             # logical immediate; Rd 31 is SP but for ANDS
            if bits(word, 30, 29) == 3 and rd == SP:
                return True
            self.value.pop(rd, None)
            return rd != SP
        if word & 0x0a000000 == 0x08000000:             # loads and stores
            return self.memory(word, pc, rd, rn)
        if rd != SP:
            self.value.pop(rd, None)
        return True

    def memory(self, word, pc, rt, rn):
        index = 0
        if word & 0x3a000000 == 0x28000000:             # pairs
            rt2 = bits(word, 14, 10)
            if bits(word, 24, 23) in (1, 3):            # post-, pre-indexed
                index = signed(bits(word, 21, 15), 7) << (2 + (word >> 31))
            if word >> 22 & 1:
                self.value = {n: v for n, v in self.value.items() if n not in (rt, rt2) or n == SP}
        elif word & 0x3b200400 == 0x38000400:           # one register, post- or pre-indexed
            index = signed(bits(word, 20, 12), 9)
            if rt != SP:
                self.value.pop(rt, None)
        elif rt != SP:
            self.value = {n: v for n, v in self.value.items() if n == SP or n not in (rt, bits(word, 20, 16))}
        if index:
            self.value[rn] = linear(self.get(rn, pc), {1: index}, 1)
        return True


def flow(word, at):
    """(whether it goes on behind it, target or register, kind): where an instruction leads; kind None: nowhere else."""
    if word & 0x7c000000 == 0x14000000:             # B, BL
        call = bool(word >> 31)
        return call, at + 4 * signed(bits(word, 25, 0), 26), "call" if call else "jump"
    if word & 0xff000010 == 0x54000000 or word & 0x7e000000 == 0x34000000:      # B.cond, CBZ, CBNZ
        return True, at + 4 * signed(bits(word, 23, 5), 19), "jump"
    if word & 0x7e000000 == 0x36000000:             # TBZ, TBNZ
        return True, at + 4 * signed(bits(word, 18, 5), 14), "jump"
    if word & 0xfffffc1f == 0xd65f0000:             # RET
        return False, None, "return"
    if word == 0xd69f03e0:                          # ERET
        return False, None, "exception return"
    if word & 0xffdffc1f == 0xd61f0000:             # BR, BLR
        return bool(word >> 21 & 1), bits(word, 9, 5), "indirect"
    if word >> 16 == 0 or word & 0xffe0001f == 0xd4200000:      # UDF, BRK: a trap of the compiler's
        return False, None, None
    return True, None, None


def is_table_jump(before, register):
    """How compilers jump by a table: to the sum of an ADR and an offset. `before`: instructions, the last one first."""
    for n, word in enumerate(before):
        if bits(word, 4, 0) == register:
            base = bits(word, 9, 5)
            adds = word & 0xff000000 == 0x8b000000      # ADD of two registers, one of them shifted or extended
            return adds and any(w & 0x9f00001f == 0x10000000 | base for w in before[n + 1:])
    return False
