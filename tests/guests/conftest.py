# SPDX-License-Identifier: Apache-2.0
"""One run of partitions/edge for each kernel of KERNELS, whose images are in the folder GUESTS."""
import os
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "boot"))

from edge import Edge       # noqa: E402: it needs the folder of the boot tests


@pytest.fixture(scope="session", params=os.environ.get("KERNELS", "6.1").split())
def run(request):
    build = Path(os.environ["BUILD"]).resolve() / request.param
    with Edge(build, request.param, Path(os.environ["GUESTS"]).resolve()) as edge:
        edge.run()
        yield edge
