# SPDX-License-Identifier: Apache-2.0
"""What report.txt says to people, by another program from another source, is what the audit found in the image."""
import json
import re

import pytest

PAGE = 0x1000
FUNCTION = re.compile(r"  function (\S+)  ")
REACHES = re.compile(r"    (?:reaches  |doorbell ) I/O (\w+)-(\w+) -> host (?:0x)?(\w+).*? ([r-][w-][x-])  ")
REGION = re.compile(r"  region    PD  (\w+)-(\w+) -> host (\w+)-\w+ (\S+)  ")


def pages(first, last, host, rights):
    first, last, host = (int(number, 16) for number in (first, last, host))
    return {(at, host + at - first, rights) for at in range(first, last + 1, PAGE)}


def said(text):
    """Pages that each function reaches, and each PD's RAM, as the report has them."""
    functions, pds, here = {}, {}, None
    for line in text.splitlines():
        if line.startswith("PD "):
            pds[line.split()[1]] = memory = set()
        elif found := FUNCTION.match(line):
            functions[found[1]] = here = set()
        elif found := REACHES.match(line):
            here |= pages(*found.groups())
        elif found := REGION.match(line):
            memory |= pages(*found.groups())
    return functions, pds


def audited(entries, memory="normal device"):
    return set().union(*(pages(one["from"], one["to"], one["host"], one["rights"]) for one in entries
                         if one["memory"].split()[0] in memory))


@pytest.mark.parametrize("name", ["rich", "appliance"])
def test_report_is_what_the_audit_found(builds, name):
    found = json.loads((builds[name] / "audit.json").read_text())
    functions, pds = said((builds[name] / "report.txt").read_text())
    assert functions == {bdf: audited(function["reaches"]) for bdf, function in found["functions"].items()}
    frames = {pd: {page for page in audited(reaches, "normal") - pds[pd]} for pd, reaches in found["pds"].items()}
    assert all(pds[pd] <= audited(reaches, "normal") for pd, reaches in found["pds"].items())
    # Beyond its RAM a PD has its MSI frame, read-only.
    assert all(len(frame) <= 1 and {rights for _, _, rights in frame} <= {"r--"} for frame in frames.values())
