# SPDX-License-Identifier: Apache-2.0
"""Appliances under audit, each built once, in the folder that the environment names."""
import os
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("BUILD", TOP / "build" / "audit-tests")).resolve()
TABLES = {"appliance": "partitions/appliance/table.dts", "rich": "tests/audit/rich/table.dts"}


class Builds(dict):
    def __missing__(self, name):
        folder = BUILD / name
        words = ["make", "-C", str(TOP), "--no-print-directory", f"O={folder}", f"TABLE={TABLES[name]}"]
        for goal in ("qemu-virt-arm64_appliance_defconfig", "all"):
            result = subprocess.run([*words, goal], capture_output=True, text=True)
            assert result.returncode == 0, result.stdout + result.stderr
        self[name] = folder
        return folder


@pytest.fixture(scope="session")
def builds():
    return Builds()
