# SPDX-License-Identifier: Apache-2.0
"""The device tree that ptc makes for a PD: dtc and dt-validate accept it, and a fragment is in it."""
import json
import os
import struct
import subprocess
from pathlib import Path

import libfdt
import pytest

ROOT = Path(__file__).resolve().parents[2]
PTC = os.path.abspath(os.environ.get("PTC", ROOT / "build" / "host" / "ptc"))
WITH_MSI = "&edu { msi = <0x40 1 MSI_64>; };\n&pd { rtc { device = <&rtc>; }; };\n"
WITH_WATCHDOG = WITH_MSI + "&partitions { housekeeping = <&cpu7>; };\n&pd { watchdog = <0x0 0x0a800000>; };\n"
FRAGMENT = """&dtb { fragment {
	model = "Pump controller";
	chosen { bootargs = "quiet"; };
	leds { compatible = "gpio-leds"; alarm { label = "alarm"; }; };
}; };
"""


def tool(*command):
    done = subprocess.run([str(word) for word in command], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def build(folder, more):
    folder.mkdir()
    (folder / "gen").mkdir()
    (folder / "image.bin").write_bytes(bytes(4096))
    (folder / "table.dts").write_text(f'#include "guest.dtsi"\n{more}')
    tool("cpp", "-nostdinc", "-undef", "-D__DTS__", "-x", "assembler-with-cpp", "-I", "platform", "-I", "partitions",
         "-I", "tests/refuse", folder / "table.dts", "-o", folder / "table.pp.dts")
    tool("dtc", "-q", "-O", "dtb", "-o", folder / "table.dtb", folder / "table.pp.dts")
    tool("dtc", "-q", "-O", "dts", "--annotate", "--annotate", "-o", folder / "table.lines", folder / "table.pp.dts")
    tool(PTC, "build", folder / "table.dtb", folder / "table.lines", folder / "gen", "24", "16", "12", "mullion.bin", folder)
    return folder / "gen" / "one.dtb"


@pytest.fixture(scope="module")
def trees(tmp_path_factory):
    folder = tmp_path_factory.mktemp("guest")
    return {name: build(folder / name, more) for name, more in (("plain", ""), ("msi", WITH_MSI), ("fragment", FRAGMENT),
                                                              ("watchdog", WITH_WATCHDOG))}


# A tree that was compiled has phandles in place of references: dtc cannot tell the ones from numbers.
NO_REFERENCES = "-Wno-clocks_property", "-Wno-msi_parent_property"


@pytest.mark.parametrize("name", ["plain", "msi", "fragment", "watchdog"])
def test_the_fields_tools_accept_it(trees, name, tmp_path):
    source = tmp_path / "tree.dts"
    tool("dtc", "-q", "-I", "dtb", "-O", "dts", "-o", source, trees[name])
    assert tool("dtc", *NO_REFERENCES, "-O", "dtb", "-o", tmp_path / "tree.dtb", source) == ""
    assert tool("dt-validate", trees[name]) == ""


def test_dt_validate_sees(trees, tmp_path):
    broken = tmp_path / "broken.dtb"
    tree = libfdt.Fdt(trees["plain"].read_bytes())
    tree.resize(tree.totalsize() + 64)
    tree.setprop_u64(tree.path_offset("/chosen"), "linux,initrd-end", 1)
    broken.write_bytes(tree.as_bytearray())
    assert "initrd-end" in tool("dt-validate", broken)


def text(tree, path, name):
    return tree.getprop(tree.path_offset(path), name).as_str()


def test_fragment(trees):
    """It replaces what there is, adds what there is not, and leaves the rest."""
    plain, tree = (libfdt.Fdt(trees[name].read_bytes()) for name in ("plain", "fragment"))
    assert text(plain, "/", "model") == "Mullion PD one" and text(tree, "/", "model") == "Pump controller"
    assert text(plain, "/chosen", "bootargs") == "words" and text(tree, "/chosen", "bootargs") == "quiet"
    assert text(tree, "/leds", "compatible") == "gpio-leds" and text(tree, "/leds/alarm", "label") == "alarm"
    assert text(tree, "/chosen", "stdout-path") == text(plain, "/chosen", "stdout-path") == "/serial@9000000"


def test_watchdog(trees):
    """Its SPI is that of the PD's list, and no MSI's: interrupt 0 of the tree is INTID 32."""
    tree = libfdt.Fdt(trees["watchdog"].read_bytes())
    node = tree.path_offset("/watchdog@a800000")
    assert tree.getprop(node, "compatible").as_str() == "arm,sbsa-gwdt"
    assert struct.unpack(">4Q", tree.getprop(node, "reg")) == (0xA800000, 0x1000, 0xA801000, 0x1000)
    kind, number, flags = struct.unpack(">3I", tree.getprop(node, "interrupts"))
    spis = json.loads((trees["watchdog"].parent / "report.json").read_text())["pds"][0]["interrupts"]
    assert (kind, flags) == (0, 4)
    assert [spi for spi in spis if spi["intid"] == number + 32] == [{"intid": 32, "kind": "virtual", "of": "watchdog"}]
    plain = libfdt.Fdt(trees["plain"].read_bytes())
    assert plain.path_offset("/watchdog@a800000", quiet=[libfdt.NOTFOUND]) < 0


def test_devices_and_their_clock(trees):
    tree = libfdt.Fdt(trees["msi"].read_bytes())
    rtc = tree.path_offset("/rtc@9010000")
    clock = tree.node_offset_by_phandle(tree.getprop(rtc, "clocks").as_uint32())
    assert tree.getprop(clock, "compatible").as_str() == "fixed-clock"
    frame = tree.node_offset_by_phandle(tree.getprop(tree.path_offset("/pcie@4010000000"), "msi-parent").as_uint32())
    assert tree.getprop(frame, "compatible").as_str() == "arm,gic-v2m-frame"
