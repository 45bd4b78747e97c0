# SPDX-License-Identifier: Apache-2.0
"""The boot tests' modules, and el2count.so in the folder that the environment names."""
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "boot"))
