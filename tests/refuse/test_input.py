# SPDX-License-Identifier: Apache-2.0
"""What ptc says of input that no table is at fault for: trees that dtc did not make, options, folders."""
import random
import re
import shutil

import pytest

from harness import BUDGETS, HERE, PTC, check_compiles, check_spoilt, compile_tree, ptc_build, ptc_headers, run, tool


@pytest.mark.parametrize("keep", [0, 1, 4, 39, 40, 100, 1000, -1, -4])
def test_truncated_tree(base, keep):
    blob = (base / "table.dtb").read_bytes()
    (base / "table.dtb").write_bytes(blob[:keep])
    check_spoilt(base, r"^ptc: error: .*table\.dtb is no device tree: FDT_ERR_TRUNCATED")


def test_random_tree(base):
    (base / "table.dtb").write_bytes(random.Random(1).randbytes(4096))
    check_spoilt(base, r"^ptc: error: .*table\.dtb is no device tree: FDT_ERR_BADMAGIC")


def test_random_tree_with_magic(base):
    (base / "table.dtb").write_bytes(b"\xd0\x0d\xfe\xed" + random.Random(2).randbytes(4092))
    check_spoilt(base, r"^ptc: error: .*table\.dtb is no device tree: ")


@pytest.mark.parametrize("table", ["accepted-base", "accepted-bridges", "accepted-device", "accepted-shared"])
def test_spoilt_bytes(base, table):
    """Whatever a byte of the tree becomes: an answer, not a crash."""
    compile_tree(f"tests/refuse/{table}.dts", base)
    blob = (base / "table.dtb").read_bytes()
    dice = random.Random(3)
    (base / "gen").mkdir()
    for _ in range(200):
        spoilt = bytearray(blob)
        for _ in range(dice.randint(1, 4)):
            spoilt[dice.randrange(len(spoilt))] = dice.choice([0, 1, 0x7F, 0x80, 0xFF, dice.randrange(256)])
        (base / "spoilt.dtb").write_bytes(spoilt)
        done = run(PTC, "build", base / "spoilt.dtb", base / "table.lines", base / "gen", *BUDGETS, "x",
                   base / "images")
        assert done.returncode in (0, 1) and "internal" not in done.stderr, done.stderr
        assert done.returncode == 0 or "error: " in done.stderr


def test_missing_tree(base):
    check_spoilt(base, r"^ptc: error: cannot read .*none\.dtb: No such file", tree="none.dtb")


def test_folder_for_tree(base):
    check_spoilt(base, r"^ptc: error: cannot read .*images: it is no file", tree="images")


def test_missing_lines(base):
    check_spoilt(base, r"^ptc: error: cannot read .*none\.lines: No such file", lines="none.lines")


def test_missing_output(base):
    done = run(PTC, "build", base / "table.dtb", base / "table.lines", base / "none", *BUDGETS, "x", base / "images")
    assert done.returncode == 1
    assert re.search(r"^ptc: error: cannot write .*none/tables\.S: No such file", done.stderr)


@pytest.mark.parametrize("budget", ["0", "2", "1028", "-4", "", "4x", "99999999999999999999"])
def test_budget(base, budget):
    done = run(PTC, "build", base / "table.dtb", base / "table.lines", base, budget, "16", "12", "x", base / "images")
    assert done.returncode == 1
    assert f"ptc: error: budget '{budget}' must be a multiple of 4 from 4 to 1024 (KiB)" in done.stderr


@pytest.mark.parametrize("words", [[], ["build"], ["headers", "x"], ["other", "a", "b", "c"]])
def test_usage(words):
    done = run(PTC, *words)
    assert done.returncode == 1
    assert done.stderr.startswith("ptc: error: usage: ptc headers TREE LINES OUT")


GARBAGE = {
    "empty": b"",
    "random": random.Random(4).randbytes(65536),
    "zeros": bytes(4096),
    "no-end": b"/ {",
    "comment": b"/* */\n/* \n */\n/*  */\n/* , */\n/* - */\n/* : */\n/* x:1:1-1: */",
    "braces": b"{\n" * 50000,
    "closed": b"};\n" * 1000,
    "deep": b"node {\n" * 20000,
    "no-place": b"/ { /* <no-file>:<no-line> */\n\tmodel = \"\"; /* , , , */\n};",
    "comment-end": b"/ {\n\tcpus {\n\t\tcpu@0 { /* x*/y:1:2-3:4 */\n\t\t};\n\t};\n};",
}


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_lines(base, name):
    """Without lines, messages name paths, and everything still builds."""
    (base / "table.lines").write_bytes(GARBAGE[name])
    assert ptc_headers(base).returncode == 0
    done = ptc_build(base, base / "images")
    assert done.returncode == 0, done.stderr
    assert "/* /cpus/cpu@0 */" in (base / "gen/table.c").read_text()
    check_compiles(base)


