# SPDX-License-Identifier: Apache-2.0
"""
What ptc says of wrong tables. One .dts file a mistake, named after it; files
named accepted-* lie on the right side of a boundary and must build. Lines of a
case that this reads:

    // expect: REGEX      a line that ptc must print, to its end or to the number of the rule; every error, warning and
                          note that it prints must be expected.
                          `<label>:` and `<label.property>:` stand for the place of that label
                          of base.dtsi, two.dtsi, bridges.dtsi or the board, or of a node listed in UNLABELLED
    // allowed: REGEX     in bridges.dtsi: a warning that its cases may print, if they come to print any
    // table: REGEX       what table.c must have somewhere, if the case is accepted
    // image-size: N      bytes of image.bin; 4096 unless it says otherwise
    // image: PATH        another name for image.bin, relative to the folder of images
    // no-image           there is no such file
    // image-is-folder    there is a folder of that name
    // built: NAME        a program of that name is built, 4096 bytes of it
    // not-built: NAME    it should be, but is not there

Run with /usr/bin/python3 -m pytest tests/refuse; PTC= names another compiler, such as one with sanitizers.
"""
import json
import json
import os
import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
PTC = os.path.abspath(os.path.join(ROOT, os.environ.get("PTC", "build/host/ptc")))
BUDGETS = ["24", "16", "12"]
OUTPUTS = 8  # files that `ptc build` writes
BASE = ["tests/refuse/bridges.dtsi", "tests/refuse/two.dtsi", "tests/refuse/base.dtsi", "platform/qemu-virt-arm64/board.dtsi"]
# Nodes of the board without a label, as cases name them.
UNLABELLED = {
    "root": r"^/ \{",
    "chosen": r"\schosen \{",
    "memory": r"\smemory@",
    "bootloader": r"\sbootloader@40000000 ",
    "hypervisor": r"\shypervisor@",
    "timer": r"\stimer \{",
    "flash_partitions": r"\spartitions \{",
    "env": r"\spartition@0 \{",
}
# ptc keeps its memory until it ends; what a sanitizer finds is no refusal.
ENVIRONMENT = os.environ | {"ASAN_OPTIONS": "detect_leaks=0:exitcode=99", "UBSAN_OPTIONS": "exitcode=99"}
CASES = sorted(HERE.glob("*.dts"))
RAISED = {}  # numbers of rules by test, for test_rules.py
SAID = set()  # messages, for it too


def run(*command, cwd=ROOT):
    done = subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True, errors="replace",
                          env=ENVIRONMENT, timeout=60)
    test = re.search(r"::(?:test_table\[(.*)\]|(\w+))", os.environ.get("PYTEST_CURRENT_TEST", "::none"))
    SAID.update(re.findall(r": (?:error|warning): (.*?)(?: \[[RW]\d+\])?$", done.stderr, re.M))
    RAISED.setdefault(test[1] or test[2], set()).update(re.findall(r"\[([RW]\d+)\]$", done.stderr, re.M))
    return done


