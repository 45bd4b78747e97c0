# SPDX-License-Identifier: Apache-2.0
"""What the refuse tests share: ptc run as the build runs it, and what of its answers is kept for test_rules.py."""
import json
import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
PTC = os.path.abspath(os.path.join(ROOT, os.environ.get("PTC", "build/host/ptc")))
BUDGETS = ["24", "16", "12"]
OUTPUTS = 8  # files that `ptc build` writes, but for PDs' device trees
BASE = [*(f"tests/refuse/{name}.dtsi" for name in ("guest", "bridges", "two", "base")),
        "platform/qemu-virt-arm64/board.dtsi"]
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


def check_spoilt(base, regex, **files):
    done = ptc_build(base, base / "images", **files)
    check_refused(done, base / "gen")
    assert re.search(regex, done.stderr), done.stderr