def test_error_without_lines(base):
    compile_tree("tests/refuse/region-access-missing.dts", base)
    (base / "table.lines").write_bytes(b"")
    check_spoilt(base, r"^/partitions/one/data@80200000: error: data@80200000 lacks the property 'access'")


@pytest.mark.parametrize("name", ["o/e", "o\"e", "o\\e", "../", "..\n", "o*/", "o e", "on\xff", "\0ne"])
def test_name_that_dtc_does_not_make(base, name):
    """A tree from elsewhere: names go into C, assembly and file names."""
    blob = (base / "table.dtb").read_bytes()
    assert blob.count(b"\0\0\0\1one\0") == 1
    (base / "table.dtb").write_bytes(blob.replace(b"\0\0\0\1one\0", b"\0\0\0\1" + name.encode("latin-1") + b"\0"))
    check_spoilt(base, r"node name '|is no device tree")


def test_name_of_board_node(base):
    """It would end a comment of the generated C."""
    blob = (base / "table.dtb").read_bytes()
    (base / "table.dtb").write_bytes(blob.replace(b"cpu@0\0", b"cpu*/\0"))
    check_spoilt(base, r"error: node name 'cpu\*/': it takes letters, digits and any of")


def test_phandle_twice(base):
    table = base / "twice.dts"
    table.write_text('#include "base.dtsi"\n&io { phandle = <77>; };\n&data { phandle = <77>; };\n')
    shutil.copy(HERE / "base.dtsi", base)
    compile_tree(table, base, force=["-f"])
    check_spoilt(base, r"base\.dtsi:\d+: error: io@90000000 has the phandle 0x4d, which is not its own; let dtc choose "
                       r"it \[R102\]\n.*base\.dtsi:\d+: note: it is this node's")


def test_image_twice(base):
    """dtc merges nodes of one name."""
    table = base / "twice.dts"
    table.write_text('#include "base.dtsi"\n&pd { other { file = "image.bin"; load = <0 0>; }; };\n')
    shutil.copy(HERE / "base.dtsi", base)
    compile_tree(table, base)
    blob = (base / "table.dtb").read_bytes()
    assert blob.count(b"\0\0\0\1other\0") == 1
    (base / "table.dtb").write_bytes(blob.replace(b"\0\0\0\1other\0", b"\0\0\0\1image\0"))
    check_spoilt(base, r"error: one has two images; take one away \[R356\]\n.*note: the first is here")


def test_partitions_in_front(base):
    """libfdt would take it for /partitions, since it comes first."""
    front = '/dts-v1/;\n/ { partitions@1 { compatible = "mullion,partitions"; }; };'
    (base / "table.pp.dts").write_text((base / "table.pp.dts").read_text().replace("/dts-v1/;", front, 1))
    tool("dtc", "-q", "-I", "dts", "-O", "dtb", "-o", base / "table.dtb", base / "table.pp.dts")
    check_spoilt(base, r"error: partitions@1 would be ignored, /partitions alone is read; join them, or rename it \[R105\]\n"
                       r"ptc: 1 error")


def test_memreserve(base):
    """A reservation that nothing would honour."""
    source = (base / "table.pp.dts").read_text().replace("/dts-v1/;", "/dts-v1/;\n/memreserve/ 0x50000000 0x1000;", 1)
    (base / "table.pp.dts").write_text(source)
    tool("dtc", "-q", "-I", "dts", "-O", "dtb", "-o", base / "table.dtb", base / "table.pp.dts")
    check_spoilt(base, r"error: /memreserve/ of 0x50000000 would be ignored; say it as a node of /reserved-memory")


def test_string_without_end(base):
    blob = (base / "table.dtb").read_bytes()
    assert blob.count(b"image.bin\0") == 1
    (base / "table.dtb").write_bytes(blob.replace(b"image.bin\0", b"image.bin!"))
    check_spoilt(base, r"base\.dtsi:\d+: error: 'file' must be one string, not empty; found 10 bytes without an end")
