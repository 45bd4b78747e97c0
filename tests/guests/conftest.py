# SPDX-License-Identifier: Apache-2.0
"""
Two runs of partitions/edge for each kernel of KERNELS, whose images are in the folder GUESTS: as it is, and with a
window as small as it may be.
"""
import os
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "boot"))

from edge import SMALL_WINDOW_MIB, WINDOW_MIB, Edge       # noqa: E402: it needs the folder of the boot tests

RUNS = [(kernel, mib) for kernel in os.environ.get("KERNELS", "6.1").split() for mib in (WINDOW_MIB, SMALL_WINDOW_MIB)]


@pytest.fixture(scope="session", params=RUNS, ids=[f"{kernel}-{mib}MiB" for kernel, mib in RUNS])
def run(request):
    kernel, mib = request.param
    build = Path(os.environ["BUILD"]).resolve() / f"{kernel}-{mib}"
    with Edge(build, kernel, Path(os.environ["GUESTS"]).resolve(), mib) as edge:
        edge.run()
        yield edge
