# SPDX-License-Identifier: Apache-2.0
"""Bytes at host addresses: of an image, or of a machine that was dumped."""
import struct


class Outside(Exception):
    """An address that no byte is at: a table that lies, or is pointed at, elsewhere."""


class Memory:
    def __init__(self, pieces):
        """`pieces`: address and bytes."""
        self.pieces = [(base, bytearray(data)) for base, data in pieces]

    def _piece(self, address, size):
        for base, data in self.pieces:
            if base <= address and address + size <= base + len(data):
                return data, address - base
        raise Outside(f"{address:#x}, {size:#x} bytes")

    def has(self, address, size):
        try:
            self._piece(address, size)
        except Outside:
            return False
        return True

    def read(self, address, size):
        data, at = self._piece(address, size)
        return bytes(data[at:at + size])

    def write(self, address, new):
        data, at = self._piece(address, len(new))
        data[at:at + len(new)] = new

    def words(self, address, count):
        """Little-endian, 64 bits each."""
        data, at = self._piece(address, 8 * count)
        return struct.unpack_from(f"<{count}Q", data, at)

    def instructions(self, address, size):
        data, at = self._piece(address, size & ~3)
        return struct.unpack_from(f"<{size // 4}I", data, at)

    def integer(self, address, size, signed=False):
        return int.from_bytes(self.read(address, size), "little", signed=signed)

    def text(self, address, limit=256):
        data, at = self._piece(address, 1)
        end = data.find(0, at, at + limit)
        return bytes(data[at:end if end >= 0 else at + limit]).decode(errors="replace")
