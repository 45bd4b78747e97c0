# SPDX-License-Identifier: Apache-2.0
"""Address spaces of a generated table: random free places, clear of what the board's own tree has."""
import re
from pathlib import Path

PAGE = 0x1000
MIB = 1 << 20
BOARD = (Path(__file__).resolve().parents[2] / "platform/qemu-virt-arm64/board.dtsi").read_text()


def define(name):
    return int(re.search(rf"^#define {name} (0x[0-9a-f]+)", BOARD, re.M)[1], 0)


def registers(label):
    """Base and size of a device."""
    high, low, size_high, size = re.search(rf"{label}: .*?\breg = <(\S+) (\S+) (\S+) (\S+)>", BOARD, re.S).groups()
    return int(high, 0) << 32 | int(low, 0), int(size_high, 0) << 32 | int(size, 0)


def pci_windows():
    """Base and size of each of the host bridge's memory windows."""
    found = re.findall(r"<0x0[23]000000 (\S+) (\S+)  \S+ \S+  (\S+) (\S+)>", BOARD)
    assert len(found) == 2, "the board's tree has another form"
    return [(int(a, 0) << 32 | int(b, 0), int(c, 0) << 32 | int(d, 0)) for a, b, c, d in found]


PCI_WINDOWS = pci_windows()
BOARD_DEVICES = {label: registers(label) for label in ("rtc", "uart1")}
BOARD_IRQCHIP, BOARD_ECAM = define("BOARD_GICD_BASE"), define("BOARD_ECAM_BASE")


class Space:
    """Ranges given out, none over another; `low` to `high` is where random ones are."""

    def __init__(self, dice, low, high, *taken):
        self.dice, self.low, self.high = dice, low, high
        self.taken = list(taken)

    def is_free(self, base, size):
        return all(base + size <= other or other + length <= base for other, length in self.taken)

    def take(self, base, size):
        """Whether it was free; it is taken then."""
        free = self.is_free(base, size)
        if free:
            self.taken.append((base, size))
        return free

    def place(self, size, align=PAGE):
        """A random place, now and then right behind something, or at the end of all."""
        while True:
            kind = self.dice.randrange(8)
            if kind == 0:
                base = sum(self.dice.choice(self.taken))
            elif kind == 1:
                base = self.high - size
            else:
                base = self.dice.randrange(self.low, self.high)
            base = base // align * align
            if self.low <= base and base + size <= self.high and self.take(base, size):
                return base


def cells(value):
    """Two cells."""
    return f"0x{value >> 32:x} 0x{value & 0xFFFFFFFF:x}"


def pages(dice, most):
    """A size: small ones are as likely as large ones, and now and then whole blocks of 2 MiB."""
    if dice.randrange(6) == 0 and most >= 512:
        return dice.randint(1, most // 512) * 512 * PAGE
    return max(1, int(2 ** dice.uniform(0, most.bit_length() - 1))) * PAGE
