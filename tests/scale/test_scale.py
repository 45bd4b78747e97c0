# SPDX-License-Identifier: Apache-2.0
"""ptc stays within its budget at 10,000 windows, whatever they are made of, and with a mistake in each of 10,000 regions."""
import os
import subprocess
from pathlib import Path

import pytest
import scale

PTC = Path(os.environ.get("PTC", scale.TOP / "build/host/ptc")).resolve()
WINDOWS = 10000


@pytest.fixture(scope="module")
def many_regions(tmp_path_factory):
    """Compiled once: dtc takes its time."""
    folder = tmp_path_factory.mktemp("regions")
    text, *_, windows = scale.table("regions", WINDOWS)
    assert windows == WINDOWS
    scale.compile_tree(text, folder)
    return folder


def check_budget(seconds, mib):
    assert seconds < scale.SECONDS_MAX, f"{seconds:.2f} s of CPU time"
    assert mib < scale.MIB_MAX, f"{mib:.0f} MiB"


def test_region_for_each_window(many_regions):
    check_budget(*scale.measure(PTC, many_regions))


def test_same_regions_for_all_functions():
    *_, windows, _, _, seconds, mib = scale.row(PTC, "windows", WINDOWS)
    assert windows >= WINDOWS
    check_budget(seconds, mib)


@pytest.mark.parametrize("good, bad", [
    # The size, and the mark of the next property.
    pytest.param(b"\0\0\x10\0\0\0\0\3", b"\x40\0\0\0\0\0\0\3", id="all-overlap"),
    pytest.param(b"rw\0\0", b"wx\0\0", id="all-misspelt"),
])
def test_mistake_everywhere(good, bad, many_regions, tmp_path):
    """A hundred errors are enough, and come soon."""
    board, own, partitions = (many_regions / "table.dtb").read_bytes().partition(b"mullion,partitions")
    assert partitions.count(good) >= WINDOWS
    (tmp_path / "table.dtb").write_bytes(board + own + partitions.replace(good, bad))
    (tmp_path / "table.lines").write_bytes((many_regions / "table.lines").read_bytes())
    with pytest.raises(RuntimeError, match="more than 100 errors; the others are not shown, and nothing was built"):
        scale.measure(PTC, tmp_path)
    lines = (tmp_path / "said").read_text().splitlines()
    assert sum(": error: " in line for line in lines) == 101
    assert not list((tmp_path / "gen").iterdir())


def test_measure_counts_work(tmp_path):
    """The figures are ptc's: a compiler that takes a second and 64 MiB more is seen to."""
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\npython3 -c 'b = bytearray(64 << 20); import time\nwhile time.process_time() < 1: pass'\n"
                    f'exec {PTC} "$@"\n')
    slow.chmod(0o755)
    scale.compile_tree(scale.table("regions", 100)[0], tmp_path)
    fast, slower = scale.measure(PTC, tmp_path), scale.measure(slow, tmp_path)
    assert slower[0] > fast[0] + 0.9 and slower[1] > 64


def test_curve_is_shown(tmp_path):
    """make scale: a line for each shape."""
    done = subprocess.run(["/usr/bin/python3", Path(__file__).with_name("scale.py"), PTC, tmp_path / "curve", "1000"],
                          capture_output=True, text=True, check=True)
    assert len(done.stdout.splitlines()) == 1 + sum(count <= 1000 for _, count in scale.SHAPES)
    assert (tmp_path / "curve").read_text() == done.stdout
