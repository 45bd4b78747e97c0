# SPDX-License-Identifier: Apache-2.0
"""
Random trees of bridges, and what ptc must have made of them, worked out here
from table.c alone: numbers nested, windows nested and apart, every BAR in the
windows of all bridges above it and in no other, requesters, the PD's view.
"""
import random
import re

import pytest

from harness import ROOT, compile_tree, make_image, ptc_build

MIB = 1 << 20
HEADER = "id = <0x1234 0x5678>; class = <{}>;"
CLOSED = (0xFFF00000, 0x000FFFFF)


class Tree:
    """Nodes by name: (kind, parent's name, devfn or bdf, BARs)."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.nodes = {}
        self.functions = 0
        for device in range(1, self.dice.randint(2, 6)):
            self.behind_port(self.bridge("root-port", None, (0, device, 0)))
        for device in range(8, 8 + self.dice.randint(1, 3)):
            self.function(None, (0, device, 0))

    def bars(self, limit):
        """<number type size>: a few, of any size from 16 to 8 MiB."""
        made, number = [], 0
        while number < limit and self.dice.random() < 0.6:
            wide = number + 1 < limit and self.dice.random() < 0.5
            made.append((number, 64 if wide else 32, 1 << self.dice.randint(4, 23)))
            number += 2 if wide else 1
        return made

    def add(self, kind, parent, place, limit):
        name = f"n{len(self.nodes)}"
        self.nodes[name] = (kind, parent, place, self.bars(limit))
        return name

    def bridge(self, kind, parent, place):
        return self.add(kind, parent, place, 2)

    def function(self, parent, place):
        if self.functions < 26:  # the PD sees 32 devices
            self.functions += 1
            self.add("function", parent, place, 6)

    def behind_port(self, port):
        kind = self.dice.choice(["nothing", "functions", "functions", "pcie-pci", "switch"])
        if kind == "switch" and len(self.nodes) < 40:
            up = self.bridge("upstream", port, (0, 0))
            for device in self.dice.sample(range(32), self.dice.randint(1, 4)):
                self.behind_port(self.bridge("downstream", up, (device, 0)))
        elif kind == "pcie-pci":
            conventional = self.bridge("pcie-pci", port, (0, 0))
            for device in self.dice.sample(range(32), self.dice.randint(1, 3)):
                self.function(conventional, (device, self.dice.randint(0, 7)))
        elif kind == "functions":
            for function in range(self.dice.randint(1, 3)):
                self.function(port, (0, function))

    def source(self):
        nodes = {True: [], False: []}
        for name, (kind, parent, place, bars) in self.nodes.items():
            cells = " ".join(str(cell) for cell in place)
            at = f"bridge = <&{parent}>; devfn = <{cells}>;" if parent else f"bdf = <{cells}>;"
            what = HEADER.format("0xff00" if kind == "function" else "0x060400")
            what += f' type = "{kind}";' if kind != "function" else ""
            what += " bars = " + ", ".join(f"<{n} {bits} {size}>" for n, bits, size in bars) + ";" if bars else ""
            nodes[kind == "function"].append(f"\t{name}: {name} {{ {at} {what} }};\n")
        self.dice.shuffle(nodes[False])
        return ('#include "base.dtsi"\n/delete-node/ &edu;\n&io { /delete-property/ dma; };\n'
                f"&partitions {{\n{''.join(nodes[False])}}};\n&pd {{\n{''.join(nodes[True])}}};\n")


class Made:
    """What table.c has of it, by name of the node."""

    def __init__(self, text, source):
        self.at, self.buses, self.stream, self.pd_bdf, self.bars, self.windows = {}, {}, {}, {}, {}, {}
        lines = source.split("\n")
        arrays = {idx: [(int(n), wide == "true", int(addr, 16), int(size, 16)) for n, wide, addr, size in
                        re.findall(r"\{ (\d+), (true|false), (0x\w+), (0x\w+) \}", body)]
                  for idx, body in re.findall(r"table_bar bars_(\w+)\[\] = \{(.*?)\n\};", text, re.S)}
        entries = re.findall(r"/\* \S*random\.dts:(\d+) \*/\n\t\{ (\{ )?(\.name.*?)\n\t\}(?:, (0x\w+) \})?,", text, re.S)
        self.order = []
        for line, _, body, buses in entries:
            name = re.match(r"\t(\w+):", lines[int(line) - 1]).group(1)
            field = {key: int(value, 16) for key, value in re.findall(r"\.(\w+) = \{? ?(0x\w+)", body)}
            self.order.append(name)
            self.at[name] = field["bdf"]
            assert field["config"] == 0x4010000000 + (field["bdf"] << 12)
            bars = re.search(r"\.bars = bars_(\w+)", body)
            self.bars[name] = arrays[bars.group(1)] if bars else []
            if buses:
                self.buses[name] = tuple(int(buses, 16) >> shift & 0xFF for shift in (0, 8, 16))
            else:
                self.stream[name], self.pd_bdf[name] = field["stream"], field["pd_bdf"]
        self.registers(text)

    def registers(self, text):
        functions = [name for name in self.order if name in self.stream]
        bridges = [name for name in self.order if name in self.buses]
        self.written = {}
        for verdict, what, idx, offset, size, value, mask in re.findall(
                r'\{ "([\w.-]+)", &(\w+)\[(\d+)\](?:\.is)?, (0x\w+), (\d), (0x\w+), (0x\w+) \}', text):
            name = bridges[int(idx)] if what == "bridges" else functions[int(idx) - 1]
            assert int(size) in (2, 4) and int(mask, 16) < 1 << 8 * int(size) and int(offset, 16) % 4 == 0
            self.written.setdefault(name, {})[int(offset, 16)] = (verdict, int(value, 16))
        for name in bridges:
            word = self.written[name][0x20][1]
            self.windows[name] = ((word & 0xFFF0) << 16, (word & 0xFFF00000) | 0xFFFFF)


def ranges(made, name):
    """First and last byte of the pages of each BAR."""
    return [(addr, addr + max(size, 4096) - 1) for _, _, addr, size in made.bars[name]]


def apart(a, b):
    return a[1] < b[0] or b[1] < a[0]


def within(inner, outer):
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def path(tree, name):
    """Bridges above it, the nearest first."""
    above = tree.nodes[name][1]
    while above:
        yield above
        above = tree.nodes[above][1]


def check_numbers(tree, made):
    assert sorted(secondary for _, secondary, _ in made.buses.values()) == list(range(1, len(made.buses) + 1))
    for name, (kind, parent, place, _) in tree.nodes.items():
        bus = made.buses[parent][1] if parent else 0
        assert made.at[name] == bus << 8 | place[-2] << 3 | place[-1]
        if kind == "function":
            continue
        below = [made.buses[other][1] for other in made.buses if other == name or name in path(tree, other)]
        assert made.buses[name] == (bus, min(below), max(below))
        assert made.buses[name][1] == made.buses[name][2] + 1 - len(below)


def check_requesters(tree, made):
    for name in made.stream:
        seen = [above for above in path(tree, name) if tree.nodes[above][0] == "pcie-pci"]
        assert made.stream[name] == (made.buses[seen[0]][1] << 8 if seen else made.at[name])


def check_view(tree, made):
    own = {made.at[name] >> 3 for name in made.stream if not tree.nodes[name][1]}
    expected = iter(sorted(set(range(32)) - own))
    for name in made.order:
        if name in made.stream:
            assert made.pd_bdf[name] == (next(expected) << 3 if tree.nodes[name][1] else made.at[name])


def check_memory(tree, made):
    everything = [(bar, name) for name in tree.nodes for bar in ranges(made, name)]
    for i, (bar, name) in enumerate(everything):
        above = list(path(tree, name))
        assert all(apart(bar, other) for other, _ in everything[:i])
        assert within(bar, (0x10000000, 0x3EFEFFFF)) or (not above and within(bar, (0x8000000000, 0xFFFFFFFFFF)))
        for bridge, window in made.windows.items():
            assert within(bar, window) if bridge in above else window == CLOSED or apart(bar, window)
    for a in made.windows:
        below = [bar for bar, name in everything if a in path(tree, name)]
        assert (made.windows[a] == CLOSED) == (not below)
        for b in made.windows:
            if a == b or CLOSED in (made.windows[a], made.windows[b]):
                continue
            nested = a in path(tree, b) or b in path(tree, a)
            assert nested or apart(made.windows[a], made.windows[b])
        if below:
            assert made.windows[a][1] - max(last for _, last in below) < MIB


def check_written(tree, made):
    for name, (kind, _, _, bars) in tree.nodes.items():
        assert [(n, 64 if wide else 32, size) for n, wide, _, size in made.bars[name]] == bars
        expected = {0x10 + 4 * n + part: addr >> 8 * part & 0xFFFFFFFF for n, wide, addr, size in made.bars[name]
                    for part in ((0, 4) if wide else (0,))}
        found = {at: value for at, (verdict, value) in made.written.get(name, {}).items()
                 if verdict == "pci.bar-address"}
        assert found == expected and all(addr % size == 0 for _, _, addr, size in made.bars[name])
        if kind != "function":
            rest = {at: value for at, (_, value) in made.written[name].items() if at not in expected and at != 0x20}
            assert rest == {0x24: 0xFFF0, 0x28: 0, 0x2C: 0, 0x1C: 0xF0, 0x30: 0, 0x3C: 0}


@pytest.mark.parametrize("seed", range(20))
def test_random_tree_of_bridges(seed, tmp_path):
    tree = Tree(seed)
    source = tree.source()
    (tmp_path / "random.dts").write_text(source)
    (tmp_path / "base.dtsi").write_text((ROOT / "tests/refuse/base.dtsi").read_text())
    (tmp_path / "images").mkdir()
    make_image("", tmp_path / "images")
    compile_tree(tmp_path / "random.dts", tmp_path)
    done = ptc_build(tmp_path, tmp_path / "images")
    assert done.returncode == 0, done.stderr
    made = Made((tmp_path / "gen/table.c").read_text(), source)
    assert sorted(made.order) == sorted(tree.nodes)
    for check in (check_numbers, check_requesters, check_view, check_memory, check_written):
        check(tree, made)


def reached(text, symbol, level=1, base=0):
    """I/O address -> the word of its leaf, of every leaf below a table of tables.S."""
    block = re.search(rf"^{symbol}:\n(.*?)(?:\n\n|\Z)", text, re.M | re.S).group(1)
    leaves, idx = {}, 0
    for directive, word in re.findall(r"\.(skip|quad)\t(.*)", block):
        at = base + (idx << 39 - 9 * level)
        if directive == "skip":
            idx += int(word.removeprefix("8 * "))
            continue
        idx += 1
        if word.startswith("0x"):
            leaves[at] = int(word, 16)
        else:
            leaves |= reached(text, word.split()[0], level + 1, at)
    assert idx == 512
    return leaves


@pytest.mark.parametrize("msis", [["old1"], ["old2"], ["old1", "old2"]])
def test_doorbell_of_one_requester(msis, tmp_path):
    """
    Functions that the IOMMU cannot tell apart have one stream, and a doorbell
    that one of them has is in it; to the ITS they are one device.
    """
    source = '#include "bridges.dtsi"\n' + "".join(
        f"&{name} {{ {'msi = <0x40 1 MSI_64>' if name in msis else '/delete-property/ msi'}; }};\n"
        for name in ("old1", "old2"))
    (tmp_path / "random.dts").write_text(source)
    for name in ("base.dtsi", "two.dtsi", "bridges.dtsi"):
        (tmp_path / name).write_text((ROOT / "tests/refuse" / name).read_text())
    (tmp_path / "images").mkdir()
    make_image("", tmp_path / "images")
    compile_tree(tmp_path / "random.dts", tmp_path)
    done = ptc_build(tmp_path, tmp_path / "images")
    assert done.returncode == 0, done.stderr
    tables = (tmp_path / "gen/tables.S").read_text()
    streams = re.findall(r"// stream 0x600: .*\n\t\.quad\t0x\w+, 0x\w+, 0x\w+, (\w+),", tables)
    assert len(streams) == 1
    leaves = reached(tables, streams[0])
    assert {at for at in leaves if at < 0x90000000} == {0x8010000}
    assert leaves[0x8010000] & 0xFFFFFFFFF000 == 0x8090000
    assert len([at for at in leaves if 0x90000000 <= at < 0x90010000]) == 16 == len(leaves) - 1
    commands = [int(word, 16) for word in re.findall(r"\.quad\t(0x\w+), .*// MAP", tables)]
    assert sorted(word for word in commands if word >> 32 == 0x600) == [0x600 << 32 | 8] + len(msis) * [0x600 << 32 | 10]
    table = (tmp_path / "gen/table.c").read_text()
    assert len(re.findall(r"\.has_doorbell = true", table)) == 3
    assert len(re.findall(r"\t\{ 2, \d \},", table.split("lpis[] = ")[1].split("};")[0])) == len(msis)
