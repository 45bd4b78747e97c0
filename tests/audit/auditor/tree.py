# SPDX-License-Identifier: Apache-2.0
"""A flattened device tree, by libfdt: nodes with the readings that this audit needs."""
import struct

import libfdt


class Node:
    def __init__(self, tree, offset, path, parent):
        self.tree, self.offset, self.path, self.parent = tree, offset, path, parent
        self.full_name = path.rpartition("/")[2]
        self.name = self.full_name.partition("@")[0]
        self.children = []
        if parent:
            parent.children.append(self)

    def bytes(self, name):
        return self.tree.properties(self).get(name, b"")

    def has(self, name):
        return name in self.tree.properties(self)

    def cells(self, name):
        data = self.bytes(name)
        return list(struct.unpack(f">{len(data) // 4}I", data[:len(data) & ~3]))

    def number(self, name, default=0):
        """One big-endian number, of one cell or two."""
        return int.from_bytes(self.bytes(name), "big") if self.has(name) else default

    def pairs(self, name):
        """Numbers of two cells each."""
        cells = self.cells(name)
        return [cells[i] << 32 | cells[i + 1] for i in range(0, len(cells) - 1, 2)]

    def ranges(self, name="reg"):
        """(base, size) of two cells each."""
        numbers = self.pairs(name)
        return list(zip(numbers[::2], numbers[1::2]))

    def text(self, name, default=""):
        return self.texts(name)[0] if self.texts(name) else default

    def texts(self, name):
        return [word.decode(errors="replace") for word in self.bytes(name).split(b"\0")[:-1]]

    def is_compatible(self, *names):
        return any(name in self.texts("compatible") for name in names)

    def is_enabled(self):
        node = self
        while node:
            if node.text("status", "okay") not in ("okay", "ok"):
                return False
            node = node.parent
        return True


class Tree:
    def __init__(self, path=None, data=None):
        if data is None:
            with open(path, "rb") as file:
                data = file.read()
        self.fdt = libfdt.Fdt(data)
        if self.fdt.totalsize() > len(data):    # libfdt would read beyond the end
            raise ValueError(f"{len(data)} bytes, and its header says {self.fdt.totalsize()}")
        self.nodes, self._properties = [], {}
        self._read(0, "", None)
        self._by_path = {node.path or "/": node for node in self.nodes}
        self._by_phandle = {node.number("phandle"): node for node in self.nodes if node.has("phandle")}

    def _read(self, offset, path, parent):
        node = Node(self, offset, path, parent)
        self.nodes.append(node)
        self.properties(node)
        child = self.fdt.first_subnode(offset, libfdt.QUIET_NOTFOUND)
        while child >= 0:
            self._read(child, f"{path}/{self.fdt.get_name(child)}", node)
            child = self.fdt.next_subnode(child, libfdt.QUIET_NOTFOUND)

    def properties(self, node):
        if node.offset not in self._properties:
            found, at = {}, self.fdt.first_property_offset(node.offset, libfdt.QUIET_NOTFOUND)
            while at >= 0:
                entry = self.fdt.get_property_by_offset(at)
                if entry.name in found:         # others would take the first
                    raise ValueError(f"{node.path or '/'} has two properties '{entry.name}'")
                found[entry.name] = bytes(entry)
                at = self.fdt.next_property_offset(at, libfdt.QUIET_NOTFOUND)
            self._properties[node.offset] = found
        return self._properties[node.offset]

    def node(self, path):
        if path not in self._by_path:
            raise LookupError(f"the device tree has no node {path}")
        return self._by_path[path]

    def by_phandle(self, phandle):
        return self._by_phandle[phandle]

    def phandles(self, node, name):
        return [self._by_phandle[cell] for cell in node.cells(name)]

    def compatible(self, *names):
        return [node for node in self.nodes if node.is_compatible(*names) and node.is_enabled()]
