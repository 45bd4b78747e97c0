# SPDX-License-Identifier: Apache-2.0
"""The same sources give the same bytes, whoever builds them, where and when (conftest.py)."""
import subprocess

import pytest

SHIPPED = {"mullion.elf", "mullion.bin", "appliance.itb", "flash.img", "table.dtb", "report.txt", "audit.json",
           "sbom.spdx.json", "pd/plc.bin", "pd/gateway.bin", "pd/rogue.bin"}


def difference(one, other):
    """The first byte that differs, or the length."""
    at = next((i for i, (a, b) in enumerate(zip(one, other)) if a != b), min(len(one), len(other)))
    return f"from byte {at:#x} on: {one[at - 40:at + 40]!r}, {other[at - 40:at + 40]!r}"


@pytest.mark.parametrize("kind, least", [("files", SHIPPED), ("signed", {*SHIPPED, "u-boot.dtb"}),
                                         ("llvm", {"mullion.elf"})])
def test_same_bytes(builds, kind, least):
    here, there = (getattr(build, kind) for build in builds)
    assert least <= here.keys() and here.keys() == there.keys()
    assert {name: difference(here[name], there[name]) for name in here if here[name] != there[name]} == {}


def test_signature_is_there_and_deterministic(builds):
    """RSA PKCS 1.5 has no random part: with the same key, the signed image is the same too."""
    here, there = builds
    assert here.files["appliance.itb"] != here.signed["appliance.itb"] == there.signed["appliance.itb"]


def test_no_folder_in_what_is_shipped(builds):
    for build in builds:
        for name, data in [*build.files.items(), *build.signed.items()]:
            for folder in (build.sources, build.out):
                assert str(folder).encode() not in data, f"{name} has {folder}"


def test_the_builds_were_not_alike(builds):
    """Else the comparison says nothing: each prints what it had around it."""
    said = [subprocess.run([*build.prefix, "sh", "-c", "date +%Y%m%d; date +%Z; umask"], env=build.environment,
                           umask=build.umask, capture_output=True, text=True).stdout.split() for build in builds]
    assert len(said[0]) == 3
    assert all(one != other for one, other in zip(*said)), said