def tool(*command, cwd=ROOT):
    done = run(*command, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return done


def compile_tree(table, out, cwd=ROOT, force=()):
    """As mk/table.mk does it: OUT/table.dtb and OUT/table.lines."""
    tool("cpp", "-nostdinc", "-undef", "-D__DTS__", "-x", "assembler-with-cpp", "-I", "platform", "-I", "partitions",
         "-MD", "-MF", f"{out}/table.d", "-MT", "table", "-MP", table, "-o", f"{out}/table.pp.dts", cwd=cwd)
    tool("dtc", "-q", *force, "-I", "dts", "-O", "dtb", "-o", f"{out}/table.dtb", f"{out}/table.pp.dts", cwd=cwd)
    tool("dtc", "-q", *force, "-I", "dts", "-O", "dts", "--annotate", "--annotate", "-o", f"{out}/table.lines",
         f"{out}/table.pp.dts", cwd=cwd)


def ptc_build(tmp, *images, tree="table.dtb", lines="table.lines", cwd=ROOT):
    """`images` as in ptc's command line: name=path, or a folder."""
    (Path(cwd) / tmp / "gen").mkdir()
    return run(PTC, "build", f"{tmp}/{tree}", f"{tmp}/{lines}", f"{tmp}/gen", *BUDGETS, f"{tmp}/mullion.bin", *images,
               cwd=cwd)


def ptc_headers(tmp, tree="table.dtb", lines="table.lines", cwd=ROOT):
    (Path(cwd) / tmp / "pd").mkdir()
    return run(PTC, "headers", f"{tmp}/{tree}", f"{tmp}/{lines}", f"{tmp}/pd", cwd=cwd)


def option(text, name):
    found = re.search(rf"^// {name}(?:: (.*))?$", text, re.M)
    return found and (found.group(1) or "yes")


def make_image(text, folder):
    image = folder / (option(text, "image") or "image.bin")
    if option(text, "no-image"):
        return
    image.parent.mkdir(parents=True, exist_ok=True)
    if option(text, "image-is-folder"):
        image.mkdir()
        return
    image.touch()
    os.truncate(image, int(option(text, "image-size") or "4096", 0))


def make_built(text, folder):
    """The name=path that the build would give ptc."""
    missing = option(text, "not-built")
    name = missing or option(text, "built")
    if not name:
        return []
    program = folder / "program"
    if not missing:
        program.write_bytes(bytes(4096))
    return [f"{name}={program}"]


def place(match):
    """path:line of a label's node, or of a property in it."""
    label, _, prop = match.group(1).partition(".")
    node = UNLABELLED.get(label, rf"(^|\s){label}: ")
    for path in reversed(BASE) if label in UNLABELLED else BASE:
        lines = (ROOT / path).read_text().split("\n")
        for start, line in enumerate(lines):
            if not re.search(node, line):
                continue
            at = start
            while prop and not re.search(rf"(^|\s){re.escape(prop)} = ", lines[at]):
                at += 1
            return f"^{path}:{at + 1}:"
    raise AssertionError(f"no label {label}")


def expectations(text, word="expect"):
    lines = re.findall(rf"^// {word}: (.*)$", text, re.M)
    return [re.sub(r"<([a-z0-9_]+(?:\.[a-z#-]+)?)>:", place, line) for line in lines]


def allowances(text):
    return expectations((HERE / "bridges.dtsi").read_text(), "allowed") if '"bridges.dtsi"' in text else []


def is_said(regex, line):
    """The message to its end, remedy and all, but for the number of its rule."""
    return re.search(rf"(?:{regex})(?: \[[RW]\d+\])?$", line)


def check_messages(expected, allowed, stderr):
    """Each that is expected, and no other; notes too, which name the other party, but those of allowed warnings."""
    lines = stderr.split("\n")
    for regex in expected:
        assert any(is_said(regex, line) for line in lines), f"nobody said: {regex}\n{stderr}"
    is_allowed = False
    for line in lines:
        kind = re.search(r": (error|warning|note): ", line)
        if not kind:
            continue
        is_expected = any(is_said(regex, line) for regex in expected)
        if kind[1] != "note":
            is_allowed = kind[1] == "warning" and any(is_said(regex, line) for regex in allowed)
        assert is_expected or is_allowed, f"not expected: {line}"


def check_refused(done, gen):
    assert done.returncode == 1, f"exit code {done.returncode}\n{done.stderr}"
    assert not done.stdout
    assert "internal" not in done.stderr
    for line in done.stderr.splitlines():
        assert re.match(r"ptc: |.*: (error|warning|note): ", line), f"a message is one line: {line!r}"
    assert not list(gen.iterdir())


def check_compiles(tmp):
    """What ptc wrote is C, assembly and JSON, whatever the names and strings of the table are."""
    for header in (tmp / "pd").iterdir():
        unit = tmp / "unit.c"
        unit.write_text("const char args[] = PD_BOOTARGS; const int timer = PD_TIMER_INTID;\n")
        tool("gcc", "-std=c11", "-Wall", "-Werror", "-c", "-include", header, unit, "-o", tmp / "unit.o")
    tool("gcc", "-std=c11", "-Wall", "-Werror", "-Ihv/include", "-c", tmp / "gen/table.c", "-o", tmp / "table.o")
    tool("gcc", "-c", tmp / "gen/tables.S", "-o", tmp / "tables.o")
    for name in ("mullion.bin", "image.bin"):
        (tmp / name).touch()
    tool("dtc", "-q", "-I", "dts", "-O", "dtb", "-o", tmp / "image.dtb", tmp / "gen/image.its")
    json.loads((tmp / "gen/report.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("table", CASES, ids=lambda path: path.stem)
def test_table(table, tmp_path):
    text = table.read_text()
    accepted = table.name.startswith("accepted-")
    expected = expectations(text)
    images = tmp_path / "images"
    images.mkdir()
    make_image(text, images)
    compile_tree(table.relative_to(ROOT), tmp_path)
    headers = ptc_headers(tmp_path)
    assert headers.returncode in ((0,) if accepted else (0, 1)), headers.stderr
    done = ptc_build(tmp_path, *make_built(text, tmp_path), images)
    check_messages(expected, allowances(text), done.stderr)
    if accepted:
        assert done.returncode == 0, done.stderr
        assert len(list((tmp_path / "gen").iterdir())) == OUTPUTS
        for regex in re.findall(r"^// table: (.*)$", text, re.M):
            assert re.search(regex, (tmp_path / "gen/table.c").read_text()), f"table.c has no {regex}"
        check_compiles(tmp_path)
    else:
        assert expected
        check_refused(done, tmp_path / "gen")
        assert "nothing was built" in done.stderr


@pytest.fixture
def base(tmp_path):
    """The accepted table, compiled, with its image: to be spoilt."""
    (tmp_path / "images").mkdir()
    make_image("", tmp_path / "images")
    compile_tree("tests/refuse/accepted-base.dts", tmp_path)
    return tmp_path


def check_spoilt(base, regex, **files):
    done = ptc_build(base, base / "images", **files)
    check_refused(done, base / "gen")
    assert re.search(regex, done.stderr), done.stderr


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


def test_memreserve(base):
    """A reservation that nothing would honour."""
    source = (base / "table.pp.dts").read_text().replace("/dts-v1/;", "/dts-v1/;\n/memreserve/ 0x50000000 0x1000;", 1)
    (base / "table.pp.dts").write_text(source)
    tool("dtc", "-q", "-I", "dts", "-O", "dtb", "-o", base / "table.dtb", base / "table.pp.dts")
    check_spoilt(base, r"error: /memreserve/ of 0x50000000 would be ignored; say it as a node of /reserved-memory")


def figures(base):
    return dict(line.split("=", 1) for line in (base / "gen/figures").read_text().splitlines())


def test_built_image_comes_first(base):
    """Whatever lies beside the table, and wherever the folder stands in the command line."""
    built = base / "program"
    built.write_bytes(bytes(8192))
    done = ptc_build(base, base / "images", f"other.bin={base}/none", f"image.bin={built}")
    assert done.returncode == 0, done.stderr
    assert figures(base)["STORE_LOADS"].endswith(f":{built}")
    assert json.loads((base / "gen/report.json").read_text())["pds"][0]["image"]["size"] == 0x2000


def test_built_image_is_folder(base):
    done = ptc_build(base, f"image.bin={base}/images", base / "images")
    check_refused(done, base / "gen")
    assert re.search(r"base\.dtsi:\d+: error: .*/images is no file", done.stderr), done.stderr


def test_folder_with_equals_sign(base):
    """A folder that begins with / is none of the built images."""
    folder = base / "image.bin=x"
    shutil.copytree(base / "images", folder)
    done = ptc_build(base, folder)
    assert done.returncode == 0, done.stderr
    assert figures(base)["STORE_LOADS"].endswith(f":{folder}/image.bin")


def test_images_for_make(base):
    """An image that changed, or went, is work for make; one that nobody can make is no error of make."""
    image = base / "images/image.bin"
    done = ptc_build(base, base / "images")
    assert done.returncode == 0, done.stderr
    assert (base / "gen/images.d").read_text() == f"{base}/gen/table.c: {image}\n{image}:\n"
    (base / "Makefile").write_text(f"{base}/gen/table.c:\n\t@echo again\n-include {base}/gen/images.d\n")
    table = (base / "gen/table.c").stat().st_mtime
    os.utime(image, (table - 1, table - 1))
    assert "again" not in tool("make", cwd=base).stdout
    os.utime(image, (table + 1, table + 1))
    assert tool("make", cwd=base).stdout == "again\n"
    image.unlink()
    assert tool("make", cwd=base).stdout == "again\n"


def test_counts_in_words(base):
    """One of a thing is not some of it."""
    done = ptc_build(base, base / "images")
    assert re.fullmatch(r"1 PD, 3 regions, 1 function, \d+\+\d+ tables\n", done.stdout)


def test_string_without_end(base):
    blob = (base / "table.dtb").read_bytes()
    assert blob.count(b"image.bin\0") == 1
    (base / "table.dtb").write_bytes(blob.replace(b"image.bin\0", b"image.bin!"))
    check_spoilt(base, r"base\.dtsi:\d+: error: 'file' must be one string, not empty")


def test_same_bytes(tmp_path):
    """Two folders, the same relative paths: the same bytes, report and PD headers included."""
    made = []
    for name in ("here", "elsewhere/deeper"):
        folder = tmp_path / name
        for path in [*BASE, "tests/refuse/accepted-base.dts", "partitions/bindings/table.h"]:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, folder / path)
        (folder / "build").mkdir()
        make_image("", folder)
        compile_tree("tests/refuse/accepted-base.dts", "build", cwd=folder)
        assert ptc_headers("build", cwd=folder).returncode == 0
        done = ptc_build("build", ".", cwd=folder)
        assert done.returncode == 0, done.stderr
        files = sorted(path for path in (folder / "build").rglob("*") if path.is_file())
        made.append({str(path.relative_to(folder)): path.read_bytes() for path in files} | {"stdout": done.stdout})
    assert len(made[0]) == 1 + OUTPUTS + 1 + 4
    assert made[0] == made[1]
