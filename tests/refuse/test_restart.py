# SPDX-License-Identifier: Apache-2.0
"""What a restart may write, leaf by leaf of tables.S, and what the reports say of it: of accepted-restart.dts."""
import json
import re
import sys

import pytest

from harness import ROOT, compile_tree, make_image, ptc_build

sys.path.insert(0, str(ROOT / "partitions/report"))
import difference  # noqa: E402: the folder is no package
import page  # noqa: E402
import text  # noqa: E402

PAGE, MIB = 0x1000, 1 << 20
NORMAL_RW, NORMAL_R, DEVICE_RW = (False, True), (False, False), (True, True)     # (device, writable)
ECAM = 0x4010000000
DEVICE_INDEX = 1        # of memory types: enum vmsa_memory, hv/arch/arm64/include/arch/vmsa.h


@pytest.fixture(scope="module")
def gen(tmp_path_factory):
    folder = tmp_path_factory.mktemp("restart")
    (folder / "images").mkdir()
    make_image("", folder / "images")
    compile_tree("tests/refuse/accepted-restart.dts", folder)
    done = ptc_build(folder, folder / "images")
    assert done.returncode == 0, done.stderr
    return folder / "gen"


def leaves(tables, symbol, level, base=0):
    """(address, size, word) of every leaf below a table."""
    block = re.search(rf"^{symbol}:\n(.*?)(?:\n\n|\Z)", tables, re.M | re.S)[1]
    idx = 0
    for directive, word in re.findall(r"\.(skip|quad)\t(.*)", block):
        at = base + (idx << 39 - 9 * level)
        if directive == "skip":
            idx += int(word.removeprefix("8 * "))
            continue
        idx += 1
        if word.startswith("0x"):
            yield at, 1 << 39 - 9 * level, int(word, 16)
        else:
            yield from leaves(tables, word.split()[0], level + 1, at)


def map_of(gen, root):
    """Address of each leaf -> its size and word."""
    tables = (gen / "tables.S").read_text()
    symbol = re.search(rf"\.set {root}, (\w+)", tables)[1]
    level = int(re.search(r"_l(\d)_", symbol)[1])
    return {at: (size, word) for at, size, word in leaves(tables, symbol, level)}


def extra(gen, cpu):
    """What the reload map has besides the run map, page by page: host address -> kind. The run map is in it as it is."""
    run, reload = map_of(gen, f"run_root_{cpu}"), map_of(gen, f"reload_root_{cpu}")
    assert run and run.items() <= reload.items()
    found = {}
    for at in reload.keys() - run.keys():
        size, word = reload[at]
        assert word & 0xFFFFFFFFF000 & -size == at
        kind = (word >> 2 & 7) == DEVICE_INDEX, not word >> 7 & 1
        assert word >> 54 & 1, "nothing of it is code"
        found |= {page: kind for page in range(at, at + size, PAGE)}
    return found


def pages(base, size, kind):
    return dict.fromkeys(range(base, base + size, PAGE), kind)


@pytest.mark.parametrize("cpu, label, bar, port", [(3, "one", 0x10500000, 3 << 3), (2, "two", 0x10600000, 5 << 8)])
def test_reload_map(gen, cpu, label, bar, port):
    """Own memory but what is shared, the store to read, the BAR that is written, and the port that resets its bus."""
    report = json.loads((gen / "report.json").read_text())
    pd = next(pd for pd in report["pds"] if pd["label"] == label)
    needed = pages(bar, MIB, DEVICE_RW) | pages(ECAM + (port << 12), PAGE, DEVICE_RW)
    for region in pd["regions"]:
        if not region["shared"]:
            needed |= pages(region["host"], region["size"], NORMAL_RW)
    for image in pd["images"]:
        needed |= pages(image["store"], image["size"], NORMAL_R)
    assert extra(gen, cpu) == needed


def test_only_first_cpus_have_one(gen):
    assert sorted(re.findall(r"\.set (reload_root_\d+)", (gen / "tables.S").read_text())) == [
        "reload_root_2", "reload_root_3"]


def test_report(gen):
    report = json.loads((gen / "report.json").read_text())
    lines = "\n".join(text.text(report))
    assert "  faults    DMA: restart; crash: restart\n  restart   3 times within 60 seconds\n" in lines
    assert "  restart   1 time since boot\n" in lines
    assert "  watchdog  virtual SBSA watchdog at PD 0000a0000000, interrupt 32\n" in lines
    assert "  interrupts 32 watchdog, 33 console, 34 MSI;" in lines
    assert re.findall(r"    reset     (.*)", lines) == [
        "by writes to its BARs; drained after 7 us", "with its bus, by the port above; drained after 100000 us",
        "FLR; drained after 100000 us", "by writes to its BARs; drained after 200000 us",
        *["with its bus, by the port above; drained after 100000 us"] * 2]
    shown = dict(page.sections(report | {"budgets": [], "digests": {}}))
    assert "restart: 3 times within 60 seconds" in shown["Protection domains"] and "watchdog" in shown["Interrupts"]
    after = json.loads((gen / "report.json").read_text())
    del after["pds"][1]["restart"]
    assert list(difference.difference(report, after)) == [
        "- PD two restarts: 1 time since boot", "+ PD two restarts: never"]
