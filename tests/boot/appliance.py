# SPDX-License-Identifier: Apache-2.0
"""A built appliance: its symbols, its board and what its table declares, from the files that the build left."""
import re
import subprocess
from pathlib import Path

from elftools.elf.elffile import ELFFile

TOP = Path(__file__).resolve().parents[2]
PAGE = 0x1000


class Window:
    def __init__(self, iova, end, pa, rights):
        self.iova, self.size, self.pa, self.rights = iova, end - iova + 1, pa, rights


class Region:
    def __init__(self, name, ipa, end, pa):
        self.name, self.ipa, self.size, self.pa = name, ipa, end - ipa + 1, pa


class Appliance:
    def __init__(self, build, table, options=(), config="qemu-virt-arm64_first-light_defconfig"):
        self.top, self.build = TOP, Path(build)
        self.make_words = ["make", "-C", str(TOP), "--no-print-directory", f"O={self.build}", f"TABLE={table}", *options]
        self.make(config)
        self.make("all")
        for boot in ("u-boot", "kernel"):
            self.command_line(boot)
        with open(self.build / "mullion.elf", "rb") as file:
            table = ELFFile(file).get_section_by_name(".symtab")
            self.symbols = {symbol.name: symbol["st_value"] for symbol in table.iter_symbols()}
        self.nodes = {}                 # paths by compatible, once asked for
        self.report = (self.build / "report.txt").read_text()

    def make(self, *targets):
        result = subprocess.run([*self.make_words, *targets], capture_output=True, text=True)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def command_line(self, boot):
        return self.make(f"BOOT={boot}", "qemu-cmdline").splitlines()[-1]

    def symbol(self, name):
        return self.symbols[name]

    def _fdtget(self, *words):
        return subprocess.run(["fdtget", *words], capture_output=True, text=True).stdout.splitlines()

    def _paths(self, parent=""):
        for name in self._fdtget("-l", str(self.build / "table.dtb"), parent or "/"):
            yield f"{parent}/{name}"
            yield from self._paths(f"{parent}/{name}")

    def reg(self, compatible, idx=0):
        """Address and size of the board's node with this compatible."""
        if not self.nodes:
            for path in self._paths():
                for names in self._fdtget(str(self.build / "table.dtb"), path, "compatible"):
                    self.nodes.update(dict.fromkeys(names.split(), path))
        return self.node_reg(self.nodes[compatible], idx)

    def node_reg(self, path, idx=0):
        cells = self._fdtget("-t", "x", str(self.build / "table.dtb"), path, "reg")[0].split()
        address_high, address, size_high, size = (int(cell, 16) for cell in cells[4 * idx:4 * idx + 4])
        return address_high << 32 | address, size_high << 32 | size

    def ram(self):
        """The board has one range of it."""
        return self.node_reg("/memory@40000000")

    def console(self):
        """Address and size of the UART that /chosen names."""
        return self.node_reg(self._fdtget(str(self.build / "table.dtb"), "/chosen", "stdout-path")[0])

    def config_page(self, bus, device, function=0):
        return self.reg("pci-host-ecam-generic")[0] + (bus << 20 | device << 15 | function << 12)

    def windows(self):
        found = re.findall(r"reaches +I/O (\w+)-(\w+) -> host (\w+)-\w+ (\S+)", self.report)
        return [Window(int(a, 16), int(b, 16), int(c, 16), rights) for a, b, c, rights in found]

    def windows_by_stream(self):
        """With the page of MSIs, which a function only writes."""
        windows = {}
        for text in re.split(r"^  function ", self.report, flags=re.M)[1:]:
            found = re.findall(r"(?:reaches|doorbell) +I/O (\w+)-(\w+) -> host (\w+)\S* +(?:(\S+)  )?", text)
            stream = int(re.search(r"stream (\w+)", text)[1], 0)
            windows[stream] = [Window(int(a, 16), int(b, 16), int(c, 16), rights or "-w-") for a, b, c, rights in found]
        return windows

    def regions(self):
        found = re.findall(r"region +PD +(\w+)-(\w+) -> host (\w+)-\w+ \S+ +(\S+)", self.report)
        return {name: Region(name, int(a, 16), int(b, 16), int(c, 16)) for a, b, c, name in found}

    def host_memory(self, owner):
        """Base and size of the line of the report's memory map that ends with `owner`."""
        line = re.search(rf"^  (\w+)-(\w+) .*KiB  {re.escape(owner)}", self.report, re.M)
        base, end = int(line[1], 16), int(line[2], 16)
        return base, end - base + 1
