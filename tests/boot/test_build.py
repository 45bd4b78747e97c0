# SPDX-License-Identifier: Apache-2.0
"""What a person meets at the command line: the same bytes from anywhere, both compilers, clear refusals."""
import re
import shlex
import shutil
import subprocess

import pytest
from appliance import TOP, Appliance
from conftest import BUILD
from machine import Machine

OUTPUTS = ["mullion.bin", "mullion.elf", "appliance.itb", "table.dtb", "report.txt", "flash.img"]


def make(*words):
    return subprocess.run(["make", "-C", str(TOP), "--no-print-directory", *words], capture_output=True, text=True)


def test_same_input_same_bytes(bounded, tmp_path):
    other = Appliance(tmp_path / "elsewhere", "tests/boot/bounded/table.dts")
    for name in OUTPUTS:
        assert (bounded.build / name).read_bytes() == (other.build / name).read_bytes(), name


def test_clang_and_lld(tmp_path):
    appliance = Appliance(BUILD / "llvm", "tests/boot/bounded/table.dts", options=["LLVM=1"])
    with Machine(appliance, tmp_path) as machine:
        machine.go()
        assert machine.wait_exit() == 0
        assert "round 5: 5 good DMA round trips" in machine.console()


def test_cmdline_is_one_line(tmp_path):
    """From an empty folder: everything is built, and standard output has the command alone, quoted."""
    result = make(f"O={tmp_path}/build", "qemu-cmdline", "QEMU_EXTRA=-D '/tmp/a b.log'")
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("\n") == 1
    assert shlex.split(result.stdout)[-1] == "/tmp/a b.log"


def test_ready_made_image_is_a_prerequisite(tmp_path):
    folder = tmp_path / "mine"
    shutil.copytree(TOP / "tests" / "boot" / "bounded", folder, ignore=shutil.ignore_patterns("appliance.mk"))
    words = [f"O={tmp_path}/build", f"TABLE={folder}/table.dts", "all"]
    for size in (64, 128):
        (folder / "first-light.bin").write_bytes(b"\x00" * size)
        assert make(*words).returncode == 0
        assert f"{size:#x} bytes" in (tmp_path / "build" / "report.txt").read_text()
    (folder / "first-light.bin").unlink()
    assert "neither beside the table nor built from it" in make(*words).stderr


def test_menus_name_programs_that_exist(bounded):
    for target in ("menuconfig", "nconfig"):
        printed = make(f"O={bounded.build}", "-n", target).stdout
        program = re.search(r"kconfig-\w+", printed)[0]
        assert shutil.which(program), program


def test_configuration_and_goal_in_one_call(tmp_path):
    result = make(f"O={tmp_path}/build", "qemu-virt-arm64_selftest_defconfig", "all")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "hv/core/selftest.c" in result.stdout


def test_nothing_to_do_the_second_time(bounded):
    printed = bounded.make("all").splitlines()
    assert [line.split()[0] for line in printed] == ["SIZE", "STACK"]


def test_table_outside_the_tree(tmp_path):
    """The table and a ready-made image in a folder of their own."""
    folder = tmp_path / "mine"
    shutil.copytree(TOP / "tests" / "boot" / "bounded", folder, ignore=shutil.ignore_patterns("appliance.mk"))
    (folder / "first-light.bin").write_bytes(b"\x00" * 64)
    appliance = Appliance(tmp_path / "build", folder / "table.dts")
    assert "0x40 bytes" in appliance.report


@pytest.mark.parametrize("words, text", [
    (["CROSS_COMPILE=nowhere-", "all"], "nowhere-gcc is missing: run make deps"),
    (["HOSTCC=nowhere-cc", "all"], "nowhere-cc is missing: run make deps"),
    (["TABLE=nowhere.dts", "all"], "no partition table nowhere.dts"),
    (["no-such_defconfig"], "no configuration no-such_defconfig"),
    (["BOOT=floppy", "all"], "BOOT=floppy: it is u-boot or kernel"),
    (["O=/tmp/a b", "all"], "white space in O"),
    (["O=.", "clean"], "is the folder of the sources or above it"),
])
def test_refusals_of_make(tmp_path, words, text):
    result = make(f"O={tmp_path}/build", *words)
    assert result.returncode != 0
    assert text in result.stdout + result.stderr


def test_wrong_table_builds_nothing(tmp_path):
    folder = tmp_path / "wrong"
    shutil.copytree(TOP / "tests" / "boot" / "bounded", folder, ignore=shutil.ignore_patterns("appliance.mk"))
    with open(folder / "table.dts", "a") as table:
        table.write("&io { reg = <0x0 0x80200000 0x0 0x1000>; };\n")
    (folder / "first-light.bin").write_bytes(b"\x00" * 64)
    result = make(f"O={tmp_path}/build", f"TABLE={folder}/table.dts", "all")
    assert result.returncode != 0
    assert f"{folder}/table.dts:" in result.stderr and "overlaps" in result.stderr
    assert not (tmp_path / "build" / "mullion.elf").exists()


def test_text_over_its_budget_does_not_link(tmp_path):
    make(f"O={tmp_path}/build", "qemu-virt-arm64_first-light_defconfig")
    config = tmp_path / "build" / ".config"
    config.write_text(re.sub(r"CONFIG_TEXT_KIB=\d+", "CONFIG_TEXT_KIB=8", config.read_text()))
    result = make(f"O={tmp_path}/build", "all")
    assert result.returncode != 0
    assert "raise CONFIG_TEXT_KIB" in result.stdout + result.stderr
