# SPDX-License-Identifier: Apache-2.0
"""
Generated tables, each built as a user builds it (make TABLE=, all of it: link, FIT, report, audit):

    run.py OUT COUNT [FIRST]        seeds FIRST (1) to FIRST + COUNT - 1, in OUT, two at a time

The hypervisor is compiled once for each of the two. A table that fails is kept, and what make said of it is shown: an
error of ptc names the rule.
"""
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

from generate import Table

TOP = Path(__file__).resolve().parents[2]
WORKERS = 2
BRIDGES_AUDITED = True
RODATA_KIB = 64         # 32 functions and their fields are more than the default


def make(build, table, *targets):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(["make", "-j1", f"O={build}", f"TABLE={table}", *targets], cwd=TOP, env=environment,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False)


def configure(build):
    """Older than the Kconfig files: make completes it."""
    build.mkdir(parents=True, exist_ok=True)
    (build / ".config").write_text(f"CONFIG_RODATA_KIB={RODATA_KIB}\n")
    os.utime(build / ".config", (0, 0))


def summary(said):
    return "; ".join(line.split("(", 1)[-1].rstrip(")") for line in said.splitlines()
                     if line.split()[:1] in (["PTC"], ["AUDIT"]))


def build_one(out, folders, seed):
    """Whether it was built and is as declared."""
    folder, build = out / f"table-{seed}", folders.get()
    try:
        table = Table(seed)
        table.write(folder)
        audited = BRIDGES_AUDITED or not table.buses.bridges
        done = make(build, folder / "table.dts", *(["all"] if audited else ["size", f"{build}/appliance.itb"]))
    finally:
        folders.put(build)
    if done.returncode == 0 and ("AUDIT" in done.stdout or not audited):
        print(f"  TABLE   seed {seed}: {summary(done.stdout)}", flush=True)
        shutil.rmtree(folder)
        return True
    lines = [line for line in done.stdout.splitlines() if ": warning: " not in line]
    print(f"  TABLE   seed {seed} FAILED, {folder}/table.dts:\n" + "\n".join(lines[-25:]), flush=True)
    return False


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit("usage: run.py OUT COUNT [FIRST]")
    out, count = Path(sys.argv[1]).resolve(), int(sys.argv[2])
    first, begin, folders = int((sys.argv + ["1"])[3]), time.monotonic(), Queue()
    for worker in range(WORKERS):
        configure(out / f"build-{worker}")
        folders.put(out / f"build-{worker}")
    with ThreadPoolExecutor(WORKERS) as pool:
        good = list(pool.map(lambda seed: build_one(out, folders, seed), range(first, first + count)))
    print(f"  TABLES  {sum(good)} of {count} generated tables built and are as declared, "
          f"in {time.monotonic() - begin:.0f} s")
    sys.exit(not all(good))


if __name__ == "__main__":
    main()
