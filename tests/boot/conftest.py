# SPDX-License-Identifier: Apache-2.0
"""Appliances under test: each built once by each worker of pytest that needs it, below the folder that BUILD names."""
import os
from pathlib import Path

import pytest
from appliance import TOP, Appliance

BUILD = Path(os.environ.get("BUILD", TOP / "build" / "boot-tests"), os.environ.get("PYTEST_XDIST_WORKER", "")).resolve()


@pytest.fixture(scope="session")
def bounded():
    return Appliance(BUILD / "bounded", "tests/boot/bounded/table.dts")


@pytest.fixture(scope="session")
def appliance():
    return Appliance(BUILD / "appliance", "tests/boot/appliance/table.dts",
                     config="qemu-virt-arm64_appliance_defconfig")


@pytest.fixture(scope="session")
def selftest():
    return Appliance(BUILD / "selftest", "tests/boot/bounded/table.dts", config="qemu-virt-arm64_selftest_defconfig")
