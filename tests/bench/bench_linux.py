# SPDX-License-Identifier: Apache-2.0
"""Stock Linux bare and in a PD, and what a controller's CPU pays beside it: make bench-linux."""
import argparse
import os
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path += [str(TOP / "tests" / "boot"), str(TOP / "tests" / "guests")]

import linux_exits      # noqa: E402: found by the line above
import linux_speed      # noqa: E402
from bench import BUILD     # noqa: E402


def sections(guests, kernel):
    built = linux_speed.appliance(BUILD / "linux", guests, kernel)
    yield linux_speed.table(linux_speed.measure(linux_speed.command_lines(built, guests, kernel)))
    yield linux_exits.table(linux_exits.measure(BUILD / "linux-exits", guests, kernel))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kernel", required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    with open(options.out, "w") as out:
        for lines in sections(Path(os.environ["GUESTS"]), options.kernel):
            text = "\n".join(lines) + "\n"
            out.write(text)
            print(text, end="", flush=True)


if __name__ == "__main__":
    main()
