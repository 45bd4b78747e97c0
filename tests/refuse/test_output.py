# SPDX-License-Identifier: Apache-2.0
"""Which images ptc takes, and what it writes for the build."""
import json
import os
import re
import shutil
import struct

import pytest

from harness import BASE, OUTPUTS, ROOT, check_refused, compile_tree, make_image, ptc_build, ptc_headers, tool


def figures(base):
    return dict(line.split("=", 1) for line in (base / "gen/figures").read_text().splitlines())


def test_built_image_comes_first(base):
    """Whatever lies beside the table, and wherever the folder stands in the command line."""
    built = base / "program"
    built.write_bytes(bytes(8192))
    done = ptc_build(base, base / "images", f"other.bin={base}/none", f"image.bin={built}")
    assert done.returncode == 0, done.stderr
    assert figures(base)["STORE_LOADS"].endswith(f":{built}")
    assert json.loads((base / "gen/report.json").read_text())["pds"][0]["images"][0]["size"] == 0x2000


def kernel_image(text_offset, size):
    """The header of an arm64 Image (Linux, Documentation/arch/arm64/booting.rst), and no more."""
    return struct.pack("<8xQQ32xI4x", text_offset, size, 0x644D5241)


@pytest.mark.parametrize("text_offset, size, message", [
    (0, 0x200000, None),
    (0x1000, 0x1000, r"image\.bin is an arm64 Image: it is loaded 0x1000 above a multiple of 2 MiB, not at 0x80000000 \[R367\]"),
    (0, 0x200001, r"image\.bin is an arm64 Image that uses 0x200001 bytes from 0x80000000 on: no region of one has all of "
                  r"them; make one larger \[R368\]\n.*note: one is declared here"),
])
def test_kernel_image(tmp_path, text_offset, size, message):
    (tmp_path / "images").mkdir()
    (tmp_path / "images/image.bin").write_bytes(kernel_image(text_offset, size))
    compile_tree("tests/refuse/accepted-guest.dts", tmp_path)
    done = ptc_build(tmp_path, tmp_path / "images")
    if message:
        check_refused(done, tmp_path / "gen")
        assert re.search(message, done.stderr), done.stderr
    else:
        assert done.returncode == 0, done.stderr


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
