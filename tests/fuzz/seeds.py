# SPDX-License-Identifier: Apache-2.0
"""
Every table of the tree, and generated ones, as inputs of the fuzzer: OUT/<name> is the compiled tree, then, for
appliances and one case in eight, its lines. Tables that dtc refuses to parse are no inputs.

    seeds.py OUT
"""
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests/generate"))

from generate import Table  # noqa: E402

GENERATED = 30
FOLDERS = ["partitions", "tests/boot", "tests/bench", "tests/refuse", "tests/fuzz"]
CPP = ["cpp", "-nostdinc", "-undef", "-D__DTS__", "-x", "assembler-with-cpp", "-I", "platform", "-I", "partitions"]
DTC = ["dtc", "-q", "-f", "-I", "dts", "-o", "-"]


def tables():
    found = sorted(path for folder in FOLDERS for path in (TOP / folder).rglob("*.dts"))
    return [path.relative_to(TOP) for path in found]


def output(command, source=None):
    done = subprocess.run(command, cwd=TOP, input=source, capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else b""


def compile_table(table, with_lines):
    """Tree and lines, as mk/table.mk makes them; lines need a file, whose name is in them."""
    with tempfile.NamedTemporaryFile(suffix=".dts") as source:
        source.write(output([*CPP, table]))
        source.flush()
        tree = output([*DTC, "-O", "dtb", source.name])
        lines = output([*DTC, "-O", "dts", "--annotate", "--annotate", source.name]) if with_lines else b""
    return tree + lines if tree else b""


def write_table(out, table, idx):
    seed = compile_table(table, table.parts[1] != "refuse" or idx % 8 == 0)
    if seed:
        (out / "-".join(table.with_suffix("").parts[1:])).write_bytes(seed)
    return bool(seed)


def write_generated(out, number):
    with tempfile.TemporaryDirectory() as folder:
        Table(number).write(Path(folder))
        seed = compile_table(Path(folder) / "table.dts", False)
    (out / f"generated-{number}").write_bytes(seed)
    return bool(seed)


def main():
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(lambda pair: write_table(out, pair[1], pair[0]), enumerate(tables())))
        made += pool.map(lambda number: write_generated(out, number), range(1, GENERATED + 1))
    assert sum(made) > len(made) * 0.95, f"of {len(made)} tables, only {sum(made)} compile"


if __name__ == "__main__":
    main()
