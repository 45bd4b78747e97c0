#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""cppcheck with its MISRA C:2012 add-on and clang-tidy, against docs/deviations.md.

Fails on a finding that no deviation covers, and on a deviation that covers
nothing, or not what it says: the list is what is there. `--list` prints what
the tools find. Works on the sources below the current folder.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

DEVIATIONS = Path("docs/deviations.md")
INCLUDES = ["-Ihv/include", "-Ihv/arch/arm64/include"]
CPPCHECK = ["cppcheck", "--quiet", "--std=c11", "--platform=unix64", "--addon=misra", "--inline-suppr",
            "--enable=style,warning,performance,portability", "--suppress=missingIncludeSystem", "-U__ASSEMBLER__",
            "--template={file}:{line}: {id}: {message}", *INCLUDES]
CHECKS = ["-*", "bugprone-*", "cert-*", "clang-analyzer-*", "misc-*", "performance-*", "portability-*",
          "readability-duplicate-include", "readability-inconsistent-declaration-parameter-name",
          "readability-misleading-indentation", "readability-misplaced-array-index", "readability-non-const-parameter",
          "readability-redundant-*"]
# The analyser gives up on a function after a third of its usual steps: half the time, and it finds the same here.
ANALYSER = ["-Xclang", "-analyzer-config", "-Xclang", "max-nodes=75000"]
TIDY = {    # folder: flags
    "hv": ["--target=aarch64-linux-gnu", "-ffreestanding", "-mgeneral-regs-only", "-DCONFIG_SELFTEST=1", *INCLUDES],
    "partitions/ptc": ["-D_XOPEN_SOURCE=700", *INCLUDES, "-Ihv/drivers/iommu", "-Ipartitions/bindings",
                       "-Ipartitions/ptc"],
}
# From these MISRA C:2012 permits no deviation (with its amendment 1).
MANDATORY = {f"MISRA {rule}" for rule in "9.1 12.5 13.6 17.3 17.4 17.6 19.1 21.13 21.17 21.18 21.19 21.20 "
             "22.2 22.4 22.5 22.6".split()}
FINDING = re.compile(r"([^\s:]+):(\d+):(?:\d+:)? (.*)")
TIDY_KIND = re.compile(r"(?:warning|error): .*\[([\w.-]+)(?:,[\w.,-]+)?\]$")


class Bad(Exception):
    pass


def findings(text, kind_of):
    """{(rule, file, line)}: once each, from however many sources a header has it."""
    for line in text.splitlines():
        match = FINDING.fullmatch(line.replace(f"{Path.cwd()}/", ""))
        kind = match and kind_of(match[3])
        if kind:
            yield kind, match[1], int(match[2])


def cppcheck(config):
    """On a copy: it writes what it passes to the add-on beside each source, and two of it would meet there."""
    shutil.copytree("hv", Path(config) / "hv")
    done = subprocess.run([*CPPCHECK, f"-I{config}", "hv"], cwd=config, capture_output=True, text=True)
    if done.returncode:
        raise Bad(f"cppcheck: {done.stderr or done.stdout}")
    return set(findings(done.stderr, lambda rest: re.sub(r"^misra-c2012-", "MISRA ", rest.split(":")[0])))


def tidy(source, flags):
    done = subprocess.run(["clang-tidy", "--quiet", f"--checks={','.join(CHECKS)}", "--header-filter=.*", source,
                           "--", "-std=c11", "-Wall", "-Wextra", "-Wconversion", *ANALYSER, *flags],
                          capture_output=True, text=True)
    found = set(findings(done.stdout, lambda rest: (TIDY_KIND.match(rest) or [None, None])[1]))
    if done.returncode and not found:
        raise Bad(f"clang-tidy {source}: {done.stderr}")
    return found


def found_by_tools():
    with tempfile.TemporaryDirectory() as config, ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        (Path(config) / "generated").mkdir()
        # Empty: cppcheck takes no configured symbol, and sees both sides of each IS_ENABLED() all the same.
        (Path(config) / "generated/config.h").touch()
        jobs = [pool.submit(cppcheck, config)]
        jobs += [pool.submit(tidy, str(source), [*flags, f"-I{config}"]) for folder, flags in TIDY.items()
                 for source in sorted(Path(folder).rglob("*.c"))]
        return set().union(*(job.result() for job in jobs))


def places_of(text, where):
    """{file or folder: how many are there, or None}"""
    places = {}
    for place in text.split(","):
        match = re.fullmatch(r"`?([^\s`]+)`?(?: \((\d+)\))?", place.strip())
        if not match or not Path(match[1]).exists():
            raise Bad(f"{where}: no such file or folder: {place.strip()}")
        places[match[1]] = match[2] and int(match[2])
    return places


def deviations():
    """[(number, [rule], places)] from the tables' rows | D-1 | rule, ... | place (count), ... | reason |."""
    rows = []
    for at, line in enumerate(DEVIATIONS.read_text().splitlines(), 1):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not cells[0].startswith("D-"):
            continue
        where = f"{DEVIATIONS}:{at}: {cells[0]}"
        if len(cells) != 4 or not all(cells):
            raise Bad(f"{where}: needed are number, rule, where, reason")
        if cells[0] != f"D-{len(rows) + 1}":
            raise Bad(f"{where}: the next number is D-{len(rows) + 1}")
        rules = [rule.strip(" `") for rule in cells[1].split(",")]
        if MANDATORY & set(rules):
            raise Bad(f"{where}: mandatory, no deviation is possible: {', '.join(sorted(MANDATORY & set(rules)))}")
        rows.append((cells[0], rules, places_of(cells[2], where)))
    return rows


def compare(found, rows):
    """A line for each difference."""
    left, wrong = set(found), []
    for number, rule, place, count in [(number, rule, place, count) for number, rules, places in rows
                                       for rule in rules for place, count in places.items()]:
        hits = {item for item in left if item[0] == rule and Path(place) in (Path(item[1]), *Path(item[1]).parents)}
        left -= hits
        if not hits:
            wrong.append(f"{number}: {rule} is not found in {place} (any more): take it out of {DEVIATIONS}")
        elif count is not None and len(hits) != count:
            lines = " ".join(f"{file}:{line}" for _, file, line in sorted(hits))
            wrong.append(f"{number}: {rule} in {place}: listed are {count}, found {len(hits)}: {lines}")
    return wrong + [f"{file}:{line}: {rule}: not covered by {DEVIATIONS}" for rule, file, line in sorted(left)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--list", action="store_true", help="print what the tools find, and compare nothing")
    args = parser.parse_args()
    try:
        rows = [] if args.list else deviations()        # its mistakes first: the tools take a while
        found = found_by_tools()
    except Bad as bad:
        sys.exit(f"findings: {bad}")
    if args.list:
        print("\n".join(f"{file}:{line}: {rule}" for rule, file, line in sorted(found)))
        return
    wrong = compare(found, rows)
    if wrong:
        sys.exit("\n".join(f"findings: {line}" for line in wrong))
    print(f"  FINDINGS {len(found)} of cppcheck, its MISRA add-on and clang-tidy; {len(rows)} deviations cover them")


if __name__ == "__main__":
    main()
